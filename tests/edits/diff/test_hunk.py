from autopack.edits.diff.hunk import Block
from autopack.edits.diff.hunk_reader import read_hunk


def hunk(text):
    return read_hunk(text.split("\n"), 0)[0]


def test_a_hunk_knows_its_old_and_its_new_text():
    read = hunk("@@ -3,4 +3,4 @@ def f():\n a\n-b\n+B\n c\n+d\n-e")
    assert read.old == ("a", "b", "c", "e")
    assert read.new == ("a", "B", "c", "d")
    assert read.is_removed == (False, True, False, True)
    assert read.blocks == (Block(1, 2, ("B",)), Block(3, 4, ("d",)))
    assert read.named == "the hunk `@@ -3,4 +3,4 @@`"


def test_the_number_names_the_first_old_line_or_the_line_before_an_addition():
    assert hunk("@@ -3,1 +3,1 @@\n-a\n+b").start == 2
    assert hunk("@@ -3,0 +4,1 @@\n+b").start == 3
    assert hunk("@@ @@\n-a\n+b").start is None
    assert hunk("@@ -0,1 +1,1 @@\n-a\n+b").start is None


def test_marks_for_a_missing_newline_belong_to_the_line_above():
    read = hunk("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b")
    assert (read.old_lacks_newline, read.new_lacks_newline) == (True, False)
    read = hunk("@@ -1 +1,2 @@\n+b\n a\n\\ No newline at end of file")
    assert (read.old_lacks_newline, read.new_lacks_newline) == (True, True)


def test_lines_without_a_mark_are_context_and_known_as_such():
    read = hunk("@@ -1,3 +1,2 @@\ndef f():\n\n-    a")
    assert read.old == ("def f():", "", "    a")
    assert [line.is_bare for line in read.lines] == [True, True, False]
