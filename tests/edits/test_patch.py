import pytest

from autopack.edits import EditRefused, apply_diff


def patched(text, hunks):
    return apply_diff(f"--- a/f.txt\n+++ b/f.txt\n{hunks}", {"f.txt": text})["f.txt"]


@pytest.mark.parametrize(
    ("text", "hunks", "result"),
    [
        ("", "@@ -0,0 +1,2 @@\n+a\n+b\n", "a\nb\n"),
        ("a\nb\n", "@@ -1,2 +0,0 @@\n-a\n-b\n", ""),
        ("a\n", "@@ -1 +1,2 @@\n+b\n a\n", "b\na\n"),
        ("a\n", "@@ -1 +1,2 @@\n a\n+b\n", "a\nb\n"),
        ("a", "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n", "a\nb\n"),
        ("a", "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n", "a\nb"),
        ("a\n", "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n", "b"),
        ("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n", "a\nc"),
        ("a\nb", "@@ -1,2 +1,3 @@\n a\n b\n+c\n", "a\nb\nc"),
        ("a\nb", "@@ -1,2 +1 @@\n a\n-b\n", "a"),
        ("a\nb", "@@ -1,2 +1 @@\n a\n-b\n\\ No newline at end of file\n", "a\n"),
        ("a\r\nb\r\n", "@@ -1,2 +1,3 @@\n a\n+x\n-b\n+c\n", "a\r\nx\r\nc\r\n"),
        ("a\r\nb", "@@ -1,2 +1,3 @@\n a\n b\n+c\n", "a\r\nb\r\nc"),
        ("a\nb\n", "@@ -1,2 +1,2 @@\r\n a\r\n-b\r\n+c\r\n", "a\nc\n"),
        ("a\r\nb\nc\r\n", "@@ -1,3 +1,3 @@\n a\r\n-b\n+B\n c\r\n", "a\r\nB\nc\r\n"),
        ("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+b\r\n", "a\nb\r\n"),
        ("\ufeffa\nb\n", "@@ -1,2 +1,2 @@\n-a\n+c\n b\n", "\ufeffc\nb\n"),
        ("\ufeffa\nb\n", "@@ -1,2 +1,2 @@\n-\ufeffa\n+\ufeffc\n b\n", "\ufeffc\nb\n"),
        ("\ufeffa\nb\n", "@@ -1,2 +1,2 @@\n-\ufeffa\n+a\n b\n", "a\nb\n"),
        ("a\x0c\nb\u2028\n", "@@ -1,2 +1,2 @@\n a\x0c\n-b\u2028\n+c\x0b\n", "a\x0c\nc\x0b\n"),
    ],
)
def test_every_byte_outside_the_change_stays(text, hunks, result):
    assert patched(text, hunks) == result


def test_context_lines_keep_the_file_s_text():
    assert patched("a  \nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n") == "a  \nc\n"


def test_a_hunk_that_only_shows_context_is_passed_over_beside_others():
    assert patched("a\nb\nc\n", "@@ -1,2 +1,2 @@\n a\n b\n@@ -3 +3 @@\n-c\n+d\n") == "a\nb\nd\n"


def test_a_diff_that_only_shows_context_is_refused():
    with pytest.raises(EditRefused) as refused:
        patched("a\nb\n", "@@ -1,2 +1,2 @@\n a\n b\n")
    assert refused.value.code == "no_change"


def test_two_hunks_at_one_place_are_refused():
    with pytest.raises(EditRefused) as refused:
        patched("a\nb\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n@@ -1,3 +1,3 @@\n a\n-b\n+y\n c\n")
    assert refused.value.code == "overlap"


def test_two_insertions_at_one_place_are_refused():
    with pytest.raises(EditRefused) as refused:
        patched("a\nb\n", "@@ -1,2 +1,3 @@\n a\n+x\n b\n@@ -1,2 +1,3 @@\n a\n+y\n b\n")
    assert refused.value.code == "overlap"


def test_hunks_may_share_context_and_come_in_any_order():
    text = "".join(f"{number}\n" for number in range(1, 10))
    later, sooner = "@@ -4,4 +4,4 @@\n 4\n 5\n-6\n+six\n 7\n", "@@ -1,5 +1,4 @@\n 1\n 2\n-3\n 4\n 5\n"
    assert patched(text, later + sooner) == "1\n2\n4\n5\nsix\n7\n8\n9\n"
