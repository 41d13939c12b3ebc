"""What weakens tests is found, whatever form it takes; what only moves, renames or reshapes them is not."""

import pytest

from autopack.core.checking import CheckReport, CheckStatus, StepReport, StepStatus, TestResults
from autopack.core.scope import Scope
from autopack.review.tampering import TestChanges, find_tampering

DIRECTORIES = Scope(("tests/", "src/**", "package.json/", "**/*.py", "*.json"))
GREEN = CheckReport(status=CheckStatus.GREEN)
T = "tests/test_a.py"
OLD = """
import pytest
from shop import price, total


def test_price():
    assert price(1) == 1
    assert price(2) == 2


def test_total():
    assert total([1, 2]) == 3


class TestCart:
    def test_empty(self):
        self.assertEqual(total([]), 0)

    def test_runs(self):
        total([1])
"""


def ran(command="pytest", passed=(), skipped=(), missing=()):
    results = TestResults(passed=tuple(passed), skipped=tuple(skipped))
    step = StepReport(name="t", command=command, status=StepStatus.GREEN, exit_code=0, duration_s=1, output="", results=results)
    return CheckReport(status=CheckStatus.GREEN, steps=(step,), missing=tuple(missing))


def found(before, after, report=GREEN, scope=DIRECTORIES):
    return [finding.sentence for finding in find_tampering(before, after, report, scope)]


