"""The words of what is remembered, in SQLite's FTS5: an index for each collection of a project, whose ranking no other's words touch.

``bm25``, ``MATCH`` and the making of its tables are SQLite's own words.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, TableClause, column, delete, func, insert, literal_column, select, table

from autopack.core.words import stems

_HASHED: Final = 12
_WORDS_ASKED: Final = 64


class WordIndex(NamedTuple):
    """``words`` holds a row of words for each remembered one, by its id; ``terms`` says in how many of them a word stands."""

    words: TableClause
    terms: TableClause

    @classmethod
    def of(cls, project: str, collection: str) -> "WordIndex":
        name = hashlib.sha256(f"{project}\0{collection}".encode("utf-8", "surrogatepass")).hexdigest()[:_HASHED]
        return cls(
            table(f"memory_words_{name}", column("rowid"), column("words")), table(f"memory_terms_{name}", column("term"), column("doc"))
        )

    def make(self, connection: Connection) -> None:
        """Where it is not there yet."""
        words, terms = self.words.name, self.terms.name
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS {words} USING fts5(words, tokenize = \"unicode61 tokenchars '_'\")")
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS {terms} USING fts5vocab({words}, row)")

    def add(self, connection: Connection, texts: Mapping[int, str]) -> None:
        """Texts by the ids of their rows."""
        rows = [{"rowid": row_id, "words": " ".join(stems(text))} for row_id, text in texts.items()]
        connection.execute(insert(self.words), rows)

    def remove(self, connection: Connection, row_ids: Iterable[int]) -> None:
        connection.execute(delete(self.words).where(self.words.c.rowid.in_(tuple(row_ids))))

    def matches(self, words: Iterable[str]) -> ColumnElement[Any]:
        """Rows that hold one of them."""
        asked = " OR ".join(f'"{word}"' for word in tuple(words)[:_WORDS_ASKED])
        return literal_column(self.words.name).op("MATCH")(asked)

    @property
    def rank(self) -> ColumnElement[Any]:
        """The better, the lower."""
        return func.bm25(literal_column(self.words.name))

    def frequencies(self, connection: Connection, words: Sequence[str]) -> dict[str, int]:
        """In how many rows each of those words stands that stand in any."""
        found = connection.execute(select(self.terms.c.term, self.terms.c.doc).where(self.terms.c.term.in_(words)))
        return {row.term: row.doc for row in found}
