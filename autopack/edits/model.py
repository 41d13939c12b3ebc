"""What a reply asks for (EditSet) and what was granted of it (AcceptedEdits)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from autopack.core.refusal import RefusalCode

BlockedKind = Literal["needs_context", "needs_scope", "needs_dependency", "contradiction", "question"]


class EditRefused(Exception):  # noqa: N818 - a public name of the contract
    """A reply was refused as a whole; nothing was changed.

    Args:
        code: the kind of refusal.
        message: one sentence a model can act on: what, where, and what stands there really.
        path: the file the refusal is about, where there is one.
    """

    def __init__(self, code: RefusalCode, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


@dataclass(frozen=True)
class Operation:
    """One structured edit; lines are 1-based, inclusive and count in the file as it was shown."""

    type: Literal["insert", "replace", "delete", "append", "prepend"]
    content: str | None = None
    line: int | None = None
    start_line: int | None = None
    end_line: int | None = None
    context_before: str | None = None
    context_after: str | None = None


@dataclass(frozen=True)
class Create:
    path: str
    content: str
    executable: bool | None = None  # only a diff can say so, by its mode


@dataclass(frozen=True)
class Replace:
    path: str
    content: str


@dataclass(frozen=True)
class Patch:
    path: str
    diff: str
    executable: bool | None = None  # None leaves the mode; only a diff of several files can change it


@dataclass(frozen=True)
class Edit:
    path: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Delete:
    path: str
    diff: str = ""  # the hunks of a diff that deletes: they have to remove the whole text that stands there


@dataclass(frozen=True)
class Rename:
    path: str
    to: str
    diff: str = ""  # the hunks of a diff that renames and changes


@dataclass(frozen=True)
class Take:
    """The file as it stands in the builder's scratch copy; ``edits.take`` gives it its content."""

    path: str


@dataclass(frozen=True)
class Taken:
    """The new text of a file that exists, as it came out of a scratch copy: not a character of it is ours."""

    path: str
    content: str


FileEdit = Create | Replace | Patch | Edit | Delete | Rename | Take | Taken


@dataclass(frozen=True)
class Blocked:
    kind: BlockedKind
    message: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class EditSet:
    """A reply that has the shape of the contract; nothing in it has been judged against files yet."""

    summary: str
    files: tuple[FileEdit, ...]
    blocked: Blocked | None = None

    @property
    def touched(self) -> tuple[str, ...]:
        """Every path that is named, the targets of renames among them."""
        return tuple(dict.fromkeys(path for file in self.files for path in (file.path, file.to if isinstance(file, Rename) else file.path)))


@dataclass(frozen=True)
class AcceptedEdits:
    """The whole effect of a reply on the base tree.

    ``after`` maps each touched path to its new text, ``None`` where the file goes away. Texts keep the file's own
    line ends and byte-order mark. ``before`` holds the base text of each touched path, ``None`` where it is new.
    ``renames`` maps a new path to the old one, so that the file mode travels along; ``executable`` holds the paths whose
    mode the reply itself sets.
    """

    after: Mapping[str, str | None]
    before: Mapping[str, str | None]
    summary: str = ""
    renames: Mapping[str, str] = field(default_factory=dict)
    executable: Mapping[str, bool] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.after))

    @property
    def is_empty(self) -> bool:
        return not self.executable and all(self.before.get(path) == text for path, text in self.after.items())
