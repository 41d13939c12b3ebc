import json

import pytest

from autopack.core.scope import Scope
from autopack.edits import EditRefused, apply_diff, apply_edit_set, apply_reply, read_diff, read_reply
from tests.support.diffs import unified_diff

TEXT = "".join(f"line {number}\n" for number in range(1, 21))


def reply(*files):
    return json.dumps({"summary": "s", "files": list(files)})


def refusal(call, *args, **kwargs):
    with pytest.raises(EditRefused) as refused:
        call(*args, **kwargs)
    return refused.value


def test_every_action_of_one_reply_takes_effect():
    before = {"b": "old\n", "c": "one\ntwo\n", "d": "1\n2\n", "e": "gone\n", "f": "moved\n"}
    after = apply_reply(
        reply(
            {"path": "a", "action": "create", "content": "new"},
            {"path": "b", "action": "replace", "content": "newer\n"},
            {"path": "c", "action": "patch", "diff": "@@ -1,2 +1,2 @@\n one\n-two\n+three\n"},
            {"path": "d", "action": "edit", "operations": [{"type": "delete", "start_line": 1}]},
            {"path": "e", "action": "delete"},
            {"path": "f", "action": "rename", "to": "g"},
        ),
        before=before,
    )
    assert after == {"a": "new", "b": "newer\n", "c": "one\nthree\n", "d": "2\n", "e": None, "f": None, "g": "moved\n"}
    assert before == {"b": "old\n", "c": "one\ntwo\n", "d": "1\n2\n", "e": "gone\n", "f": "moved\n"}


def test_one_bad_file_refuses_the_whole_reply():
    good = {"path": "a", "action": "replace", "content": "new\n"}
    bad = {"path": "b", "action": "patch", "diff": "@@ -1 +1 @@\n-nowhere\n+x\n"}
    refused = refusal(apply_reply, reply(good, bad), before={"a": "old\n", "b": "there\n"})
    assert (refused.code, refused.path) == ("not_found", "b")


def test_an_empty_change_is_refused():
    assert refusal(apply_reply, reply(), before={}).code == "no_change"
    same = {"path": "a", "action": "replace", "content": "x\n"}
    assert refusal(apply_reply, reply(same), before={"a": "x\n"}).code == "no_change"


def test_a_blocked_reply_is_refused_with_its_message():
    blocked = json.dumps({"files": [], "blocked": {"kind": "question", "message": "which one?"}})
    refused = refusal(apply_reply, blocked, before={})
    assert refused.code == "blocked"
    assert "which one?" in str(refused)


def test_a_path_outside_the_scope_is_refused():
    create = {"path": "lib/a.py", "action": "create", "content": "x = 1\n"}
    assert apply_reply(reply(create), before={}, scope=["lib/"]) == {"lib/a.py": "x = 1\n"}
    assert refusal(apply_reply, reply(create), before={}, scope=["src/"]).code == "scope"


@pytest.mark.parametrize("action", [{"action": "replace", "content": "x"}, {"action": "delete"}, {"action": "rename", "to": "z.py"}])
def test_a_file_that_does_not_exist_is_refused(action):
    assert refusal(apply_reply, reply({"path": "src/nope.py", **action}), before={"src/a.py": "1\n"}).code == "missing"


def test_creating_never_writes_over_a_file():
    assert refusal(apply_reply, reply({"path": "a", "action": "create", "content": "x"}), before={"a": "1\n"}).code == "exists"


def test_a_binary_file_is_moved_or_deleted_but_never_edited():
    before = {"x.png": "\x89PNG\r\n\x00"}
    assert refusal(apply_diff, "--- a/x.png\n+++ b/x.png\n@@ -1 +1 @@\n-\x89PNG\n+PNH\n", before).code == "binary"
    assert apply_reply(reply({"path": "x.png", "action": "rename", "to": "y.png"}), before=before)["y.png"] == before["x.png"]


def test_placeholders_in_added_lines_are_refused():
    diff = unified_diff(TEXT, TEXT.replace("line 5\n", "# ... rest of the code unchanged ...\n"), "a.py")
    assert refusal(apply_diff, diff, {"a.py": TEXT}).code == "elision"


def test_a_diff_makes_renames_changes_and_deletes_files():
    diff = (
        "diff --git a/new.txt b/new.txt\nnew file mode 100644\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n"
        "diff --git a/old.txt b/dir/moved.txt\nsimilarity index 90%\nrename from old.txt\nrename to dir/moved.txt\n"
        "--- a/old.txt\n+++ b/dir/moved.txt\n@@ -1,2 +1,2 @@\n line 1\n-line 2\n+line two\n"
        "diff --git a/pure.txt b/pure2.txt\nsimilarity index 100%\nrename from pure.txt\nrename to pure2.txt\n"
        "diff --git a/gone.txt b/gone.txt\ndeleted file mode 100644\n--- a/gone.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-bye\n"
    )
    before = {"old.txt": "line 1\nline 2\n", "pure.txt": "same\n", "gone.txt": "bye\n"}
    assert apply_diff(diff, before) == {
        "new.txt": "one\ntwo\n",
        "old.txt": None,
        "dir/moved.txt": "line 1\nline two\n",
        "pure.txt": None,
        "pure2.txt": "same\n",
        "gone.txt": None,
    }


