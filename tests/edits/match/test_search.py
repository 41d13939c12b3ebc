import time

import pytest

from autopack.edits import EditRefused, apply_diff

CODE = """import os
import sys


class Reader:
    def open(self, path):
        stream = self.opened(path)
        return stream

    def close(self, path):
        stream = self.opened(path)
        stream.flush()
        return None


def main(arguments):
    reader = Reader()
    reader.open(arguments[0])
    print("caf\u00e9 'quoted' text")
    return 0
"""


def applied(hunks, text=CODE):
    return apply_diff(f"--- a/f.py\n+++ b/f.py\n{hunks}", {"f.py": text})["f.py"]


def refusal(hunks, text=CODE):
    with pytest.raises(EditRefused) as refused:
        applied(hunks, text)
    return refused.value


def test_white_space_at_the_end_of_lines_does_not_matter():
    hunk = (
        "@@ -16,3 +16,3 @@\n def main(arguments):  \n-    reader = Reader()\t\n+    reader = Reader(1)\n     reader.open(arguments[0]) \n"
    )
    assert applied(hunk) == CODE.replace("Reader()", "Reader(1)")


def test_a_hunk_that_lost_its_indentation_gets_it_back():
    hunk = "@@ -6,3 +6,4 @@\n def open(self, path):\n-    stream = self.opened(path)\n+    if path:\n+        stream = self.opened(path)\n     return stream\n"
    assert applied(hunk) == CODE.replace(
        "        stream = self.opened(path)\n        return stream\n",
        "        if path:\n            stream = self.opened(path)\n        return stream\n",
    )


def test_an_insertion_in_a_hunk_that_lost_its_indentation_gets_it_back():
    hunk = "@@ -10,3 +10,4 @@\n def close(self, path):\n     stream = self.opened(path)\n+    stream.check()\n     stream.flush()\n"
    assert applied(hunk) == CODE.replace("        stream.flush()\n", "        stream.check()\n        stream.flush()\n")


def test_added_lines_stay_where_only_the_context_lost_its_indentation():
    hunk = "@@ -10,4 +10,4 @@\n def close(self, path):\n stream = self.opened(path)\n-        stream.flush()\n+        stream.drain()\n return None\n"
    assert applied(hunk) == CODE.replace("stream.flush()", "stream.drain()")


def test_added_lines_in_the_file_s_own_style_stay_where_the_context_has_tabs():
    hunk = "@@ -10,3 +10,3 @@\n \tdef close(self, path):\n-\t\tstream = self.opened(path)\n+        stream = self.get(path)\n \t\tstream.flush()\n"
    assert applied(hunk) == CODE.replace(
        "stream = self.opened(path)\n        stream.flush()", "stream = self.get(path)\n        stream.flush()"
    )


def test_added_tabs_become_the_file_s_spaces_where_the_context_shows_how():
    hunk = (
        "@@ -10,3 +10,4 @@\n \tdef close(self, path):\n \t\tstream = self.opened(path)\n+\t\tif stream:\n+\t\t\tpass\n \t\tstream.flush()\n"
    )
    assert applied(hunk) == CODE.replace("        stream.flush()\n", "        if stream:\n            pass\n        stream.flush()\n")


def test_an_indentation_that_reads_two_ways_is_refused():
    text = "def f():\n    if x:\n    y()\n    z()\n"
    hunk = "@@ -2,2 +2,3 @@\n if x:\n+    added()\n y()\n"
    assert refusal(hunk, text).code == "indentation"


def test_a_change_of_white_space_alone_needs_its_old_lines_as_they_are():
    text = "if a:\n    b()\n    c()\n"
    assert applied("@@ -1,3 +1,3 @@\n if a:\n     b()\n-    c()\n+c()\n", text) == "if a:\n    b()\nc()\n"
    done = "if a:\n    b()\nc()\n"
    assert refusal("@@ -1,3 +1,3 @@\n if a:\n     b()\n-    c()\n+c()\n", done).code == "not_found"


@pytest.mark.parametrize(
    "line", ["    print(\u201ccafe\u0301 \u2018quoted\u2019 text\u201d)", "    print(\"caf\u00e9 'quoted'\u00a0text\")"]
)
def test_quotes_and_normal_forms_of_unicode_do_not_matter_in_context(line):
    assert applied(f"@@ -19,2 +19,2 @@\n {line}\n-    return 0\n+    return 1\n") == CODE.replace("return 0", "return 1")


