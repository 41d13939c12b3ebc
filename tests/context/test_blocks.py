import pytest

from autopack.context.blocks import blocks_of, imports_of

SOURCE = '''"""Carts."""
import json
from shop import tax

LIMIT = 3


class Cart:
    """What somebody buys."""

    def add(self, item):
        self.items.append(item)

    def total(self):
        return sum(self.items)


def load(text):
    return json.loads(text)
'''
SHOP = SOURCE.splitlines()


def test_functions_and_heads_of_classes_are_blocks_of_their_own():
    names = {block.names: (block.first, block.last) for block in blocks_of("shop.py", SHOP)}
    assert ("Cart",) in names
    assert names["add", "Cart"] == (11, 12)
    assert names["load",] == (18, 19)


@pytest.mark.parametrize("path", ["a.py", "a.js", "a.txt"])
@pytest.mark.parametrize("lines", [SHOP, [], ["x"] * 500, ["def f():", *["    x = 1"] * 300]])
def test_blocks_cover_every_line_once(path, lines):
    numbers = [number for block in blocks_of(path, lines) for number in range(block.first, block.last + 1)]
    assert numbers == list(range(1, len(lines) + 1))


def test_a_long_function_comes_in_pieces_that_keep_its_name():
    blocks = blocks_of("a.py", ["def f():", *["    x = 1"] * 300])
    assert max(block.last - block.first + 1 for block in blocks) <= 60
    assert {block.names for block in blocks} == {("f",)}


def test_imports_end_before_the_first_definition():
    assert imports_of(SHOP)[1] == 4
    assert imports_of(["package gin", "", "import (", '\t"fmt"', ")", "", "func main() {", "}"]) == (1, 6)
    assert imports_of(["x = 1"]) == (1, 0)


def test_a_licence_above_the_imports_is_none_of_them():
    assert imports_of([*["# All rights reserved."] * 30, "", "import os", "import re", "", "class Shop:"]) == (32, 34)
