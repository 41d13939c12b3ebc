import pytest

from autopack.edits.guards import judge_size, judge_symbols, lost_symbols
from autopack.edits.model import EditRefused


def lines(count):
    return "".join(f"line {number}\n" for number in range(count))


@pytest.mark.parametrize(("was", "now"), [(40, 15), (100, 39), (1000, 0), (40, 1)])
def test_file_that_shrinks_by_more_than_60_percent_is_refused(was, now):
    with pytest.raises(EditRefused, match=f"from {was} to {now} lines") as refused:
        judge_size("a.py", lines(was), lines(now), allow_mass_addition=True)
    assert refused.value.code == "mass_deletion"
    judge_size("a.py", lines(was), lines(now), allow_mass_deletion=True)


@pytest.mark.parametrize(("was", "now"), [(40, 16), (39, 1), (100, 40), (10, 0), (50, 50)])
def test_file_that_shrinks_less_or_was_small_is_accepted(was, now):
    judge_size("a.py", lines(was), lines(now))


@pytest.mark.parametrize(("was", "now"), [(67, 202), (1, 201), (100, 301)])
def test_file_that_grows_to_more_than_3_times_is_refused(was, now):
    with pytest.raises(EditRefused, match=f"from {was} to {now} lines") as refused:
        judge_size("a.py", lines(was), lines(now), allow_mass_deletion=True)
    assert refused.value.code == "mass_addition"
    judge_size("a.py", lines(was), lines(now), allow_mass_addition=True)


@pytest.mark.parametrize(("was", "now"), [(1, 200), (67, 201), (100, 300), (0, 5000)])
def test_file_that_grows_less_or_stays_small_is_accepted(was, now):
    judge_size("a.py", lines(was), lines(now))


def test_new_file_may_have_any_size():
    judge_size("a.py", None, lines(5000))


@pytest.mark.parametrize("count", [0, 1, 39, 400])
def test_deletion_of_any_file_has_to_be_allowed(count):
    with pytest.raises(EditRefused) as refused:
        judge_size("a.py", lines(count), None)
    assert refused.value.code == "deletion"
    judge_size("a.py", lines(count), None, allow_mass_deletion=True)


PYTHON = "import x\ndef a(): pass\nasync def b(): pass\nclass C:\n    def inner(self): pass\nif x:\n    def d(): pass\ntry:\n    pass\nexcept E:\n    def e(): pass\n"


def test_lost_python_symbols_are_the_top_level_ones_that_are_gone():
    assert lost_symbols("m.py", PYTHON, "def b(): pass\n") == ["a", "C", "d", "e"]
    assert lost_symbols("m.py", PYTHON, "\ufeff" + PYTHON + "def f(): pass\n") == []
    assert lost_symbols("m.py", PYTHON, PYTHON.replace("    def inner(self): pass\n", "    pass\n")) == []


def test_lost_symbols_of_what_does_not_parse_are_not_guessed():
    assert lost_symbols("m.py", PYTHON, "def (:\n") == []
    assert lost_symbols("m.py", "print 'x'\n", "") == []
    assert lost_symbols("m.py", PYTHON, "(" * 100_000) == []
    assert lost_symbols("README.md", "def a(): pass", "") == []


def test_lost_script_symbols_are_functions_types_and_exports():
    before = (
        "export default async function one() {}\nfunction* two() {}\nexport abstract class Three {}\nexport interface Four {}\n"
        "export const five = 1\nconst private1 = 1\nexport { six, x as seven }\nexport type Eight = 1\nenum Nine {}\n  function nested() {}\n"
    )
    assert lost_symbols("m.ts", before, "") == ["one", "two", "Three", "Four", "five", "six", "seven", "Eight", "Nine"]
    assert lost_symbols("m.tsx", before, before.replace("export interface Four", "interface Four")) == []


def test_a_small_fix_takes_no_function_away():
    before = "def kept():\n    return 1\n\n\ndef helper():\n    return 2\n"
    with pytest.raises(EditRefused, match="`helper` would be gone") as refused:
        judge_symbols("a.py", before, "def kept():\n    return 3\n")
    assert refused.value.code == "lost_symbols"
    judge_symbols("a.py", before, before.replace("return 2", "return 3"))
    judge_symbols("a.txt", before, "")


@pytest.mark.parametrize("terms", [400, 900, 5000])
def test_a_long_chain_of_elif_is_read_to_its_end(terms):
    chain = "if a:\n    pass\n" + "".join(f"elif b{number}:\n    pass\n" for number in range(terms))
    lost = lost_symbols("a.py", chain + "def gone(): ...\n", chain)
    assert lost in (["gone"], [])  # the parser itself gives up somewhere, which is no crash
