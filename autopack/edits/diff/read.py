"""A whole diff, perhaps with prose and fences round it, into the edits of an EditSet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from autopack.edits.diff.header import Header, Names, agreed_names, take_extended
from autopack.edits.diff.hunk import Hunk
from autopack.edits.diff.hunk_reader import is_file_header, is_hunk_header, read_hunk
from autopack.edits.lines import BOM
from autopack.edits.model import Create, Delete, EditRefused, EditSet, FileEdit, Patch, Rename

HUNKS_MAX: Final = 2000
FILES_MAX: Final = 500
_OPENING_FENCES: Final = ("```", "~~~")


@dataclass
class Section:
    """The part of a diff that is about one file; ``text`` holds the hunks as they were written."""

    header: Header = field(default_factory=Header)
    hunks: list[Hunk] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def read_diff(diff: str) -> EditSet:
    """Reads a diff of any number of files, new, deleted and renamed ones too; nothing is judged against the files yet.

    Raises:
        EditRefused: code ``cut``, ``no_hunks``, ``diff_names``, ``diff_kind``, ``context_in_new_file`` or ``too_many``.
    """
    sections = read_sections(diff, may_be_cut=True)
    if not sections:
        raise EditRefused("no_hunks", "The text holds no diff; write a unified diff with `---` and `+++` lines and hunks that begin with `@@`.")
    named: dict[tuple[str | None, str | None], tuple[Names, Section]] = {}
    for section in sections:
        names = agreed_names(section.header)
        if names.old is None and names.new is None:
            raise EditRefused("diff_names", f"The diff does not say which file `{section.hunks[0].header}` is for; write `---` and `+++` lines.")
        merged = named.setdefault((names.old, names.new), (names, Section(section.header)))[1]
        merged.hunks.extend(section.hunks)
        merged.text.extend(section.text)
    if len(named) > FILES_MAX:
        raise EditRefused("too_many", f"The diff touches {len(named)} files; at most {FILES_MAX} are taken at once.")
    return EditSet("", tuple(_edit(names, section) for names, section in named.values()))


def read_hunks(path: str, diff: str) -> Create | Delete | tuple[Hunk, ...]:
    """Reads the diff of one file, whose name may be left out, or has to be this path.

    Raises:
        EditRefused: as ``read_diff``, with the path.
    """
    try:
        edits = list(_one_file(path, read_sections(diff, may_be_cut=False)))
    except EditRefused as refused:
        raise EditRefused(refused.code, refused.message, path) from refused
    if len(edits) == 1 and isinstance(edits[0], (Create, Delete)):
        return edits[0]
    return tuple(hunk for edit in edits if isinstance(edit, tuple) for hunk in edit)


def _one_file(path: str, sections: list[Section]) -> Iterator[Create | Delete | tuple[Hunk, ...]]:
    if not sections:
        raise EditRefused("no_hunks", "The diff has no hunk; begin each with a line like `@@ -12,5 +12,6 @@`.")
    for section in sections:
        names = agreed_names(section.header)
        if other := {name for name in (names.old, names.new) if name not in (None, path, f"a/{path}", f"b/{path}")}:
            raise EditRefused("diff_names", f"The diff is for {other.pop()!r}, not for this file; give each file its own entry.")
        edit = Patch(path, "") if section.header.is_empty else _edit(names, section)
        if not isinstance(edit, Patch):
            if len(sections) > 1:
                raise EditRefused("diff_names", "The diff creates or deletes the file and changes it elsewhere too; do one thing.")
            yield edit if isinstance(edit, Delete) else Create(path, edit.content)
        else:
            yield tuple(section.hunks)


def read_sections(diff: str, *, may_be_cut: bool) -> list[Section]:
    """Splits a diff into its files. Prose and fences round them are passed over.

    Raises:
        EditRefused: code ``cut`` where the text ends inside a hunk (only looked for when it ``may_be_cut``), or ``too_many``.
    """
    lines = _lines(diff)
    is_whole = lines[-1] == ""
    if is_whole:
        lines.pop()
    reader = _Reader(lines)
    reader.read()
    if may_be_cut and reader.sections:
        _judge_end(reader, lines, is_whole=is_whole)
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

    def _begin(self, header: Header) -> Section:
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
        if current is None or current.hunks or current.header.old is not None or current.header.new is not None or not self._is_in_git_header:
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
            raise EditRefused("diff_kind", "The diff is a combined diff of a merge (`@@@`); write a plain unified diff.")
        section = self._current or self._begin(Header())
        hunk, after = read_hunk(self.lines, at)
        section.hunks.append(hunk)
        section.text.extend(self.lines[at:after])
        self._hunks += 1
        if self._hunks > HUNKS_MAX:
            raise EditRefused("too_many", f"The diff has more than {HUNKS_MAX} hunks; give large changes as whole files.")
        self._is_in_git_header = False
        return after

    def _cross_fence(self, line: str) -> None:
        ticks = line[: len(line) - len(line.lstrip(line[0]))]
        if self.fence is None:
            self.fence = ticks
        elif len(ticks) >= len(self.fence) and line.strip() == ticks:
            self.fence = None
            self._current = None


def _judge_end(reader: _Reader, lines: list[str], *, is_whole: bool) -> None:
    if reader.fence is not None:
        raise EditRefused("cut", "The reply ends inside a code fence, so it was cut short; give the whole diff again, in smaller pieces if need be.")
    if is_whole or not reader.sections[-1].hunks:
        return
    hunk = reader.sections[-1].hunks[-1]
    if not lines or not hunk.lines or lines[-1][1:] != hunk.lines[-1].text and lines[-1] != hunk.lines[-1].text:
        return
    lacks_old = hunk.old_count is not None and len(hunk.old) < hunk.old_count
    lacks_new = hunk.new_count is not None and len(hunk.new) < hunk.new_count
    says_nothing = hunk.old_count is None and hunk.new_count is None and hunk.lines[-1].mark != " "
    if lacks_old or lacks_new or says_nothing or _is_torn(hunk):
        raise EditRefused("cut", f"The diff ends in the middle of {hunk.named}, so it was cut short; give the whole diff again.")


def _is_torn(hunk: Hunk) -> bool:
    """True where the last line is added and is only the beginning of a line that it replaces."""
    last = hunk.lines[-1]
    if last.mark != "+" or not hunk.blocks:
        return False
    block = hunk.blocks[-1]
    return any(old.startswith(last.text) and old.rstrip() != last.text.rstrip() for old in hunk.old[block.start : block.end])


def _edit(names: Names, section: Section) -> FileEdit:
    hunk_text = "\n".join(section.text) + "\n" if section.text else ""
    mode = section.header.created_mode or section.header.changed_mode
    if names.old is None and names.new is not None:
        return Create(names.new, _created(section.hunks, names.new), executable=mode == "100755")
    if names.old is None:
        raise EditRefused("diff_names", "The diff does not say which file it is for; write `---` and `+++` lines.")
    if names.new is None:
        return Delete(names.old, hunk_text or "@@ -0,0 +0,0 @@\n")
    if names.is_rename:
        return Rename(names.old, names.new, hunk_text)
    if not section.hunks and mode is None:
        raise EditRefused("no_hunks", "The diff has no hunk for the file; begin each with a line like `@@ -12,5 +12,6 @@`.", names.old)
    return Patch(names.old, hunk_text, None if mode is None else mode == "100755")


def _created(hunks: list[Hunk], path: str) -> str:
    """The text of a new file. A blank line that lost its ``+`` is one of the file's; at the end it is not."""
    lines = [line for hunk in hunks for line in hunk.lines]
    while lines and lines[-1].is_bare and not lines[-1].text.strip():
        lines.pop()
    for line in lines:
        if line.mark != "+" and line.text.strip():
            raise EditRefused("context_in_new_file", "The diff is for a new file, yet not every line begins with `+`; write each line with a `+`.", path)
    lacks_newline = bool(hunks) and hunks[-1].new_lacks_newline
    return "\n".join(line.text for line in lines) + ("\n" if lines and not lacks_newline else "")
