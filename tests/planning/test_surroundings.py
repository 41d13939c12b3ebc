from autopack.core.scope import Scope
from autopack.planning.surroundings import PlanSurroundings


def test_entries_match_as_scopes_do():
    paths = frozenset({"a", "a/b", "a0", "a-b", "a/b/c", "ab/c", "läden/x", "x.py", "d/x.py"})
    around = PlanSurroundings(paths, frozenset())
    for entry in ("a", "a/", "./a", "a/b", ".", "ab", "l\u0061\u0308den/", "**/*.py", "*.py", "a*", "none"):
        assert around.matching(entry) == {path for path in paths if Scope((entry,)).allows(path)}, entry


def test_several_entries_hold_what_each_of_them_holds():
    around = PlanSurroundings(frozenset({"a/x", "b/y", "c"}), frozenset())
    assert around.inside(("a/", "c")) == {"a/x", "c"}
    assert around.inside(()) == frozenset()


def test_files_that_need_an_exact_entry_are_known():
    assert PlanSurroundings(frozenset({".env", "a.py", ".github/workflows/ci.yml"}), frozenset()).closed == {
        ".env",
        ".github/workflows/ci.yml",
    }
