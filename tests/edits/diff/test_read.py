import pytest

from autopack.edits import EditRefused, apply_diff
from autopack.edits.diff import read_diff, read_hunks
from autopack.edits.model import Create, Delete, Patch, Rename

TEXT = "".join(f"line {number}\n" for number in range(1, 31))
HUNK = "@@ -4,3 +4,3 @@\n line 4\n-line 5\n+LINE 5\n line 6\n"
AFTER = TEXT.replace("line 5\n", "LINE 5\n")
NAMES = "--- a/f.txt\n+++ b/f.txt\n"


def applied(diff, text=TEXT):
    return apply_diff(diff, {"f.txt": text})["f.txt"]


def refusal(diff, **before):
    with pytest.raises(EditRefused) as refused:
        apply_diff(diff, before or {"f.txt": TEXT})
    return refused.value


@pytest.mark.parametrize(
    "header",
    [
        NAMES,
        "--- f.txt\n+++ f.txt\n",
        "--- ./f.txt\n+++ ./f.txt\n",
        "--- a/f.txt\n+++ f.txt\n",
        "+++ b/f.txt\n",
        "--- a/f.txt\n",
        "diff --git a/f.txt b/f.txt\nindex 1234567..abcdef0 100644\n" + NAMES,
        "diff --git a/f.txt b/f.txt\n",
        "--- a/f.txt\t2024-05-01 10:11:12.000000000 +0000\n+++ b/f.txt\t2024-05-01 10:12:00.000000000 +0000\n",
        "--- a/f.txt 2024-05-01 10:11:12\n+++ b/f.txt 2024-05-01 10:12:00\n",
        '--- "a/f.txt"\n+++ "b/f.txt"\n',
        "Index: f.txt\n=====================\n--- f.txt\n+++ f.txt\n",
    ],
)
def test_names_come_in_many_spellings(header):
    assert applied(header + HUNK) == AFTER


def test_a_new_and_a_deleted_file_may_have_times_beside_their_names():
    stamp = "\t1970-01-01 00:00:00.000000000 +0000"
    created = f"--- /dev/null{stamp}\n+++ b/new.txt{stamp}\n@@ -0,0 +1 @@\n+one\n"
    deleted = f"--- a/old.txt{stamp}\n+++ /dev/null{stamp}\n@@ -1 +0,0 @@\n-one\n"
    assert apply_diff(created + deleted, {"old.txt": "one\n"}) == {"new.txt": "one\n", "old.txt": None}


@pytest.mark.parametrize(
    "header",
    [
        "@@ -4,3 +4,3 @@ def f(): @@ -1,1 +1,1 @@",
        "@@ -4 +4 @@",
        "@@ -4,9 +4,1 @@",
        "@@ -1,3 +1,3 @@",
        "@@ -29,3 +29,3 @@",
        "@@ @@",
        "@@ ... @@",
        "@@",
        "@@ -4,3 +4,3",
    ],
)
def test_counts_and_numbers_may_be_wrong_or_missing(header):
    assert applied(f"{NAMES}{header}\n" + HUNK.split("\n", 1)[1]) == AFTER


@pytest.mark.parametrize(
    "reply",
    [
        "Sure:\n\n- keeps the API\n+ adds a check\n\n{}\nThat should do it.\n",
        "```diff\n{}```\n",
        "Here:\n\n```\n{}```\n\nNow run it:\n\n```bash\npytest\n```\n",
        "~~~~diff\n{}~~~~",
        "\ufeff{}",
        "{}-- \n2.39.0\n",
    ],
)
def test_prose_and_fences_round_the_diff_are_passed_over(reply):
    assert applied(reply.format(NAMES + HUNK)) == AFTER


def test_several_fences_and_sections_are_one_change():
    other = "@@ -20,3 +20,3 @@\n line 20\n-line 21\n+LINE 21\n line 22\n"
    reply = f"First:\n```diff\n{NAMES}{HUNK}```\nThen:\n```diff\n{NAMES}{other}```\n"
    assert applied(reply) == AFTER.replace("line 21\n", "LINE 21\n")


def test_a_fence_inside_the_file_is_content():
    text = "# Title\n\n```\nold\n```\n"
    diff = f"```diff\n{NAMES}@@ -2,4 +2,4 @@\n \n ```\n-old\n+new\n ```\n```\n"
    assert applied(diff, text) == text.replace("old", "new")


