"""Rows of what outlives a run: what is remembered, what went wrong, what was learned of it, and which tests come and go."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from autopack.store.tables import share_types


class MemoryRow(SQLModel, table=True):
    """What is remembered of a project; the words that it is found by stand in an index of the project's collection (``memory_index``)."""

    __tablename__ = "memory"
    __table_args__ = (UniqueConstraint("project", "collection", "source"), Index("memory_by_phase", "run_id", "phase_id"))
    id: int | None = Field(default=None, primary_key=True)
    project: str
    collection: str
    source: str
    run_id: str
    phase_id: str
    blob: str
    is_solved: bool
    cue: str
    text: str
    at: float


class MemoryVectorRow(SQLModel, table=True):
    """What an embedding model made of an entry: 32-bit floats of length one. It goes with its entry, and with another model."""

    __tablename__ = "memory_vector"
    memory_id: int = Field(sa_column=Column(ForeignKey("memory.id", ondelete="CASCADE"), primary_key=True))
    model: str
    vector: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DigestRow(SQLModel, table=True):
    """What was derived of a blob; ``key`` names the blob and the form."""

    __tablename__ = "digest"
    key: str = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ErrorRow(SQLModel, table=True):
    """A report of what went wrong in a run; its two files are called ``name``."""

    __tablename__ = "error"
    run_id: str = Field(primary_key=True, foreign_key="run.run_id")
    number: int = Field(primary_key=True)
    name: str
    report_json: str


class RuleRow(SQLModel, table=True):
    """A rule of a project; what became of it are its notes."""

    __tablename__ = "rule"
    __table_args__ = (UniqueConstraint("project", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    project: str
    name: str
    kind: str
    category: str
    paths_json: str
    failure: str
    text: str
    origin: str
    source: str
    at: float


class RuleNoteRow(SQLModel, table=True):
    """What became of a rule: an attempt learned it, or was shown it in vain; a person promoted or deprecated it."""

    __tablename__ = "rule_note"
    id: int | None = Field(default=None, primary_key=True)
    rule_id: int = Field(foreign_key="rule.id")
    what: str
    run_id: str
    phase_id: str
    attempt: int
    at: float


class FlakyRow(SQLModel, table=True):
    """A test that failed and passed on one tree, each time it was seen."""

    __tablename__ = "flaky"
    id: int | None = Field(default=None, primary_key=True)
    project: str
    test: str
    run_id: str
    phase_id: str
    attempt: int
    at: float


share_types(SQLModel.metadata)