def test_a_rename_keeps_where_the_file_came_from():
    diff = "diff --git a/old.txt b/new.txt\nrename from old.txt\nrename to new.txt\n"
    accepted = apply_edit_set(read_diff(diff), {"old.txt": "x\n"}, Scope(None), {"old.txt"})
    assert accepted.renames == {"new.txt": "old.txt"}
    assert accepted.before == {"old.txt": "x\n", "new.txt": None}


@pytest.mark.parametrize("hunk", ["", "--- a/run.sh\n+++ b/run.sh\n@@ -1 +1 @@\n-true\n+false\n"])
def test_a_reply_says_a_mode_in_the_header_of_a_patch(hunk):
    diff = f"diff --git a/run.sh b/run.sh\nold mode 100755\nnew mode 100644\n{hunk}"
    edits = read_reply(reply({"path": "run.sh", "action": "patch", "diff": diff}))
    accepted = apply_edit_set(edits, {"run.sh": "true\n"}, Scope(None), {"run.sh"})
    assert accepted.executable == {"run.sh": False}
    assert accepted.after == {"run.sh": "false\n" if hunk else "true\n"}


def test_a_mode_in_a_diff_is_a_change_of_its_own():
    diff = "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
    accepted = apply_edit_set(read_diff(diff), {"run.sh": "#!/bin/sh\n"}, Scope(None), {"run.sh"})
    assert accepted.executable == {"run.sh": True}
    assert not accepted.is_empty
    assert accepted.after == {"run.sh": "#!/bin/sh\n"}


@pytest.mark.parametrize("hunks", ["@@ -1 +0,0 @@\n-bye\n", "@@ -1,3 +0,0 @@\n-bye\n-now\n-more\n", "@@ -1,2 +0,0 @@\n-bye\n now\n", ""])
def test_a_diff_that_deletes_has_to_remove_all_that_stands_there(hunks):
    diff = f"diff --git a/gone.txt b/gone.txt\ndeleted file mode 100644\n--- a/gone.txt\n+++ /dev/null\n{hunks}"
    assert refusal(apply_diff, diff, {"gone.txt": "bye\nnow\n"}).code == "stale_delete"


def test_a_diff_of_an_empty_file_needs_no_hunk():
    made = "diff --git a/__init__.py b/__init__.py\nnew file mode 100644\nindex 0000000..e69de29\n"
    gone = "diff --git a/__init__.py b/__init__.py\ndeleted file mode 100644\nindex e69de29..0000000\n"
    assert apply_diff(made, {}) == {"__init__.py": ""}
    assert apply_diff(gone, {"__init__.py": ""}) == {"__init__.py": None}


def test_a_patch_may_make_or_take_away_its_one_file():
    made = {"path": "a", "action": "patch", "diff": "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+one\n"}
    assert apply_reply(reply(made), before={}) == {"a": "one\n"}
    gone = {"path": "a", "action": "patch", "diff": "--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n"}
    assert apply_reply(reply(gone), before={"a": "one\n"}) == {"a": None}
    assert refusal(apply_reply, reply(made), before={"a": "one\n"}).code == "exists"


def test_a_patch_of_a_missing_file_is_refused():
    patch = {"path": "a", "action": "patch", "diff": "@@ -1 +1 @@\n-one\n+two\n"}
    assert refusal(apply_reply, reply(patch), before={}).code == "missing"


@pytest.mark.parametrize(
    "header", ["", "--- a/a\n+++ b/a\n", "--- a\n+++ a\n", "diff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n"]
)
def test_a_patch_needs_no_header_but_one_that_agrees(header):
    patch = {"path": "a", "action": "patch", "diff": f"{header}@@ -1 +1 @@\n-one\n+two\n"}
    assert apply_reply(reply(patch), before={"a": "one\n"}) == {"a": "two\n"}


def test_a_patch_for_another_file_is_refused():
    patch = {"path": "a", "action": "patch", "diff": "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-one\n+two\n"}
    assert refusal(apply_reply, reply(patch), before={"a": "one\n", "b": "one\n"}).code == "diff_names"


def test_a_refusal_knows_its_path():
    patch = {"path": "a", "action": "patch", "diff": "@@ -1 +1 @@\n-two\n+three\n"}
    refused = refusal(apply_reply, reply(patch), before={"a": "one\n"})
    assert refused.path == "a"
    assert str(refused).startswith("a: ")


def test_the_executor_and_the_public_functions_share_one_way():
    edit_set = read_reply(reply({"path": "a", "action": "replace", "content": "new\n"}))
    accepted = apply_edit_set(edit_set, {"a": "old\n"}, Scope(None), {"a"})
    assert accepted.after == apply_reply(reply({"path": "a", "action": "replace", "content": "new\n"}), before={"a": "old\n"})