def test_dashes_and_pluses_in_the_file_are_content():
    text = "select 1;\n-- old\n++ odd\nselect 2;\n"
    diff = f"{NAMES}@@ -1,4 +1,4 @@\n select 1;\n--- old\n-++ odd\n+-- new\n+++ even\n select 2;\n"
    assert applied(diff, text) == "select 1;\n-- new\n++ even\nselect 2;\n"
    assert applied(f"{NAMES}@@ -1 +1 @@\n--- x\n+++ x\n", "-- x\n") == "++ x\n"


def test_lines_that_lost_their_mark_are_context():
    text = "def f():\n\n    a = 1\n\n    return a\n"
    diff = f"{NAMES}@@ -1,5 +1,5 @@\n def f():\n\n-    a = 1\n+    a = 2\n\n     return a\n"
    assert applied(diff, text) == text.replace("a = 1", "a = 2")
    lost = f"{NAMES}@@ -1,5 +1,5 @@\ndef f():\n\n-    a = 1\n+    a = 2\n\n    return a\n"
    assert applied(lost, text) == text.replace("a = 1", "a = 2")


def test_the_edits_of_a_diff_are_those_of_a_reply():
    diff = (
        "diff --git a/run.sh b/run.sh\nnew file mode 100755\n--- /dev/null\n+++ b/run.sh\n@@ -0,0 +1,3 @@\n+#!/bin/sh\n\n+true\n"
        f"{NAMES}{HUNK}"
        "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n"
        "--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-bye\n"
    )
    created, patch, rename, delete = read_diff(diff).files
    assert created == Create("run.sh", "#!/bin/sh\n\ntrue\n", executable=True)
    assert patch == Patch("f.txt", HUNK)
    assert rename == Rename("a", "b")
    assert delete == Delete("gone", "@@ -1 +0,0 @@\n-bye\n")


@pytest.mark.parametrize(
    ("diff", "code"),
    [
        ("", "no_hunks"),
        ("Certainly! Here is the patch.\n", "no_hunks"),
        (NAMES, "no_hunks"),
        (f"{NAMES}0a\nr !touch /tmp/x\n.\n", "no_hunks"),
        (HUNK, "diff_names"),
        (f"```diff\n{NAMES}{HUNK}```\nAnd the other file:\n```diff\n{HUNK}```\n", "diff_names"),
        (f"--- a/f.txt\n+++ b/g.txt\n{HUNK}", "diff_names"),
        ("diff --git a/f.txt b/f.txt\nnew file mode 100644\n--- /dev/null\n+++ b/.git/x\n@@ -0,0 +1 @@\n+x\n", "diff_names"),
        ("diff --git a/f.txt b/g.txt\nrename from f.txt\nrename to h.txt\n", "diff_names"),
        (f"diff --git a/f.txt b/f.txt\nnew file mode 100644\n{NAMES}{HUNK}", "diff_names"),
        (f"diff --git f\n{HUNK}", "diff_names"),
        ("diff --git a/f b/g\nsimilarity index 100%\ncopy from f\ncopy to g\n", "diff_kind"),
        ("diff --git a/m b/m\nnew file mode 160000\n--- /dev/null\n+++ b/m\n@@ -0,0 +1 @@\n+Subproject commit 1\n", "diff_kind"),
        ("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n", "diff_kind"),
        (f"diff --git a/f.txt b/f.txt\nindex 1..2 120000\n{NAMES}{HUNK}", "diff_kind"),
        ("diff --git a/x.png b/x.png\nindex 1..2 100644\nGIT binary patch\nliteral 0\n", "diff_kind"),
        ("diff --git a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n", "diff_kind"),
        (f"{NAMES}@@@ -1,2 -1,2 +1,3 @@@\n  a\n++b\n", "diff_kind"),
        ("--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1,2 @@\n+x\n y\n", "context_in_new_file"),
        ("--- /dev/null\n+++ b/f.txt\n@@ -0,0 +1 @@\n+x\n", "exists"),
        ('--- /dev/null\n+++ "b/\\056\\056/evil"\n@@ -0,0 +1 @@\n+x\n', "path"),
        ("--- /dev/null\n+++ a/b/../../../evil.py\n@@ -0,0 +1 @@\n+x\n", "path"),
        ("--- a/nope.txt\n+++ b/nope.txt\n@@ -1 +1 @@\n-a\n+b\n", "missing"),
        (NAMES + HUNK * 2001, "too_many"),
        (NAMES + HUNK + "\n" * (8 * 1024 * 1024), "too_large"),
    ],
)
def test_what_no_diff_of_text_files_says_is_refused(diff, code):
    assert refusal(diff).code == code


