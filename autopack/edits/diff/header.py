"""What stands above the hunks of one file: names, modes, and what is to become of the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused

NO_FILE: Final = "/dev/null"
NAME_CHARACTERS_MAX: Final = 5000
_TIME: Final = re.compile(r"\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*$")
_ESCAPE: Final = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_ESCAPES: Final = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r", b'"': b'"', b"\\": b"\\"}


@dataclass
class Header:
    """The header as written, gathered line by line; ``None`` for what it does not say."""

    index: str | None = None  # of an ``Index:`` line
    git: str | None = None
    old: str | None = None
    new: str | None = None
    rename_from: str | None = None
    rename_to: str | None = None
    created_mode: str | None = None
    deleted_mode: str | None = None
    changed_mode: str | None = None
    forbidden: str | None = None

    @property
    def is_empty(self) -> bool:
        return self == Header()


@dataclass(frozen=True)
class Names:
    """The names of a header, agreed: ``old`` is ``None`` for a new file, ``new`` for one that goes away; both for bare hunks."""

    old: str | None
    new: str | None
    is_rename: bool = False


_MODES: Final = {
    "new file mode ": "created_mode",
    "deleted file mode ": "deleted_mode",
    "old mode ": None,
    "new mode ": "changed_mode",
    "similarity index ": None,
    "dissimilarity index ": None,
    "rename from ": "rename_from",
    "rename to ": "rename_to",
    "copy from ": "forbidden",
    "copy to ": "forbidden",
    "GIT binary patch": "forbidden",
    "Binary files ": "forbidden",
    "index ": "index",
}


def take_extended(header: Header, line: str) -> bool:
    """Takes a line that git writes between ``diff --git`` and ``---``; says whether it was one."""
    for prefix, name in _MODES.items():
        if line.startswith(prefix):
            value = line[len(prefix) :].strip()
            if name == "index":
                mode = re.search(r" (\d{6})$", line)
                header.forbidden = line if mode and not mode[1].startswith("100") else header.forbidden
            elif name == "forbidden":
                header.forbidden = line
            elif name is not None:
                setattr(header, name, value)
            return True
    return False


def agreed_names(header: Header) -> Names:
    """Gives the one old and the one new name that all lines of the header agree on.

    Raises:
        EditRefused: they disagree, or the header asks for a copy, a link, a binary patch or another mode than a file's.
    """
    if header.forbidden is not None:
        raise EditRefused(
            RefusalCode.DIFF_KIND,
            f"The diff holds `{header.forbidden[:80]}`; only text changes of regular files are taken, no copies, links or binaries.",
        )
    for mode in (header.created_mode, header.deleted_mode, header.changed_mode):
        if mode not in (None, "100644", "100755"):
            raise EditRefused(RefusalCode.DIFF_KIND, f"The diff gives the file mode {mode}; only 100644 and 100755 are taken.")
    olds, news = _name_sets(header)
    if len(olds) > 1 or len(news) > 1:
        names = sorted(olds if len(olds) > 1 else news)
        raise EditRefused(
            RefusalCode.DIFF_NAMES, f"The header lines of the diff disagree about the file's name: {_shown(names)}; use one name."
        )
    old, new = next(iter(olds), None), next(iter(news), None)
    index = _name(header.index)
    if index and not old and not new:
        return Names(index, index)
    if index and not {index, index.removeprefix("a/"), index.removeprefix("b/")} & {old, new}:
        raise EditRefused(
            RefusalCode.DIFF_NAMES,
            f"The line `Index:` and the header below it disagree about the file: {_shown([index, str(new or old)])}; use one.",
        )
    return _checked(header, old if old is not None else new, new if new is not None else old)


def _checked(header: Header, old: str | None, new: str | None) -> Names:
    is_rename = header.rename_from is not None or header.rename_to is not None
    is_new = old == NO_FILE or header.created_mode is not None
    is_gone = new == NO_FILE or header.deleted_mode is not None
    if is_rename and (is_new or is_gone or header.rename_from is None or header.rename_to is None or old == new):
        raise EditRefused(
            RefusalCode.DIFF_NAMES,
            "The diff renames a file and says something else about it too; write `rename from` and `rename to` only.",
        )
    if is_new and is_gone:
        raise EditRefused(RefusalCode.DIFF_NAMES, "The diff says both that the file is new and that it goes away.")
    if (is_new and _name(header.old) not in (None, NO_FILE)) or (is_gone and _name(header.new) not in (None, NO_FILE)):
        raise EditRefused(
            RefusalCode.DIFF_NAMES, "The diff gives a new or deleted file mode, but its `---` and `+++` lines do not name /dev/null."
        )
    if not (is_rename or is_new or is_gone) and old != new:
        raise EditRefused(
            RefusalCode.DIFF_NAMES,
            f"The diff is for {_shown([str(old), str(new)])}: two names without `rename from` and `rename to`; use one.",
        )
    return Names(None if is_new else old, None if is_gone else new, is_rename)


def _name_sets(header: Header) -> tuple[set[str], set[str]]:
    old, new = _without_prefixes(_name(header.old), _name(header.new))
    git_old, git_new = _git_names(header.git)
    is_new = header.created_mode is not None or old == NO_FILE
    is_gone = header.deleted_mode is not None or new == NO_FILE
    olds = {NO_FILE if is_new else git_old, old, _name(header.rename_from)}
    news = {NO_FILE if is_gone else git_new, new, _name(header.rename_to)}
    if is_new:
        news.add(git_old)
    if is_gone:
        olds.add(git_new)
    return {name for name in olds if name}, {name for name in news if name}


def _without_prefixes(old: str | None, new: str | None) -> tuple[str | None, str | None]:
    """Takes ``a/`` and ``b/`` away where both sides have them, or the other side is no file or the same name without it."""
    old_is_bare = old is None or old == NO_FILE
    new_is_bare = new is None or new == NO_FILE
    strip_old = old is not None and old.startswith("a/") and (new_is_bare or new == old[2:] or str(new).startswith("b/"))
    strip_new = new is not None and new.startswith("b/") and (old_is_bare or old == new[2:] or str(old).startswith("a/"))
    return old[2:] if strip_old and old else old, new[2:] if strip_new and new else new


def _git_names(rest: str | None) -> tuple[str | None, str | None]:
    """The two names of a ``diff --git`` line, which has no mark between them: equal ones, else those with ``a/`` and ``b/``."""
    if rest is None:
        return None, None
    found: tuple[str, str] | None = None
    _judge_carriage_return(rest)
    rest = rest[: 2 * NAME_CHARACTERS_MAX]
    for at in [at for at, character in enumerate(rest) if character == " "][:200]:
        written = _name(rest[:at]), _name(rest[at + 1 :])
        old, new = _without_prefixes(*written)
        if not old or not new:
            continue
        if old == new:
            return old, new
        if (old, new) != written:
            found = old, new
    if found is None:
        raise EditRefused(
            RefusalCode.DIFF_NAMES, f"The line `diff --git {rest[:120]}` does not name one file twice; write `diff --git a/PATH b/PATH`."
        )
    return found


def _name(raw: str | None) -> str | None:
    """A name as written in a header: without time stamp, quotes and a leading ``./``."""
    if raw is None:
        return None
    if len(raw) > NAME_CHARACTERS_MAX:
        raise EditRefused(RefusalCode.DIFF_NAMES, f"The diff has a name of {len(raw)} characters; write paths of at most 1024 bytes.")
    raw = raw.removesuffix("\r")
    _judge_carriage_return(raw)
    name = _TIME.sub("", raw.split("\t")[0].rstrip()) if not raw.startswith('"') else _unquoted(raw)
    while name.startswith("./"):
        name = name[2:]
    return name


def _judge_carriage_return(raw: str) -> None:
    if "\r" in raw:
        raise EditRefused(RefusalCode.DIFF_NAMES, f"The name {raw[:120]!r} in the diff holds a carriage return; write the name alone.")


def _unquoted(raw: str) -> str:
    end = raw.rfind('"')
    quoted = raw[1:end].encode("utf-8", "surrogatepass")
    data = _ESCAPE.sub(lambda match: bytes([int(match[1], 8) & 255]) if match[1].isdigit() else _ESCAPES[match[1]], quoted)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EditRefused(
            RefusalCode.DIFF_NAMES, f"The quoted name {raw[:120]} in the diff is not UTF-8; write the name without quotes."
        ) from error


def _shown(names: Sequence[str]) -> str:
    return " and ".join(repr(name[:200]) for name in names)
