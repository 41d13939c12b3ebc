import json

import pytest

from autopack.core.scope import Scope
from autopack.edits import EditRefused, Guards, accept, read_diff, read_reply

LONG = "".join(f"name_{number} = {number}\n" for number in range(100))


def accepted(*files, before, guards=None, scope=None):
    edit_set = read_reply(json.dumps({"summary": "did it", "files": list(files)}))
    return accept(edit_set, before=before, scope=Scope(scope), existing=set(before), guards=guards or Guards())


def test_a_sound_reply_is_accepted_with_its_summary():
    edits = accepted({"path": "a.py", "action": "replace", "content": "x = 2\n"}, before={"a.py": "x = 1\n"})
    assert (edits.after, edits.before, edits.summary) == ({"a.py": "x = 2\n"}, {"a.py": "x = 1\n"}, "did it")


def test_a_result_that_does_not_parse_is_refused():
    with pytest.raises(EditRefused) as refused:
        accepted({"path": "a.py", "action": "replace", "content": "def f(:\n"}, before={"a.py": "x = 1\n"})
    assert refused.value.code == "syntax"


def test_an_empty_change_needs_leave():
    same = {"path": "a.py", "action": "replace", "content": "x = 1\n"}
    with pytest.raises(EditRefused) as refused:
        accepted(same, before={"a.py": "x = 1\n"})
    assert refused.value.code == "no_change"
    assert accepted(same, before={"a.py": "x = 1\n"}, guards=Guards(allow_no_change=True)).is_empty
    assert accepted(before={}, guards=Guards(allow_no_change=True)).is_empty


def test_deleting_a_file_needs_leave():
    with pytest.raises(EditRefused):
        accepted({"path": "a.py", "action": "delete"}, before={"a.py": LONG})
    allowed = Guards(allow_mass_deletion=True)
    assert accepted({"path": "a.py", "action": "delete"}, before={"a.py": LONG}, guards=allowed).after == {"a.py": None}


def test_a_file_that_shrinks_much_needs_leave():
    delete = {"path": "a.py", "action": "edit", "operations": [{"type": "delete", "start_line": 11, "end_line": 100}]}
    with pytest.raises(EditRefused) as refused:
        accepted(delete, before={"a.py": LONG})
    assert refused.value.code == "mass_deletion"


def test_a_rename_is_no_deletion():
    edits = accepted({"path": "a.py", "action": "rename", "to": "b.py"}, before={"a.py": LONG})
    assert edits.after == {"a.py": None, "b.py": LONG}


def test_a_renamed_file_is_measured_against_its_old_text():
    diff = "diff --git a/a.py b/b.py\nrename from a.py\nrename to b.py\n--- a/a.py\n+++ b/b.py\n@@ -1,100 +1 @@\n name_0 = 0\n"
    diff += "".join(f"-{line}\n" for line in LONG.splitlines()[1:])
    with pytest.raises(EditRefused) as refused:
        accept(read_diff(diff), before={"a.py": LONG}, scope=Scope(None), existing={"a.py"}, guards=Guards())
    assert refused.value.code == "mass_deletion"


def test_the_scope_is_the_phase_s():
    with pytest.raises(EditRefused) as refused:
        accepted({"path": "a.py", "action": "create", "content": "x = 1\n"}, before={}, scope=("src/",))
    assert refused.value.code == "scope"
