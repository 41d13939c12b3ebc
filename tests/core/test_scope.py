import time

import pytest

from autopack.core.scope import Scope, matches

MATCHING = [
    ("src", "src/a.py"),
    ("src/", "src/a/b.py"),
    ("src/a.py", "src/a.py"),
    ("./src/", "src/a.py"),
    (".", "any/thing"),
    ("app/[slug]/page.tsx", "app/[slug]/page.tsx"),
    ("a?.py", "a?.py"),
    ("*.py", "a.py"),
    ("src/*.py", "src/a.py"),
    ("src/*", "src/a"),
    ("**", "a/b"),
    ("**/*.py", "a.py"),
    ("**/*.py", "x/y/a.py"),
    ("**/package.json", "package.json"),
    ("**/package.json", "packages/a/package.json"),
    ("src/**", "src/a/b"),
    ("a/**/b/**/c", "a/b/c"),
    ("a/**/b/**/c", "a/x/b/y/z/c"),
    ("**/a/b", "x/a/a/b"),
    ("packages/*/src/", "packages/one/src/deep/a.ts"),
    ("src/**.py", "src/y.py"),
    ("src/**.py", "src/x/y.py"),
    ("a?c*", "abcd"),
    ("*a*b*", "xaxbx"),
    ("\u00e9t\u00e9/", "\u00e9t\u00e9/a.py"),
    ("e\u0301te\u0301/", "\u00e9t\u00e9/a.py"),
]
NOT_MATCHING = [
    ("src", "srcfoo/c.py"),
    ("src/", "src"),
    ("src/a.py", "src/a.py.bak"),
    ("src/a.py", "src/a.pyc"),
    ("src/", "SRC/a.py"),
    ("*.py", "src/a.py"),
    ("src/*.py", "src/util/b.py"),
    ("src/**", "src"),
    ("src/**.py", "src/y.pyc"),
    ("packages/*/src/", "packages/one/src"),
    ("packages/*/src/", "packages/one/two/src/a"),
    ("a/**/b/**/c", "a/x/y/z/c"),
    ("*a*b", "xaxbx"),
    ("a?c", "abc"),
    ("[ab].py", "a.py"),
    ("!src/", "src/a.py"),
    ("a.py", "src/a.py"),
    ("..", "a"),
    ("a/../b", "b"),
    ("/src", "src"),
    ("", "a"),
    ("a//b", "a/b"),
    ("x.*", "xa"),
]


@pytest.mark.parametrize(("pattern", "path"), MATCHING)
def test_entry_matches(pattern, path):
    assert matches(pattern, path)
    assert Scope((pattern,)).allows(path)


@pytest.mark.parametrize(("pattern", "path"), NOT_MATCHING)
def test_entry_does_not_match(pattern, path):
    assert not matches(pattern, path)
    assert not Scope((pattern,)).allows(path)


def test_no_list_allows_everything_and_an_empty_list_nothing():
    assert Scope(None).allows("a/b.py")
    assert not Scope(()).allows("a/b.py")
    assert list(Scope(None).among(["a/b.py", "c"])) == ["a/b.py", "c"]
    assert list(Scope(()).among(["a/b.py", "c"])) == []


def test_of_many_paths_those_come_back_that_are_allowed_one_by_one_in_their_order():
    paths = ["z.py", "src/b.py", "src/a.txt", "docs/b.md", "src.py", "docs/deep/c.md"]
    for entries in (("src/", "docs/*.md"), ("z.py",), ("**/*.md", "src"), (".",)):
        scope = Scope(entries)
        assert list(scope.among(paths)) == [path for path in paths if scope.allows(path)]
    assert list(Scope(("src/", "docs/*.md")).among(paths)) == ["src/b.py", "src/a.txt", "docs/b.md"]


def test_only_a_literal_entry_names_a_file_exactly():
    assert Scope((".github/workflows/ci.yml",)).names_exactly(".github/workflows/ci.yml")
    for entry in (".github/", ".github", ".github/workflows/*.yml", "**", "."):
        assert not Scope((entry,)).names_exactly(".github/workflows/ci.yml"), entry
    assert not Scope(None).names_exactly("a.py")


def test_read_only_holds_inside_a_wider_scope():
    scope = Scope(("src/",), ("src/vendor/",))
    assert scope.is_read_only("src/vendor/a.py")
    assert not scope.is_read_only("src/a.py")
    assert Scope(None, ("docs/",)).is_read_only("docs/a.md")
    assert Scope((".",), ("docs/",)).is_read_only("docs/a.md")


def test_a_narrower_entry_opens_part_of_what_is_read_only():
    scope = Scope(("src/", "docs/**/*.md", "lib/a.py"), ("docs/", "lib/*.py"))
    assert not scope.is_read_only("docs/x/y.md")
    assert scope.is_read_only("docs/x/y.txt")
    assert not scope.is_read_only("lib/a.py")
    assert scope.is_read_only("lib/b.py")


def test_the_same_entry_on_both_sides_is_read_only():
    assert Scope(("docs/",), ("docs/",)).is_read_only("docs/a.md")
    assert Scope(("docs",), ("docs/",)).is_read_only("docs/a.md")
    assert Scope(("a.py",), ("a.py",)).is_read_only("a.py")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 1000),
        ("**/a/" * 30 + "b", "a/" * 39 + "a"),
        ("**a" * 20 + "b", "a/" * 39 + "a"),
        ("*" * 500 + "b", "a" * 1000),
    ],
)
def test_no_pattern_takes_long(pattern, path):
    start = time.process_time()
    assert not matches(pattern, path)
    assert time.process_time() - start < 0.5


def test_a_scope_of_many_entries_is_quick():
    scope = Scope((*(f"packages/p{number}/src/" for number in range(200)), "**/*.md", "docs/**/*.rst"))
    scope.allows("x")
    start = time.process_time()
    for number in range(1000):
        scope.allows(f"packages/p{number}/src/deep/er/file.py")
    assert time.process_time() - start < 0.1