@pytest.mark.parametrize(
    "diff",
    [
        f"{NAMES}@@ -4,3 +4,3 @@\n line 4\n-line 5\n+LINE 5",
        f"{NAMES}@@ -4,3 +4,3 @@\n line 4\n-line 5",
        f"{NAMES}@@ -4,3 +4,3 @@\n line 4\n-line 5\n+LI",
        f"{NAMES}@@ @@\n line 4\n-line 5\n+LINE 5",
        f"{NAMES}@@ -30 +30 @@\n-line 30\n+line 3",
        f"{NAMES}@@ -30 +30 @@\n-line 30\n+LINE =",
        f"```diff\n{NAMES}{HUNK}",
        f"```diff\n{NAMES}{HUNK}``",
    ],
)
def test_a_diff_that_was_cut_short_is_refused(diff):
    assert refusal(diff).code == "cut"


@pytest.mark.parametrize("diff", [(NAMES + HUNK)[:-1], f"{NAMES}@@ -30 +30 @@\n-line 30\n+LINE", f"```diff\n{NAMES}{HUNK}```"])
def test_a_whole_diff_may_lack_the_last_newline(diff):
    assert applied(diff) != TEXT


THREE_LINES = "@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n"
SAME = "--- a/a.py\n+++ b/a.py\n"


@pytest.mark.parametrize(
    "diff",
    [
        "Index: b.py\n=====\n--- a.py\n+++ a.py\n" + THREE_LINES,
        "Index: b.py\n" + SAME + THREE_LINES,
        "diff --git a/a.py b/a.py\nIndex: b.py\n" + SAME + THREE_LINES,
        "Index: b.py\ndiff --git a/a.py b/c.py\nrename from a.py\nrename to c.py\n",
        "diff --git a/a.py b/a.py\n--- a/b.py\n+++ b/b.py\n" + THREE_LINES,
        "--- a/a\r.py\n+++ b/a\r.py\n" + THREE_LINES,
        "--- a/a.py\t\rb.py\n+++ b/a.py\n" + THREE_LINES,
        "diff --git a/a.py\r b/a.py\n" + SAME + THREE_LINES,
    ],
)
def test_a_second_name_or_a_carriage_return_in_a_name_is_refused(diff):
    with pytest.raises(EditRefused) as refused:
        read_diff(diff)
    assert refused.value.code == "diff_names"
    with pytest.raises(EditRefused) as refused:
        read_hunks("a.py", diff)
    assert refused.value.code == "diff_names"


@pytest.mark.parametrize(
    "head", ["Index: a.py\n====\n--- a.py\n+++ a.py\n", "Index: a.py\n" + SAME, "Index: a.py\n====\n", "--- a/a.py\r\n+++ b/a.py\r\n"]
)
def test_an_index_line_that_agrees_is_a_name(head):
    assert [edit.path for edit in read_diff(head + THREE_LINES).files] == ["a.py"]
    assert len(read_hunks("a.py", head + THREE_LINES)) == 1
    second = head + THREE_LINES + head.replace("a.py", "b.py") + THREE_LINES
    assert [edit.path for edit in read_diff(second).files] == ["a.py", "b.py"]


@pytest.mark.parametrize(
    "numbers", ["-99999999999,3 +1,3", "-1,3 +99999999999,3", "-2147483648 +1", "-1,9223372036854775808 +1,3", "-1" + "0" * 9000 + " +1"]
)
def test_a_line_beyond_any_file_is_refused(numbers):
    with pytest.raises(EditRefused) as refused:
        read_diff(SAME + f"@@ {numbers} @@\n 1\n-2\n+x\n 3\n")
    assert refused.value.code == "range"
