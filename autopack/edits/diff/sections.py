"""Splits a diff, perhaps with prose and fences round it, into the parts that are about one file each."""

from dataclasses import dataclass, field
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.diff.cut import judge_end
from autopack.edits.diff.header import Header, take_extended
from autopack.edits.diff.hunk import Hunk
from autopack.edits.diff.hunk_reader import bare_name, is_hunk_header, read_hunk
from autopack.edits.lines import BOM
from autopack.edits.model import EditRefused

HUNKS_MAX: Final = 2000
DIFF_CHARACTERS_MAX: Final = 8 * 1024 * 1024
_OPENING_FENCES: Final = ("```", "~~~")


@dataclass
class Section:
    """The part of a diff that is about one file; ``text`` holds the hunks as they were written."""

    header: Header = field(default_factory=Header)
    hunks: list[Hunk] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def read_sections(diff: str, *, may_be_cut: bool) -> list[Section]:
    """Splits a diff into its files. Prose and fences round them are passed over.

    Raises:
        EditRefused: code ``cut`` where the text ends inside a hunk (only looked for when it ``may_be_cut``), or ``too_many``.
    """
    if len(diff) > DIFF_CHARACTERS_MAX:
        raise EditRefused(
            RefusalCode.TOO_LARGE, f"The diff has {len(diff):,} characters; at most {DIFF_CHARACTERS_MAX:,} are taken. Change less at once."
        )
    lines = _lines(diff)
    is_whole = lines[-1] == ""
    if is_whole:
        lines.pop()
    reader = _Reader(lines)
    reader.read()
    if may_be_cut and reader.sections:
        judge_end(lines, reader.sections[-1].hunks[-1:], is_whole=is_whole, is_fenced=reader.fence is not None)
    return reader.sections


def _lines(diff: str) -> list[str]:
    """The lines; where the hunk headers end in a carriage return, the transport put one on every line, and it is taken away."""
    lines = diff.removeprefix(BOM).split("\n")
    if any(line.endswith("\r") for line in lines if is_hunk_header(line)):
        lines = [line.removesuffix("\r") for line in lines]
    return lines


class _Reader:
    """Goes through the lines once; ``current`` is the section that hunks belong to, if a header was seen since the last fence."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.sections: list[Section] = []
        self.fence: str | None = None
        self._current: Section | None = None
        self._index: str | None = None
        self._hunks = 0
        self._is_in_git_header = False

    def read(self) -> None:
        at = 0
        while at < len(self.lines):
            at = self._step(at)

    def _step(self, at: int) -> int:
        line = self.lines[at]
        if line.startswith("diff --git "):
            self._begin(Header(git=line[len("diff --git ") :].strip()))
            self._is_in_git_header = True
            return at + 1
        if line.startswith("Index: "):
            return self._take_index(at)
        if line.startswith(("--- ", "+++ ")) and (taken := self._take_names(at)):
            return at + taken
        if is_hunk_header(line):
            return self._take_hunk(at)
        if self._is_in_git_header and self._current is not None and take_extended(self._current.header, line):
            return at + 1
        if line.startswith(_OPENING_FENCES):
            self._cross_fence(line)
        if line:
            self._is_in_git_header = False
        return at + 1

    def _take_index(self, at: int) -> int:
        """The name that Subversion and others write above a file's header; below ``diff --git`` it is one more name of that file."""
        self._index = self.lines[at][len("Index: ") :].strip(" ")
        if self._is_in_git_header and self._current is not None:
            self._current.header.index, self._index = self._index, None
        else:
            self._current = None
        return at + 1

    def _begin(self, header: Header) -> Section:
        header.index, self._index = self._index, None
        self._current = Section(header)
        self.sections.append(self._current)
        self._is_in_git_header = False
        return self._current

    def _take_names(self, at: int) -> int:
        """Takes ``---`` and ``+++`` lines, or one of them alone above a hunk; gives how many lines it took."""
        line, following = self.lines[at], self.lines[at + 1] if at + 1 < len(self.lines) else ""
        has_both = line.startswith("--- ") and following.startswith("+++ ")
        if not has_both and not is_hunk_header(following):
            return 0
        current = self._current
        if current is None or not self._is_in_git_header or (has_both and _is_other_file(current.header, line[4:], following[4:])):
            current = self._begin(Header())
        if has_both:
            current.header.old, current.header.new = line[4:], following[4:]
        elif line.startswith("--- "):
            current.header.old = line[4:]
        else:
            current.header.new = line[4:]
        self._is_in_git_header = False
        return 2 if has_both else 1

    def _take_hunk(self, at: int) -> int:
        if self.lines[at].startswith("@@@"):
            raise EditRefused(RefusalCode.DIFF_KIND, "The diff is a combined diff of a merge (`@@@`); write a plain unified diff.")
        section = self._current or self._begin(Header())
        hunk, after = read_hunk(self.lines, at)
        section.hunks.append(hunk)
        section.text.extend(self.lines[at:after])
        self._hunks += 1
        if self._hunks > HUNKS_MAX:
            raise EditRefused(RefusalCode.TOO_MANY, f"The diff has more than {HUNKS_MAX} hunks; give large changes as whole files.")
        self._is_in_git_header = False
        return after

    def _cross_fence(self, line: str) -> None:
        ticks = line[: len(line) - len(line.lstrip(line[0]))]
        if self.fence is None:
            self.fence = ticks
        elif len(ticks) >= len(self.fence) and line.strip() == ticks:
            self.fence = None
            self._current = None


def _is_other_file(header: Header, old: str, new: str) -> bool:
    """True below a rename that is complete, where the names are not those of the rename."""
    return header.rename_to is not None and (bare_name(old), bare_name(new)) != (header.rename_from, header.rename_to)
