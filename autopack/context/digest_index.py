"""Digests by blob: what was derived of a file once is read from the state, whichever commit the file stands in."""

import json
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from autopack.context.blocks import Block
from autopack.context.digest import Digest, Splitter, digest_of
from autopack.context.drafts import Draft
from autopack.context.parsed_symbols import has_grammar
from autopack.context.tree import TreeReader
from autopack.core.redaction import Redactor

_FORM: Final = "1"
"""Another number where the same lines give other digests than before."""

_FASTEST: Final = 1


class DigestStore(Protocol):
    """Where digests are kept; ``store.digests`` has it."""

    def find(self, keys: Sequence[str], /) -> Mapping[str, bytes]: ...

    def keep(self, made: Iterable[tuple[str, bytes]], /) -> None: ...


def digests_of(drafts: Sequence[Draft], tree: TreeReader, redactor: Redactor, store: DigestStore | None = None) -> dict[str, Digest]:
    """By path. The same with a store and without one; without, each is derived anew."""
    keys = {draft.file.path: _key(draft.file.path, tree) for draft in drafts}
    known = store.find(tuple(keys.values())) if store else {}
    split = Splitter()
    found: dict[str, Digest] = {}
    fresh: dict[str, Digest] = {}
    for draft in drafts:
        path = draft.file.path
        if data := known.get(keys[path]):
            found[path] = _decoded(data)
        else:
            found[path] = digest_of(path, _lines(draft, redactor), split)
            fresh[keys[path]] = found[path]
    if store and fresh:
        store.keep((key, _encoded(digest)) for key, digest in fresh.items())
    return found


def _key(path: str, tree: TreeReader) -> str:
    """The blob, and what else decides over its digest: the language, and what parses it."""
    extension = path.rpartition("/")[2].rpartition(".")[2].lower()
    parser = "".join(map(str, sys.version_info[:2])) if extension in ("py", "pyi") else "tree" if has_grammar(extension) else ""
    return f"{_FORM}:{tree.entries[path].oid}:{extension}:{parser}"


def _lines(draft: Draft, redactor: Redactor) -> Sequence[str]:
    """No secret becomes a word that is kept."""
    text = redactor.redact(draft.text)
    return draft.lines if text == draft.text else text.removesuffix("\n").split("\n")


def _encoded(digest: Digest) -> bytes:
    return zlib.compress(json.dumps(digest, separators=(",", ":")).encode(), _FASTEST)


def _decoded(data: bytes) -> Digest:
    blocks, lengths, words, mentions = json.loads(zlib.decompress(data))
    return Digest(tuple(Block(first, last, tuple(names)) for first, last, names in blocks), lengths, words, mentions)