def changed(old, new, text=OLD):
    assert old in text
    return found({T: text}, {T: text.replace(old, new)})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def test_total():\n    assert total([1, 2]) == 3\n", "", "1 test gone: `test_total`"),
        ("def test_total", "def _test_total", "gone: `test_total`"),
        ("class TestCart", "class Cart", "gone: `TestCart.test_empty`, `TestCart.test_runs`"),
        ("class TestCart:\n", "class TestCart:\n    __test__ = False\n", "gone: `TestCart.test_empty`"),
        ("def test_total", "@pytest.mark.skip\ndef test_total", "`test_total` is skipped"),
        ("def test_total", "@pytest.mark.skipif(True, reason='slow')\ndef test_total", "`test_total` is skipped"),
        ("def test_total", "@pytest.mark.xfail\ndef test_total", "`test_total` is skipped or expected to fail"),
        ("    assert total([1, 2]) == 3", "    pytest.skip('later')\n    assert total([1, 2]) == 3", "`test_total` is skipped"),
        ("class TestCart", "@unittest.skip('x')\nclass TestCart", "`TestCart.test_empty` is skipped"),
        ("        self.assertEqual(total([]), 0)", "        self.skipTest('x')", "`TestCart.test_empty` is skipped"),
        ("import pytest\n", "import pytest\npytestmark = pytest.mark.skip\n", "whole module is skipped"),
        ("import pytest\n", "import pytest\npytest.skip('no', allow_module_level=True)\n", "whole module is skipped"),
        ("    assert total([1, 2]) == 3", "    pass", "`test_total` is emptied"),
        ("    assert total([1, 2]) == 3", "    ...", "`test_total` is emptied"),
        ("    assert total([1, 2]) == 3", "    assert True", "`test_total` is emptied"),
        ("        total([1])", "        '''Later.'''", "`TestCart.test_runs` is emptied"),
        ("    assert total([1, 2]) == 3", "    total([1, 2])", "`test_total` asserts 0 instead of 1"),
        ("    assert price(2) == 2\n", "", "`test_price` asserts 1 instead of 2"),
        ("    assert price(2) == 2\n", "    assert price(2) == 2 or True\n", "`test_price` asserts 1 instead of 2"),
        ("    assert price(1) == 1\n", "    return\n    assert price(1) == 1\n", "`test_price` is emptied"),
        (
            "    assert total([1, 2]) == 3",
            "    try:\n        assert total([1, 2]) == 3\n    except AssertionError:\n        pass",
            "asserts 0",
        ),
        ("    assert total([1, 2]) == 3", "    if False:\n        assert total([1, 2]) == 3", "asserts 0 instead of 1"),
        ("class TestCart", "def test_price():\n    assert True\n\n\nclass TestCart", "`test_price` is emptied"),
        ("def test_total():\n    assert total([1, 2]) == 3\n", "def test_more():\n    assert other(1) == 3\n", "gone: `test_total`"),
        (
            "def test_total():\n    assert total([1, 2]) == 3\n",
            "@pytest.mark.skip\ndef test_sum():\n    assert total([1, 2]) == 3\n",
            "gone: `test_total`",
        ),
    ],
)
def test_every_way_to_weaken_a_test_is_found(old, new, said):
    sentences = changed(old, new)
    assert sentences
    assert any(said in sentence for sentence in sentences), sentences
    assert all(sentence.startswith(f"{T}: ") for sentence in sentences)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def test_total", "def test_sum_of_all"),
        ("total([1, 2]) == 3", "total([1, 2, 3]) == 6"),
        ("    assert price(1) == 1\n    assert price(2) == 2\n", "    for cents in (1, 2):\n        assert price(cents) == cents\n"),
        (
            "def test_price():\n    assert price(1) == 1\n    assert price(2) == 2\n",
            "@pytest.mark.parametrize('cents', [1, 2])\ndef test_price(cents):\n    assert price(cents) == cents\n",
        ),
        (
            "def test_price():\n    assert price(1) == 1\n    assert price(2) == 2\n",
            "@pytest.mark.parametrize(('cents', 'told'), CASES)\ndef test_prices(cents, told):\n    assert price(cents) == told\n",
        ),
        (
            "def test_price():\n    assert price(1) == 1\n    assert price(2) == 2\n",
            "def test_price_of_one():\n    assert price(1) == 1\n\n\ndef test_price_of_two():\n    assert price(2) == 2\n",
        ),
        ("    assert price(2) == 2\n", "\n\ndef test_price_of_two():\n    assert price(2) == 2\n"),
        (
            "    assert price(1) == 1\n    assert price(2) == 2\n",
            "    _check(1)\n    _check(2)\n\n\ndef _check(cents):\n    assert price(cents) == cents\n",
        ),
        ("class TestCart", "@pytest.mark.skipif(NO_NET, reason='net')\ndef test_new():\n    assert price(9) == 9\n\n\nclass TestCart"),
        ("class TestCart", "class TestBasket"),
        ("    assert total([1, 2]) == 3", "    with pytest.raises(ValueError):\n        total(None)\n    assert total([1, 2]) == 3"),
        ("def test_runs", "def test_it_runs"),
        ("import pytest\n", "import os\nimport pytest\n"),
    ],
)
def test_a_new_name_place_or_form_of_a_test_is_no_weakening(old, new):
    assert changed(old, new) == []


def test_a_test_that_moves_to_another_file_is_no_weakening():
    body = "def test_total():\n    assert total([1, 2]) == 3\n"
    assert found({T: OLD}, {T: OLD.replace(body, ""), "tests/test_total.py": body}) == []
    assert found({T: OLD}, {T: None, "tests/deep/test_b.py": OLD}) == []
    assert found({T: OLD}, {T: None, "tests/deep/test_b.py": OLD.replace(body, "")}) == [f"{T}: 1 test gone: `test_total`."]


def test_what_pays_for_a_lost_test_pays_once():
    three = "".join(f"def test_{n}():\n    assert total([{n}]) == {n}\n\n\n" for n in range(3))
    one = "def test_all():\n    assert total([1]) == 1\n"
    assert "2 tests gone" in found({T: three}, {T: one})[0]


def test_a_deleted_test_file_is_found_with_its_tests():
    assert found({T: OLD}, {T: None}) == [f"{T}: 4 tests gone: `test_price`, `test_total`, `TestCart.test_empty`, `TestCart.test_runs`."]