def test_one_place_is_taken_wherever_the_number_points():
    assert applied(
        "@@ -1,3 +1,3 @@\n     reader.open(arguments[0])\n-    print(\"caf\u00e9 'quoted' text\")\n+    print()\n     return 0\n"
    )


def test_several_places_are_refused_unless_the_number_names_one():
    body = "-        stream = self.opened(path)\n+        stream = self.get(path)\n"
    second = CODE.replace("stream = self.opened(path)\n        stream.flush()", "stream = self.get(path)\n        stream.flush()")
    assert applied(f"@@ -11 +11 @@\n{body}") == second
    for header in ("@@ -10 +10 @@", "@@ @@", "@@ -9 +9 @@"):
        refused = refusal(f"{header}\n{body}")
        assert refused.code == "ambiguous"
        assert "lines 7 and 11" in refused.message


def test_a_tie_is_not_broken_by_a_looser_form():
    text = "a\nb\nc\nx\na\nb\nc\nx\n  a\n  b\n  q\n"
    assert refusal("@@ @@\n a\n-b\n+B\n", text).code == "ambiguous"


def test_an_exact_find_elsewhere_does_not_outdo_a_near_one_at_the_number():
    block = "def a():\n    one = 1\n    two = 2\n    x = 0\n    three = 3\n    four = 4\n"
    hunk = "@@ -2,5 +2,5 @@\n     one = 1\n     two = 2\n-    x = 0\n+    x = 9\n     three = 3\n     four = 4\n"
    assert applied(hunk, block) == block.replace("x = 0", "x = 9")
    changed_since = block.replace("x = 0", "x = 5") + "\n\n" + block
    refused = refusal(hunk, changed_since)
    assert refused.code == "ambiguous"
    assert "line 10" in refused.message
    assert "line 2" in refused.message


def test_stale_context_is_outvoted():
    hunk = '@@ -16,5 +16,5 @@\n def main(argv):\n     reader = Reader()\n-    reader.open(arguments[0])\n+    reader.open(arguments[1])\n     print("tea")\n     return 0\n'
    assert applied(hunk) == CODE.replace("arguments[0]", "arguments[1]")


def test_a_context_line_that_was_left_out_is_no_harm():
    hunk = "@@ -10,5 +10,4 @@\n     def close(self, path):\n-        stream.flush()\n+        stream.drain()\n         return None\n"
    assert applied(hunk) == CODE.replace("stream.flush()", "stream.drain()")


def test_a_removed_line_that_is_not_there_is_refused_with_what_stands_there():
    refused = refusal(
        "@@ -16,3 +16,3 @@\n def main(arguments):\n-    reader = Reader(None)\n+    reader = Reader(1)\n     reader.open(arguments[0])\n"
    )
    assert refused.code == "not_found"
    assert "Line 17 is `    reader = Reader()`" in refused.message
    assert "expects `    reader = Reader(None)`" in refused.message


def test_an_insertion_needs_its_two_neighbours_side_by_side():
    left_out = "@@ -10,3 +10,4 @@\n     def close(self, path):\n+        check(path)\n         stream.flush()\n         return None\n"
    assert refusal(left_out).code == "not_found"
    assert "these do not stand one after the other" in refusal(left_out).message
    changed_since = CODE.replace("stream.flush()", "stream.drain()")
    shown = "@@ -10,4 +10,5 @@\n     def close(self, path):\n         stream = self.opened(path)\n+        check(path)\n         stream.flush()\n         return None\n"
    assert applied(shown) == CODE.replace("        stream.flush()\n", "        check(path)\n        stream.flush()\n")
    assert refusal(shown, changed_since).code == "not_found"


def test_blank_neighbours_are_no_place():
    text = "a = 1\nb = 2\n\n\nc = 3\n"
    assert refusal("@@ -1,4 +1,5 @@\n a = 1\n \n+x = 9\n \n \n c = 3\n", text).code == "not_found"


@pytest.mark.parametrize(
    "hunk",
    [
        "@@ -5,0 +6,1 @@\n+    name = 1\n",
        "@@ -0,0 +1,1 @@\n+# head\n",
        "@@ -6,2 +6,3 @@\n     def open(self, path):\n         stream = self.opened(path)\n+        check(path)\n",
        "@@ -5,2 +5,3 @@\n+@final\n class Reader:\n     def open(self, path):\n",
    ],
)
def test_an_insertion_without_context_on_both_sides_is_refused(hunk):
    assert refusal(hunk).code == "no_context"


