import pytest

from autopack.edits.model import EditRefused
from autopack.edits.snippet import judge_snippet

MODULE = """import json
import os

LIMIT = 10


def load(path):
    with open(path) as file:
        return json.load(file)


def store(path, value):
    with open(path, "w") as file:
        json.dump(value, file)


def is_there(path):
    return os.path.exists(path)


def remove(path):
    if is_there(path):
        os.remove(path)
"""
LINES = MODULE.split("\n")


def is_snippet(new, old=LINES, path="a.py"):
    try:
        judge_snippet(path, old, new)
    except EditRefused as refused:
        assert refused.code == "snippet"
        return True
    return False


@pytest.mark.parametrize("how_much", [slice(6, 9), slice(6, 15), slice(3, 18)])
def test_a_stretch_from_the_middle_is_a_snippet_whatever_its_size(how_much):
    assert is_snippet(LINES[how_much])
    assert is_snippet([*LINES[how_much], "    print(path)"])


def test_the_end_of_a_module_without_the_imports_it_uses_is_a_snippet():
    assert is_snippet(LINES[6:])
    assert not is_snippet([line.replace("json.", "").replace("os.", "") for line in LINES[6:]])


def test_a_text_that_starts_or_stops_inside_a_block_is_a_snippet():
    assert is_snippet(LINES[7:])
    assert is_snippet(LINES[:13])
    assert not is_snippet(LINES[:16])


def test_a_small_part_with_a_change_inside_is_a_snippet():
    assert is_snippet([*LINES[:4], "SIZE = 20", *LINES[4:8]])


def test_a_file_that_lost_parts_on_purpose_is_none():
    assert not is_snippet([*LINES[:10], *LINES[16:]])
    assert not is_snippet(["from other import load, remove, store"])
    assert not is_snippet(["# This file has moved to other.py.", *LINES[:2]])
    assert not is_snippet(["from other import json, os", *LINES[6:15], "", "def more():", "    return 1", "    # end"])


def test_a_header_taken_away_is_no_snippet():
    licensed = ["# Copyright", "# All rights reserved", "# by nobody", *LINES]
    assert not is_snippet(LINES, licensed)


def test_the_closing_bracket_of_a_piece_is_its_own_and_not_the_files():
    script = [line for number in range(4) for line in (f"function f{number}(x) {{", f"  return x + {number};", "}", "")]
    assert is_snippet(script[4:7], script, "a.js")
    assert is_snippet(["function f1(x) {", "  return x * 11;", "}"], script, "a.js")
    assert not is_snippet(script[:12], script, "a.js")
    assert not is_snippet([*script[:4], *script[12:]], script, "a.js")


def test_a_module_that_stops_inside_a_function_while_others_follow_is_a_snippet():
    module = [*LINES[:12], "    # here", "    x = 1", "", *LINES[12:]]
    assert is_snippet(module[:8], module)
    assert not is_snippet([*LINES[:-2], "        pass"], [*LINES[:-2], "        pass", "    one()", "    two()", "    three()"])
    shop = ["class Shop:", "    def open(self):", "        self.door = 1", "    def close(self):", *["        self.door = 0"] * 3]
    assert not is_snippet(shop[:3], shop)