def test_only_a_scope_that_names_the_very_file_allows_it():
    gone = {T: OLD}, {T: None}
    for scope in (Scope(("tests/",)), Scope(("tests",)), Scope(("tests/*.py",)), Scope(("**",)), Scope(("tests/test_b.py",))):
        assert [finding.is_allowed for finding in find_tampering(*gone, GREEN, scope)] == [False]
    allowed = find_tampering(*gone, GREEN, Scope(("src/", T)))
    assert [finding.is_allowed for finding in allowed] == [True]
    assert TestChanges(findings=allowed).blocking == ()


JS = """
describe('cart', () => {
  it('adds', () => {
    expect(add(1, 2)).toBe(3);
    expect(add(2, 2)).toBe(4);
  });
  test("is empty", () => { expect(cart()).toEqual([]); });
});
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('  test("is empty", () => { expect(cart()).toEqual([]); });\n', "", "1 test gone: `is empty`"),
        ("it('adds'", "it.skip('adds'", "skipped"),
        ("it('adds'", "xit('adds'", "skipped"),
        ("describe('cart'", "describe.skip('cart'", "skipped"),
        ("describe('cart'", "xdescribe('cart'", "skipped"),
        ('test("is empty"', 'test.only("is empty"', "`.only`"),
        ('test("is empty"', 'test.todo("is empty"', "skipped"),
        ("    expect(add(2, 2)).toBe(4);\n", "", "`adds` expects 1 instead of 2"),
        ("    expect(add(2, 2)).toBe(4);\n", "    // expect(add(2, 2)).toBe(4);\n", "`adds` expects 1 instead of 2"),
    ],
)
def test_weakened_tests_of_javascript_are_found(old, new, said):
    assert old in JS
    sentences = found({"src/cart.test.ts": JS}, {"src/cart.test.ts": JS.replace(old, new)})
    assert any(said in sentence for sentence in sentences), sentences


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("it('adds'", "it('sums up'"),
        ("toBe(4)", "toBe(5)"),
        ("    expect(add(2, 2)).toBe(4);\n", "  });\n  it('adds more', () => {\n    expect(add(2, 2)).toBe(4);\n"),
        (
            "it('adds', () => {\n    expect(add(1, 2)).toBe(3);\n    expect(add(2, 2)).toBe(4);\n",
            "it.each(CASES)('adds', (a, b, c) => {\n    expect(add(a, b)).toBe(c);\n",
        ),
        ("describe('cart'", "describe('basket'"),
    ],
)
def test_reshaped_tests_of_javascript_are_no_weakening(old, new):
    assert old in JS
    assert found({"src/cart.test.ts": JS}, {"src/cart.test.ts": JS.replace(old, new)}) == []


def test_moved_tests_of_javascript_are_no_weakening():
    assert found({"a.test.js": JS}, {"a.test.js": None, "b.test.js": JS}) == []


SETTINGS = [
    ("pytest.ini", "[pytest]\naddopts = -q\n", "[pytest]\naddopts = -q -k 'not slow'\n", "addopts"),
    ("pytest.ini", "[pytest]\naddopts = -q\n", "[pytest]\naddopts = -q --deselect tests/test_a.py::test_b\n", "addopts"),
    ("tox.ini", None, "[pytest]\naddopts = --ignore=tests/test_a.py\n", "addopts"),
    ("setup.cfg", "[tool:pytest]\n", "[tool:pytest]\npython_files = check_*.py\n", "python_files"),
    (
        "pyproject.toml",
        "[tool.pytest.ini_options]\ntestpaths = ['tests', 'more']\n",
        "[tool.pytest.ini_options]\ntestpaths = ['tests']\n",
        "more",
    ),
    ("pyproject.toml", "[tool.pytest.ini_options]\nxfail_strict = true\n", "[tool.pytest.ini_options]\n", "xfail_strict"),
    ("tox.ini", "[testenv]\ncommands = pytest\n", "[testenv]\ncommands = true\n", "commands"),
    ("tests/conftest.py", "", "collect_ignore = ['test_a.py']\n", "collect_ignore"),
    ("conftest.py", None, "def pytest_collection_modifyitems(items):\n    items.clear()\n", "pytest_collection_modifyitems"),
    ("package.json", '{"scripts": {"test": "jest"}}', '{"scripts": {"test": "jest || true"}}', "`test` is changed"),
    ("package.json", '{"scripts": {"test": "jest"}}', '{"scripts": {}}', "`test` is gone"),
    ("package.json", '{"jest": {}}', '{"jest": {"passWithNoTests": true}}', "jest"),
    ("Makefile", "test:\n\tpytest\n\ncheck: test lint\n", "test:\n\ttrue\n\ncheck: test lint\n", "`test` is changed"),
    ("Makefile", "check: test lint\n", "check: lint\n", "`check` is changed"),
]


@pytest.mark.parametrize(("path", "old", "new", "said"), SETTINGS)
def test_settings_that_take_tests_away_are_found(path, old, new, said):
    sentences = found({} if old is None else {path: old}, {path: new})
    assert [said in sentence for sentence in sentences] == [True], sentences


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("pytest.ini", "[pytest]\naddopts = -q\n", "[pytest]\naddopts = -q --cov=shop\nmarkers = slow: slow\n"),
        ("pyproject.toml", "[project]\nname = 'x'\n", "[project]\nname = 'y'\n[tool.pytest.ini_options]\ntestpaths = ['tests']\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['a']\n", "[tool.pytest.ini_options]\ntestpaths = ['a', 'b']\n"),
        ("conftest.py", "", "import pytest\n\n\n@pytest.fixture\ndef shop():\n    return 1\n"),
        ("package.json", '{"scripts": {"test": "jest"}}', '{"scripts": {"test": "jest && eslint .", "build": "tsc"}, "version": "2"}'),
        ("Makefile", "test:\n\tpytest\n", "test: build\n\tpytest\n\tmypy .\n\nbuild:\n\tpython -m build\n"),
        ("src/shop.py", "def test_connection():\n    assert 1\n", ""),
        ("README.md", "test", ""),
    ],
)
def test_other_settings_are_nobodys_business(path, old, new):
    assert found({path: old}, {path: new}) == []


@pytest.mark.parametrize("command", ["sh ./check.sh", "./check.sh --all", "cd . && bash -e check.sh", '["sh", "check.sh"]'])
def test_the_checks_own_program_is_found(command):
    assert found({"check.sh": "pytest\n"}, {"check.sh": "true\n"}, ran(command)) == [
        "check.sh: it is the check's own program, and the change rewrites it."
    ]


@pytest.mark.parametrize("command", ["grep -q two app.txt", "python app.txt", "cat check.sh.bak app.txtx"])
def test_a_file_that_a_check_only_looks_at_is_not_its_program(command):
    assert found({"app.txt": "one\n"}, {"app.txt": "two\n"}, ran(command)) == []


def test_ids_that_no_longer_run_are_found_where_the_change_does_not_touch_their_file():
    touched = {"src/shop.py": "a = 1\n"}, {"src/shop.py": "a = 2\n"}
    report = ran(passed=("tests/t.py::b[2]",), skipped=("tests/t.py::c",), missing=("tests/t.py::a", "tests/t.py::b[1]", "tests/t.py::c"))
    assert found(*touched, report) == ["tests/t.py: 2 tests that passed before did not run: `tests/t.py::a`, `tests/t.py::c (skipped)`."]


def test_ids_of_renamed_or_moved_tests_are_not_missed():
    report = ran(passed=("tests/test_a.py::test_sum",), missing=("tests/test_a.py::test_total",))
    assert found({T: OLD}, {T: OLD.replace("test_total", "test_sum")}, report) == []


@pytest.mark.parametrize("text", ["def test_a(:\n", "\0", "(" * 5000, "x = " + "-" * 50_000 + "1\n", "it('" * 20_000])
def test_hostile_text_is_looked_at_in_bounded_time(text):
    for path in (T, "a.test.js", "conftest.py", "pyproject.toml", "package.json", "Makefile", "tox.ini"):
        assert isinstance(found({path: text}, {path: text + "\n"}), list)
