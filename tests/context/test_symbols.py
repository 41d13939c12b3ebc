import time

import pytest

from autopack.context.symbols import symbols_of


def names(path, text):
    return [symbol.name for symbol in symbols_of(path, text.split("\n"))]


def test_python_symbols_span_their_decorators_and_bodies():
    text = "import a\n\n@one\n@two\ndef f(x):\n    return x\n\nclass C:\n    def m(self):\n        pass\n"
    found = {symbol.name: (symbol.first_line, symbol.last_line, symbol.depth) for symbol in symbols_of("a.py", text.split("\n"))}
    assert found == {"f": (3, 6, 0), "C": (8, 10, 0), "m": (9, 10, 1)}


def test_python_that_does_not_parse_is_outlined_by_its_lines():
    assert names("a.py", "def f(:\n    pass\n\nclass C:\n    async def m(self):\n") == ["f", "C", "m"]


def test_python_with_an_invalid_escape_warns_nobody():
    assert names("a.py", 'def f():\n    return "\\d"\n') == ["f"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "a.ts",
            "export async function load(a: string) {\n}\nexport const save = async (x) => {\n}\nclass A {\n  run(): void {\n    if (x) {\n    }\n  }\n}\n",
            ["load", "save", "A", "run"],
        ),
        ("a.go", "type Cart struct {\n}\nfunc (c *Cart) Total() int {\n}\nfunc New() {}\n", ["Cart", "Total", "New"]),
        ("a.rs", "pub struct Cart;\nimpl Cart {\n    pub fn total(&self) -> u32 {\n", ["Cart", "impl Cart {", "total"]),
        ("A.java", "public class A {\n    private static int total(int a) {\n        return f(a);\n", ["A", "total"]),
        ("a.c", "#define MAX 3\nstruct cart {\nint total(struct cart *c)\n{\n    return 1;\n", ["MAX", "cart", "total"]),
        ("a.rb", "module Shop\n  class Cart\n    def self.total?\n", ["Shop", "Cart", "total?"]),
        ("a.sql", "CREATE TABLE IF NOT EXISTS carts (\n", ["carts"]),
        ("a.md", "# Shop\ntext\n## Cart\n", ["Shop", "Cart"]),
        ("a.unknown", "def f():\n", []),
    ],
)
def test_other_languages_are_outlined_by_their_lines(path, text, expected):
    assert names(path, text) == expected


def test_a_scanned_symbol_lasts_until_the_next_one_no_deeper():
    found = {
        symbol.name: (symbol.first_line, symbol.last_line)
        for symbol in symbols_of("a.rb", ["class A", "  def f", "  end", "  def g", "  end", "class B", ""])
    }
    assert found["A"] == (1, 5)
    assert found["f"] == (2, 3)


@pytest.mark.parametrize("line", ["a " * 200, "f(" * 200, "public " * 100, "x:" * 200, "const a : " + ": " * 200, "a*&" * 100])
@pytest.mark.parametrize("path", ["a.ts", "a.java", "a.c", "a.rs", "a.css"])
def test_hostile_lines_take_no_time(path, line):
    began = time.process_time()
    symbols_of(path, [line] * 200)
    assert time.process_time() - began < 10


def test_hopelessly_nested_python_is_outlined_by_its_lines():
    assert names("a.py", "def f():\n    pass\nx = " + "(" * 5000 + ")" * 5000 + "\n") == ["f"]