def test_the_file_s_edge_is_a_neighbour():
    assert applied("@@ -1,2 +1,3 @@\n+# head\n import os\n import sys\n") == f"# head\n{CODE}"
    assert applied("@@ -19,2 +19,3 @@\n     print(\"caf\u00e9 'quoted' text\")\n     return 0\n+# tail\n") == f"{CODE}# tail\n"


def test_left_out_context_splits_a_hunk():
    hunk = "@@ -1,20 +1,20 @@\n import os\n-import sys\n+import re\n # ... existing code ...\n     reader.open(arguments[0])\n-    print(\"caf\u00e9 'quoted' text\")\n+    print()\n     return 0\n"
    assert applied(hunk) == CODE.replace("import sys", "import re").replace("print(\"caf\u00e9 'quoted' text\")", "print()")


def test_left_out_context_is_no_neighbour():
    assert refusal("@@ -1,20 +1,20 @@\n import os\n # ...\n+x = 1\n     reader.open(arguments[0])\n").code == "no_context"


def test_left_out_removed_lines_are_refused():
    assert (
        refusal("@@ -6,3 +6,2 @@\n     def open(self, path):\n-        ...\n-        return stream\n+        return 1\n").code
        == "not_found"
    )


def test_a_change_that_is_there_is_not_made_again():
    hunk = "@@ -16,3 +16,4 @@\n def main(arguments):\n+    check(arguments)\n     reader = Reader()\n     reader.open(arguments[0])\n"
    once = applied(hunk)
    assert refusal(hunk, once).code in {"already_applied", "not_found"}
    shifted = "@@ -40,3 +40,4 @@\n" + hunk.split("\n", 1)[1]
    assert refusal(shifted, once).code in {"already_applied", "not_found"}


def test_a_repeated_line_is_added_once():
    hunk = "@@ -1,2 +1,3 @@\n x\n+x\n y\n"
    once = applied(hunk, "x\ny\n")
    assert once == "x\nx\ny\n"
    assert refusal(hunk, once).code == "already_applied"


def test_a_blank_line_is_removed_once():
    hunk = "@@ -1,4 +1,3 @@\n a\n \n-\n b\n"
    once = applied(hunk, "a\n\n\nb\n")
    assert once == "a\n\nb\n"
    assert refusal(hunk, once).code in {"already_applied", "not_found"}


def test_a_twin_is_not_changed_for_one_that_is_done():
    block = "    a = 1\n    value = compute(a)\n    return value\n"
    text = f"def f():\n{block}\n\ndef g():\n{block}"
    hunk = "@@ -2,3 +2,3 @@\n     a = 1\n-    value = compute(a)\n+    value = compute(a, 2)\n     return value\n"
    once = applied(hunk, text)
    assert once.startswith("def f():\n    a = 1\n    value = compute(a, 2)\n")
    assert refusal(hunk, once).code == "already_applied"


@pytest.mark.parametrize(
    ("text", "hunk"),
    [
        ("x\n" * 1_000_000, "@@ @@\n x\n-x\n+y\n x\n z\n"),
        ("a\nb\n" * 300_000, "@@ @@\n a\n b\n a\n-a\n+c\n b\n"),
        ("x\n" * 30_000 + "z\n" + "x\n" * 30_000, "@@ @@\n" + " x\n" * 20_000 + "-x\n+y\n" + " x\n" * 20_000),
        (("q\n" * 50 + "x\n") * 450, "@@ @@\n" + " q\n" * 500 + " stale\n-x\n+y\n" + " q\n" * 500),
        ("a\nx\nb\n" * 5_000, "@@ @@\n" + " a\n-x\n+y\n b\n ...\n" * 500),
        ("line 1\n" * 20, "@@ -1 +1 @@\n-line 1\n+x\n" * 300_000),
        ("a\n", "@@ -1 +1 @@\n-" + "x " * 2_000_000 + "\n+y\n"),
    ],
)
def test_no_text_keeps_the_search_busy_for_long(text, hunk):
    started = time.process_time()
    assert refusal(hunk, text).code
    assert time.process_time() - started < 10


def test_a_hunk_of_very_many_blocks_is_placed_in_time():
    count = 20_000
    text = "".join(f"q{number}\nx{number}\n" for number in range(count))
    hunk = "@@ -1 +1 @@\n stale\n" + "".join(f" q{number}\n-x{number}\n+y{number}\n" for number in range(count))
    started = time.process_time()
    assert applied(hunk, text) == text.replace("x", "y")
    assert time.process_time() - started < 10
