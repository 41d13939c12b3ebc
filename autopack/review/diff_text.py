"""A diff as the auditor reads it: whole where it fits, else each file cut to a fair share, and every cut said."""

import re
from dataclasses import dataclass
from typing import Final

from autopack.context.allot import allot
from autopack.core.tool_made import is_tool_made

_HEAD: Final = re.compile(r"^diff --git .*$", re.MULTILINE)
_NEW_NAME: Final = re.compile(r'^\+\+\+ "?b/(.*?)"?\t?$', re.MULTILINE)
_OLD_NAME: Final = re.compile(r'^--- "?a/(.*?)"?\t?$', re.MULTILINE)
_BARE_NAME: Final = re.compile(r'diff --git "?a/.*?"? "?b/(.*?)"?$', re.MULTILINE)
_BLOB_IDS: Final = re.compile(r"^index [0-9a-f]+\.\.[0-9a-f]+(?: \d+)?\n", re.MULTILINE)
_SAID_TWICE: Final = re.compile(r"^diff --git .*\n(?=--- )")
_SMALLEST_SHARE: Final = 200


@dataclass(frozen=True)
class FileDiff:
    path: str
    text: str


def bounded_diff(diff: str, characters: int) -> str:
    """The diff in at most about so many characters, without what says nothing; lock files and the like are only counted."""
    files = [_summary(file) if is_tool_made(file.path) else _lean(file) for file in split_diff(_BLOB_IDS.sub("", diff))]
    shares = allot([len(file.text) for file in files], characters)
    kept = [(file, share) for file, share in zip(files, shares, strict=True) if share >= min(len(file.text), _SMALLEST_SHARE)]
    text = "".join(_cut(file, share) for file, share in kept)
    left_out = len(files) - len(kept)
    return text + (f"[The diffs of {left_out:,} more files do not fit and are not shown.]\n" if left_out else "")


def split_diff(diff: str) -> list[FileDiff]:
    """A diff of git's by files; one without heads is that of one file without a name."""
    starts = [match.start() for match in _HEAD.finditer(diff)]
    if not starts:
        return [FileDiff("", diff)] if diff else []
    return [_file_diff(diff[start:end]) for start, end in zip(starts, [*starts[1:], len(diff)], strict=True)]


def _file_diff(text: str) -> FileDiff:
    head = text.partition("\n@@")[0]
    name = _NEW_NAME.search(head) or _OLD_NAME.search(head) or _BARE_NAME.search(head)
    return FileDiff(name[1] if name else "", text)


def _lean(file: FileDiff) -> FileDiff:
    """Without git's own head where the names of both files stand below it."""
    return FileDiff(file.path, _SAID_TWICE.sub("", file.text))


def _summary(file: FileDiff) -> FileDiff:
    lines = file.text.split("\n")
    added = sum(line.startswith("+") and not line.startswith("+++ ") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("--- ") for line in lines)
    return FileDiff(file.path, f"{lines[0]}\n[{file.path} is written by a tool: +{added:,} -{removed:,} lines, not shown]\n")


def _cut(file: FileDiff, characters: int) -> str:
    text = file.text if file.text.endswith("\n") else file.text + "\n"
    if len(file.text) <= characters:
        return text
    kept = text[:characters].rpartition("\n")[0] + "\n"
    return f"{kept}[Cut here: {text.count(chr(10)) - kept.count(chr(10)):,} more lines of the diff of {file.path} are not shown]\n"
