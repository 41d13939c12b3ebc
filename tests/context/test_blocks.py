import pytest

from autopack.context.blocks import blocks_of, last_import

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
    assert last_import(SHOP) == 4
    assert last_import(["package gin", "", "import (", '\t"fmt"', ")", "", "func main() {", "}"]) == 6
    assert last_import(["x = 1"]) == 0
