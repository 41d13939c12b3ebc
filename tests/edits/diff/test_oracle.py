"""Diffs as ``diff`` and ``git diff`` write them, read here and by unidiff, which others rely on."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from unidiff import PatchSet

from autopack.edits.diff import read_diff, read_hunks
from autopack.edits.model import Create, Delete, Rename
from tests.edits.test_properties import TEXTS
from tests.support.diffs import unified_diff

STAMP = "\t2024-05-01 10:11:12.000000000 +0000"
NAMES = ("a.txt", "src/b.py", "c d/e f.txt", "z", "a/a", "b/é.md")


@st.composite
def diff_of_file(draw, name):
    """What git or diff writes about one file; it always changes."""
    before, after = draw(TEXTS), draw(TEXTS)
    kind = draw(st.sampled_from(["change", "change", "create", "delete", "rename"]))
    before, after = ("" if kind == "create" else before), ("" if kind == "delete" else after)
    assume(before != after)
    new_name = f"new/{name}" if kind == "rename" else name
    body = unified_diff(before, after, context=draw(st.integers(0, 4))).split("\n", 2)[2]
    if draw(st.booleans()):  # as GNU diff and mailers leave an empty line of context
        body = "\n".join("" if line == " " else line for line in body.split("\n"))
    stamp = STAMP if draw(st.booleans()) else "\t" if " " in name else ""
    old = "/dev/null" if kind == "create" else f"a/{name}"
    new = "/dev/null" if kind == "delete" else f"b/{new_name}"
    names = f"--- {old}{stamp}\n+++ {new}{stamp}\n"
    return (git_header(kind, name, new_name) if kind == "rename" or draw(st.booleans()) else "") + names + body


def git_header(kind, name, new_name):
    said = {
        "change": "index 83db48f..bf269f4 100644\n",
        "create": "new file mode 100644\nindex 0000000..bf269f4\n",
        "delete": "deleted file mode 100644\nindex 83db48f..0000000\n",
        "rename": f"similarity index 50%\nrename from {name}\nrename to {new_name}\nindex 83db48f..bf269f4 100644\n",
    }
    return f"diff --git a/{name} b/{new_name}\n{said[kind]}"


@st.composite
def diffs(draw):
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    return draw(st.sampled_from(["", "Some words.\n\n"])) + "".join([draw(diff_of_file(name)) for name in names])


def as_autopack_reads(diff):
    return [of_edit(edit) for edit in read_diff(diff).files]


def of_edit(edit):
    if isinstance(edit, Create):
        return None, edit.path, edit.content
    hunks = [
        (hunk.number, [(line.mark, line.text) for line in hunk.lines], hunk.old_lacks_newline, hunk.new_lacks_newline)
        for hunk in read_hunks(edit.path, edit.diff)
    ]
    return edit.path, None if isinstance(edit, Delete) else edit.to if isinstance(edit, Rename) else edit.path, hunks


def as_unidiff_reads(diff):
    return [of_file(file) for file in PatchSet(diff)]


def of_file(file):
    old = None if file.source_file == "/dev/null" else file.source_file.removeprefix("a/")
    new = None if file.target_file == "/dev/null" else file.target_file.removeprefix("b/")
    hunks = [(hunk.source_start, *of_lines(hunk)) for hunk in file]
    if old is not None:
        return old, new, hunks
    ((_, lines, _, lacks_newline),) = hunks
    return None, new, "\n".join(text for _, text in lines) + ("" if lacks_newline else "\n")


def of_lines(hunk):
    lines, lacking = [], set()
    for line in hunk:
        if line.line_type == "\\":
            lacking.add(lines[-1][0])
        else:
            lines.append((line.line_type, line.value.removesuffix("\n")))
    return lines, bool(lacking & {" ", "-"}), bool(lacking & {" ", "+"})


@given(diffs())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_well_formed_diff_is_read_as_unidiff_reads_it(diff):
    assert as_autopack_reads(diff) == as_unidiff_reads(diff)
