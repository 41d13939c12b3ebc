"""Syntax trees of other languages: in a process of their own, since all other tests run on a base install."""

import json
import subprocess
import sys

import pytest

from autopack.context.grammars import grammar_for
from autopack.context.symbol_patterns import pattern_for
from autopack.context.symbols import symbols_of
from tests.support.extras import EXTRAS

PROGRAM = """
import json, sys
from autopack.context.symbols import symbols_of
told = {path: [[s.name, s.first_line, s.last_line, s.depth] for s in symbols_of(path, text.split(chr(10)))] for path, text in json.load(sys.stdin).items()}
print(json.dumps(told))
"""
FILES = {
    "a.js": (
        (
            "/** Loads.\n */\nexport async function load(a) {\n  const inner = () => 1\n}\nclass A {\n  run() {\n  }\n}\n"
            "app.use = function use(fn) {\n}\nif (x) {\n}\nmodule.exports = {\n  m() {},\n  n: function () {}\n}\n"
        ),
        [["load", 1, 5, 0], ["A", 6, 9, 0], ["run", 7, 8, 1], ["use", 10, 11, 0], ["m", 15, 15, 0], ["n", 16, 16, 0]],
    ),
    "a.ts": (
        "export interface A {\n  x(): void\n}\nexport type B = 1\nabstract class D {\n  private run(): void {}\n}\nnamespace N {\n  export const f = () => 1\n}\n",
        [["A", 1, 3, 0], ["B", 4, 4, 0], ["D", 5, 7, 0], ["run", 6, 6, 1], ["N", 8, 10, 0], ["f", 9, 9, 1]],
    ),
    "a.tsx": ("export const V = () => <a/>\n", [["V", 1, 1, 0]]),
    "a.go": (
        "package a\n\n// Cart holds.\ntype Cart struct {\n}\n\nfunc (c *Cart) Total() int {\n\treturn 1\n}\n\nvar x = 1\n",
        [["Cart", 3, 5, 0], ["Total", 7, 9, 0]],
    ),
    "a.rs": (
        "#[derive(Debug)]\npub struct Cart;\nimpl Cart {\n    /// Sum.\n    pub fn total(&self) -> u32 {\n        1\n    }\n}\n",
        [["Cart", 1, 2, 0], ["Cart", 3, 8, 0], ["total", 4, 7, 1]],
    ),
    "A.java": (
        "@X\npublic class A {\n  @Override\n  int f() {\n    return g();\n  }\n}\nrecord R(int a) {}\n",
        [["A", 1, 7, 0], ["f", 3, 6, 1], ["R", 8, 8, 0]],
    ),
    "a.c": (
        "#define MAX 3\nstatic int total(struct cart *c)\n{\n    return 1;\n}\nchar *name(void)\n{\n    return 0;\n}\nstruct s {\n    int a;\n};\n",
        [["MAX", 1, 1, 0], ["total", 2, 5, 0], ["name", 6, 9, 0], ["s", 10, 12, 0]],
    ),
    "a.cpp": (
        "namespace a {\nclass B : C {\n  int f() { return 1; }\n};\n}\nint B::g(int x) {\n}\ntemplate <class T>\nT h(T x) {\n}\n",
        [["a", 1, 5, 0], ["B", 2, 4, 1], ["f", 3, 3, 2], ["g", 6, 7, 0], ["h", 8, 10, 0]],
    ),
    "a.rb": ("module A\n  class B\n    def self.x?\n    end\n  end\nend\n", [["A", 1, 6, 0], ["B", 2, 5, 1], ["x?", 3, 4, 2]]),
    "a.php": (
        "<?php\nclass B\n{\n    public function f()\n    {\n    }\n}\nfunction g() {}\n",
        [["B", 2, 7, 0], ["f", 4, 6, 1], ["g", 8, 8, 0]],
    ),
    "a.cs": ("namespace N {\nclass A {\n  int F() => 1;\n}\n}\n", [["N", 1, 5, 0], ["A", 2, 4, 1], ["F", 3, 3, 2]]),
    "odd.js": ("function f( {\n" * 300, None),
    "none.go": ("package a\n", []),
}


@pytest.mark.extras
def test_symbols_of_ten_languages_span_their_comments_and_bodies():
    asked = json.dumps({path: text for path, (text, _) in FILES.items()})
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=asked, env={"PYTHONPATH": f"{EXTRAS}:."}, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    expected = {path: symbols for path, (_, symbols) in FILES.items() if symbols is not None}
    assert {path: told[path] for path in expected} == expected


def test_every_language_with_a_grammar_has_a_pattern_for_where_that_is_not_installed():
    extensions = [path.rpartition(".")[2] for path in FILES]
    assert all(grammar_for(extension) and pattern_for(extension) for extension in extensions)
    assert [symbol.name for symbol in symbols_of("a.go", FILES["a.go"][0].split("\n"))] == ["Cart", "Total"]
