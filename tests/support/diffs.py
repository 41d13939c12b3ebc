r"""Diffs and structured operations between two texts, written by difflib; lines end at ``\n`` and nowhere else."""

import difflib

NO_NEWLINE = "\\ No newline at end of file\n"


def lines_of(text):
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def unified_diff(before, after, path="a.txt", context=3):
    written = difflib.unified_diff(lines_of(before), lines_of(after), f"a/{path}", f"b/{path}", n=context)
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in written)


def operations_between(before, after):
    """Operations in the coordinates of ``before`` that make it ``after``; the same newline at the end is taken for granted."""
    old, new = lines_of(before), lines_of(after)
    operations = []
    for tag, old_start, old_end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        content = "".join(new[new_start:new_end])
        if tag == "insert":
            operations.append({"type": "insert", "line": old_start + 1, "content": content})
        elif tag == "delete":
            operations.append({"type": "delete", "start_line": old_start + 1, "end_line": old_end})
        elif tag == "replace":
            operations.append({"type": "replace", "start_line": old_start + 1, "end_line": old_end, "content": content})
    return operations
