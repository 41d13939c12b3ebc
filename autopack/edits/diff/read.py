"""A whole diff into the edits of an EditSet."""

from collections.abc import Iterator, Sequence
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.diff.header import Names, agreed_names
from autopack.edits.diff.hunk import Hunk
from autopack.edits.diff.sections import Section, read_sections
from autopack.edits.model import Create, Delete, EditRefused, EditSet, Patch, Rename

FILES_MAX: Final = 500
NO_HUNK_TEXT: Final = "@@ -0,0 +0,0 @@\n"


def read_diff(diff: str) -> EditSet:
    """Reads a diff of any number of files, new, deleted and renamed ones too; nothing is judged against the files yet.

    Raises:
        EditRefused: code ``cut``, ``no_hunks``, ``diff_names``, ``diff_kind``, ``context_in_new_file`` or ``too_many``.
    """
    sections = read_sections(diff, may_be_cut=True)
    if not sections:
        raise EditRefused(
            RefusalCode.NO_HUNKS, "The text holds no diff; write a unified diff with `---` and `+++` lines and hunks that begin with `@@`."
        )
    named: dict[tuple[str | None, str | None], tuple[Names, Section]] = {}
    for section in sections:
        names = agreed_names(section.header)
        if names.old is None and names.new is None:
            raise EditRefused(
                RefusalCode.DIFF_NAMES, f"The diff does not say which file `{section.hunks[0].header}` is for; write `---` and `+++` lines."
            )
        merged = named.setdefault((names.old, names.new), (names, Section(section.header)))[1]
        merged.hunks.extend(section.hunks)
        merged.text.extend(section.text)
    if len(named) > FILES_MAX:
        raise EditRefused(RefusalCode.TOO_MANY, f"The diff touches {len(named)} files; at most {FILES_MAX} are taken at once.")
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


def said_mode(diff: str) -> bool | None:
    """Whether the header of one file's diff makes it executable; None where it says nothing of that."""
    sections = read_sections(diff.partition("\n@@")[0] + "\n", may_be_cut=False)
    return _is_executable(sections[0]) if sections else None


def _is_executable(section: Section) -> bool | None:
    mode = section.header.created_mode or section.header.changed_mode
    return None if mode is None else mode == "100755"


def _one_file(path: str, sections: Sequence[Section]) -> Iterator[Create | Delete | tuple[Hunk, ...]]:
    if not sections:
        raise EditRefused(RefusalCode.NO_HUNKS, "The diff has no hunk; begin each with a line like `@@ -12,5 +12,6 @@`.")
    for section in sections:
        names = agreed_names(section.header)
        if other := {name for name in (names.old, names.new) if name not in (None, path, f"a/{path}", f"b/{path}")}:
            raise EditRefused(RefusalCode.DIFF_NAMES, f"The diff is for {other.pop()!r}, not for this file; give each file its own entry.")
        edit = Patch(path, "") if section.header.is_empty else _edit(names, section)
        if not isinstance(edit, Patch):
            if len(sections) > 1:
                raise EditRefused(
                    RefusalCode.DIFF_NAMES, "The diff creates or deletes the file and changes it elsewhere too; do one thing."
                )
            yield _renamed(edit, path)
        else:
            yield tuple(section.hunks)


def _renamed(edit: Create | Delete | Rename, path: str) -> Create | Delete:
    match edit:
        case Create():
            return Create(path, edit.content)
        case Delete():
            return Delete(path, edit.diff)
    raise EditRefused(RefusalCode.DIFF_NAMES, "The diff renames the file; use the action `rename`.")


def _edit(names: Names, section: Section) -> Create | Patch | Rename | Delete:
    hunk_text = "\n".join(section.text) + "\n" if section.text else ""
    executable = _is_executable(section)
    if names.old is None and names.new is not None:
        return Create(names.new, _created(section.hunks, names.new), executable)
    if names.old is None:
        raise EditRefused(RefusalCode.DIFF_NAMES, "The diff does not say which file it is for; write `---` and `+++` lines.")
    if names.new is None:
        return Delete(names.old, hunk_text or NO_HUNK_TEXT)
    if names.is_rename:
        return Rename(names.old, names.new, hunk_text)
    if not section.hunks and executable is None:
        raise EditRefused(
            RefusalCode.NO_HUNKS, "The diff has no hunk for the file; begin each with a line like `@@ -12,5 +12,6 @@`.", names.old
        )
    return Patch(names.old, hunk_text, executable)


def _created(hunks: Sequence[Hunk], path: str) -> str:
    """The text of a new file. A blank line that lost its ``+`` is one of the file's; at the end it is not."""
    lines = [line for hunk in hunks for line in hunk.lines]
    while lines and lines[-1].is_bare and not lines[-1].text.strip():
        lines.pop()
    for line in lines:
        if line.mark != "+" and line.text.strip():
            raise EditRefused(
                RefusalCode.CONTEXT_IN_NEW_FILE,
                "The diff is for a new file, yet not every line begins with `+`; write each line with a `+`.",
                path,
            )
    lacks_newline = bool(hunks) and hunks[-1].new_lacks_newline
    return "\n".join(line.text for line in lines) + ("\n" if lines and not lacks_newline else "")
