"""The examples of the prompt mean what it says of them: they are taken out of it and applied."""

import json
import re

from autopack.context.answer_forms import explained
from autopack.edits import apply_reply

LINES = [f"text of line {n}" for n in range(1, 61)]
LINES[12] = ""


def changed_by(form, before):
    (example,) = re.findall(r'\{"path".*\}(?=\n)', explained((form,)), re.DOTALL)
    return apply_reply(json.dumps({"summary": "s", "files": [json.loads(example)], "blocked": None}), before={"a.py": before})["a.py"]


def test_the_example_of_operations_makes_the_empty_lines_that_are_told():
    after = changed_by("structured_edit", "\n".join(LINES) + "\n").split("\n")
    assert after[after.index("new") : after.index("lines") + 2] == ["new", "", "lines", ""]
    assert after[after.index("goes before line 40") + 1] == "text of line 40"
    assert "text of line 50" not in after
    assert after[-5:] == ["text of line 60", "", "", "at the end", ""]


def test_the_example_of_hunks_makes_the_empty_line_that_is_told():
    before = "".join(f"{n}\n" for n in range(1, 10)) + "context\n\nold line\ncontext\n"
    assert changed_by("diff", before).endswith("9\ncontext\n\nnew line\n\ncontext\n")


def test_hunks_without_numbers_find_their_place():
    assert changed_by("full_file or hunks", "first\ncontext\nold line\ncontext\n") == "first\ncontext\nnew line\ncontext\n"
