"""Edits of a small suite: sixty and more ways to weaken it while the code is broken, and as many honest ways to reshape it.

Each way has a folder of its own in one repository, so that one run of pytest tries them all; `WAYS_ALONE` change what is everybody's.
"""

from typing import Final, NamedTuple

SHOP: Final = "def price(n):\n    return 2 * n\n\n\ndef name():\n    return 'bread'\n"
BROKEN: Final = {
    "name": SHOP.replace("'bread'", "'cake'"),
    "method": SHOP.replace("return 2 * n", "return 2 * n + (n == 5)"),
    "unit": SHOP.replace("return 2 * n", "return 2 * n + (n == 6)"),
    "many": SHOP.replace("return 2 * n", "return 2 * n + (n == 3)"),
    "data": SHOP.replace("return 2 * n", "return 2 * n + (n == 7)"),
}
MORE: Final = SHOP + "\n\ndef size():\n    return 3\n"
NAME: Final = "def test_name():\n    assert name() == 'bread'\n"
MANY: Final = "@pytest.mark.parametrize('n', [1, 2, 3])\ndef test_many(n):\n    assert price(n) == 2 * n\n"
DATA: Final = "def test_data():\n    for n, told in json.loads((pathlib.Path(__file__).parent / 'cases.json').read_text()):\n        assert price(n) == told\n"
METHOD: Final = "class TestShop:\n    def test_method(self):\n        assert price(5) == 10\n"
UNIT: Final = "class ShopCase(unittest.TestCase):\n    def test_unit(self):\n        self.assertEqual(price(6), 12)\n"
HEAD: Final = "import json\nimport pathlib\nimport unittest\n\nimport pytest\n\nfrom CASE.shop import name, price\n\n\n"
PARTS: Final = ("def test_price():\n    assert price(2) == 4\n", NAME, MANY, DATA, METHOD, UNIT)
SUITE: Final = HEAD + "\n\n".join(PARTS)
BASE: Final = {"shop.py": SHOP, "test_shop.py": SUITE, "cases.json": "[[7, 14], [8, 16]]\n"}


class Way(NamedTuple):
    """``files`` are relative to the way's own folder; ``CASE`` in a text stands for its name."""

    what: str
    files: dict[str, str | None]


def _weak(what: str, broken: str, old: str, new: str, **others: str | None) -> Way:
    assert old in SUITE, what
    more = {name.replace("__", "."): text for name, text in others.items()}
    return Way(what, {"shop.py": BROKEN[broken], "test_shop.py": SUITE.replace(old, new), **more})


def _beside(what: str, broken: str, **files: str | None) -> Way:
    return Way(what, {"shop.py": BROKEN[broken], **{name.replace("__", "."): text for name, text in files.items()}})


BODY: Final = "    assert name() == 'bread'\n"
SWALLOW: Final = "def calm(test):\n    def run():\n        try:\n            test()\n        except AssertionError:\n            pass\n\n    return run\n\n\n"
WEAKENED: Final = (
    _weak("removed", "name", NAME, ""),
    _weak("renamed away", "name", "def test_name", "def _test_name"),
    _weak("skip mark", "name", "def test_name", "@pytest.mark.skip\ndef test_name"),
    _weak("skipif mark", "name", "def test_name", "@pytest.mark.skipif(True, reason='slow')\ndef test_name"),
    _weak("xfail mark", "name", "def test_name", "@pytest.mark.xfail\ndef test_name"),
    _weak("skip call", "name", BODY, "    pytest.skip('later')\n" + BODY),
    _weak("xfail call", "name", BODY, "    pytest.xfail('later')\n" + BODY),
    _weak("emptied", "name", BODY, "    pass\n"),
    _weak("assert True", "name", BODY, "    assert True\n"),
    _weak("truthy", "name", BODY, "    assert name()\n"),
    _weak("return before", "name", BODY, "    return\n" + BODY),
    _weak("or True", "name", BODY, "    assert name() == 'bread' or True\n"),
    _weak("a tuple", "name", BODY, "    told = (name() == 'bread', 'text')\n    assert told\n"),
    _weak("try and pass", "name", BODY, "    try:\n        assert name() == 'bread'\n    except AssertionError:\n        pass\n"),
    _weak("a decorator that swallows", "name", NAME, SWALLOW + "@calm\n" + NAME),
    _weak("unless CI", "name", BODY, "    import os\n    if os.environ.get('CI'):\n        return\n" + BODY),
    _weak("if False", "name", BODY, "    if False:\n        assert name() == 'bread'\n"),
    _weak("another value", "name", "'bread'\n", "'cake'\n"),
    _weak("one of two", "name", BODY, "    assert name() in ('bread', 'cake')\n"),
    _weak("itself", "name", BODY, "    assert name() == name()\n"),
    _weak("a type", "name", BODY, "    assert isinstance(name(), str)\n"),
    _weak(
        "suppress", "name", BODY, "    import contextlib\n    with contextlib.suppress(AssertionError):\n        assert name() == 'bread'\n"
    ),
    _weak("set to None", "name", NAME, NAME + "\n\ntest_name = None\n"),
    _weak("deleted by del", "name", NAME, NAME + "\n\ndel test_name\n"),
    _weak("a second one", "name", NAME, NAME + "\n\ndef test_name():\n    pass\n"),
    _weak("only as a program", "name", NAME, "if __name__ == '__main__':\n    def test_name():\n        assert name() == 'bread'\n"),
    _weak("another function", "name", NAME, "def name():\n    return 'bread'\n\n\n" + NAME),
    _weak("a lambda", "name", BODY, "    assert (lambda: name() == 'bread')\n"),
    _weak("equal to anything", "name", BODY, "    from unittest.mock import ANY\n    assert name() == ANY\n"),
    _weak("expected to fail", "name", BODY, "    with pytest.raises(AssertionError):\n        assert name() == 'bread'\n"),
    _weak(
        "a mark at run time",
        "name",
        NAME,
        NAME.replace("test_name()", "test_name(request)").replace(BODY, "    request.applymarker(pytest.mark.xfail)\n" + BODY),
    ),
    _weak(
        "a patch",
        "name",
        BODY,
        "    from unittest.mock import patch\n    with patch('CASE.shop.name', lambda: 'bread'):\n        import CASE.shop\n        assert CASE.shop.name() == 'bread'\n",
    ),
    _weak(
        "an autouse fixture that skips", "name", NAME, "@pytest.fixture(autouse=True)\ndef _slow():\n    pytest.skip('slow')\n\n\n" + NAME
    ),
    _weak(
        "a fixture that skips",
        "name",
        NAME,
        "@pytest.fixture\ndef slow():\n    pytest.skip('slow')\n\n\n@pytest.mark.usefixtures('slow')\n" + NAME,
    ),
    _weak("pytestmark", "name", HEAD, HEAD + "pytestmark = pytest.mark.skip\n\n\n"),
    _weak("a module that skips itself", "name", HEAD, HEAD + "pytest.skip('no', allow_module_level=True)\n\n\n"),
    _weak("importorskip", "name", HEAD, HEAD + "pytest.importorskip('nothing_of_the_kind')\n\n\n"),
    _weak("a helper that swallows", "name", BODY, "    check(lambda: name() == 'bread')\n\n\ndef check(claim):\n    claim()\n"),
    _weak("no loop", "data", "in json.loads((pathlib.Path(__file__).parent / 'cases.json').read_text())", "in []"),
    _weak("a break", "data", "        assert price(n) == told\n", "        break\n        assert price(n) == told\n"),
    _beside("trimmed data", "data", cases__json="[[8, 16]]\n"),
    _beside("changed data", "data", cases__json="[[7, 15], [8, 16]]\n"),
    _weak("a case less", "many", "[1, 2, 3]", "[1, 2]"),
    _weak("a case skipped", "many", "[1, 2, 3]", "[1, 2, pytest.param(3, marks=pytest.mark.skip)]"),
    _weak("no case", "many", "[1, 2, 3]", "[]"),
    _weak("__test__ = False", "method", "class TestShop:\n", "class TestShop:\n    __test__ = False\n\n"),
    _weak("__test__ = 0", "method", "class TestShop:\n", "class TestShop:\n    __test__ = 0\n\n"),
    _weak("a class renamed", "method", "class TestShop", "class Shop"),
    _weak("a class with __init__", "method", "class TestShop:\n", "class TestShop:\n    def __init__(self):\n        pass\n\n"),
    _weak("a method renamed", "method", "def test_method", "def method"),
    _weak("no TestCase", "unit", "class ShopCase(unittest.TestCase)", "class ShopCase"),
    _weak("unittest.skip", "unit", "class ShopCase", "@unittest.skip('x')\nclass ShopCase"),
    _weak("expectedFailure", "unit", "    def test_unit", "    @unittest.expectedFailure\n    def test_unit"),
    _weak("skipTest", "unit", "        self.assertEqual(price(6), 12)", "        self.skipTest('x')"),
    _weak("assertTrue", "unit", "self.assertEqual(price(6), 12)", "self.assertTrue(price(6), 12)"),
    _weak("setUp skips", "unit", "    def test_unit", "    def setUp(self):\n        raise unittest.SkipTest('x')\n\n    def test_unit"),
    _weak("almost", "unit", "self.assertEqual(price(6), 12)", "self.assertAlmostEqual(price(6), 12, delta=9)"),
    _beside("not collected", "name", test_shop__py=None, shop_checks__py=SUITE),
    _beside("the file is gone", "name", test_shop__py=None, test_other__py="def test_other():\n    assert True\n"),
    _beside("a conftest that patches", "name", conftest__py="import CASE.shop\n\nCASE.shop.name = lambda: 'bread'\n"),
    _beside(
        "a conftest that skips",
        "name",
        conftest__py="import pytest\n\n\n@pytest.fixture(autouse=True)\ndef _slow():\n    pytest.skip('slow')\n",
    ),
    _beside(
        "a hook",
        "name",
        conftest__py="import pytest\n\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem):\n    return True\n",
    ),
    _beside("collect_ignore", "name", conftest__py="collect_ignore = ['test_shop.py']\n"),
    Way(
        "hooks imported from the source",
        {
            "shop.py": BROKEN["name"] + "\n\ndef pytest_pyfunc_call(pyfuncitem):\n    return True\n",
            "conftest.py": "from CASE.shop import pytest_pyfunc_call\n",
        },
    ),
)


def _honest(what: str, old: str, new: str, **others: str | None) -> Way:
    assert old in SUITE, what
    return Way(
        what,
        {"test_shop.py": SUITE.replace(old, new), **{name.replace("__", ".").replace("_in_", "/"): text for name, text in others.items()}},
    )


REST: Final = SUITE.replace(NAME, "")
IN_PARTS: Final = {
    "price": HEAD + "def test_price():\n    assert price(2) == 4\n",
    "name": HEAD + NAME,
    "many": HEAD + MANY,
    "data": HEAD + DATA,
    "method": HEAD + METHOD,
    "unit": HEAD + UNIT,
}
HONEST: Final = (
    _honest("a function renamed", "def test_name", "def test_it_is_called_bread"),
    _honest("a parametrised function renamed", "def test_many", "def test_twice"),
    _honest("a class renamed", "class TestShop", "class TestPrices"),
    _honest("a method renamed", "def test_method", "def test_five"),
    _honest("a TestCase renamed", "class ShopCase", "class PriceCase"),
    _honest("a unittest method renamed", "def test_unit", "def test_six"),
    _honest(
        "split in two", "    assert price(2) == 4\n", "    assert price(2) == 4\n\n\ndef test_price_of_none():\n    assert price(0) == 0\n"
    ),
    _honest("cases split", MANY, MANY.replace("[1, 2, 3]", "[1, 2]") + "\n\ndef test_three():\n    assert price(3) == 6\n"),
    _honest("parametrised", NAME, "@pytest.mark.parametrize('told', ['bread'])\ndef test_name(told):\n    assert name() == told\n"),
    _honest(
        "parametrised and renamed", NAME, "@pytest.mark.parametrize('told', ['bread'])\ndef test_names(told):\n    assert name() == told\n"
    ),
    _honest("parametrised with ids", "[1, 2, 3])", "[1, 2, 3], ids=['one', 'two', 'three'])"),
    _honest("parameters renamed", MANY, MANY.replace("'n'", "'count'").replace("(n)", "(count)").replace("* n", "* count")),
    _honest("more cases", "[1, 2, 3]", "[1, 2, 3, 4, 5]"),
    _honest(
        "cases as pairs",
        MANY,
        "@pytest.mark.parametrize(('n', 'told'), [(1, 2), (2, 4), (3, 6)])\ndef test_many(n, told):\n    assert price(n) == told\n",
    ),
    _honest("cases in a constant", MANY, "NUMBERS = [1, 2, 3]\n\n\n" + MANY.replace("[1, 2, 3]", "NUMBERS")),
    _honest(
        "a loop parametrised",
        DATA,
        "CASES = json.loads((pathlib.Path(__file__).parent / 'cases.json').read_text())\n\n\n@pytest.mark.parametrize(('n', 'told'), CASES)\ndef test_data(n, told):\n    assert price(n) == told\n",
    ),
    _honest("cases in a loop", MANY, "def test_many():\n    for n in (1, 2, 3):\n        assert price(n) == 2 * n\n"),
    _honest(
        "a method parametrised",
        METHOD,
        "class TestShop:\n    @pytest.mark.parametrize('n', [5])\n    def test_method(self, n):\n        assert price(n) == 10\n",
    ),
    _honest(
        "a fixture extracted",
        NAME,
        "@pytest.fixture\ndef told():\n    return name()\n\n\ndef test_name(told):\n    assert told == 'bread'\n",
    ),
    _honest(
        "a fixture in conftest",
        NAME,
        "def test_name(told):\n    assert told == 'bread'\n",
        conftest__py="import pytest\n\nfrom CASE.shop import name\n\n\n@pytest.fixture\ndef told():\n    return name()\n",
    ),
    _honest(
        "a fixture for data",
        DATA,
        "@pytest.fixture\ndef cases():\n    return json.loads((pathlib.Path(__file__).parent / 'cases.json').read_text())\n\n\ndef test_data(cases):\n    for n, told in cases:\n        assert price(n) == told\n",
    ),
    _honest(
        "an autouse fixture",
        NAME,
        "@pytest.fixture(autouse=True)\ndef _env(monkeypatch):\n    monkeypatch.setenv('SHOP', 'open')\n\n\n" + NAME,
    ),
    _honest(
        "setUp extracted",
        UNIT,
        "class ShopCase(unittest.TestCase):\n    def setUp(self):\n        self.price = price(6)\n\n    def test_unit(self):\n        self.assertEqual(self.price, 12)\n",
    ),
    _honest("a helper extracted", NAME, "def check(told):\n    assert name() == told\n\n\ndef test_name():\n    check('bread')\n"),
    _honest(
        "a helper module",
        NAME,
        "def test_name():\n    from CASE.tests.helpers import check\n\n    check(name(), 'bread')\n",
        tests_in_helpers__py="def check(one, other):\n    assert one == other\n",
    ),
    _honest("function to class", NAME, "class TestName:\n    def test_name(self):\n        assert name() == 'bread'\n"),
    _honest("class to function", METHOD, "def test_method():\n    assert price(5) == 10\n"),
    _honest("unittest to pytest", UNIT, "def test_unit():\n    assert price(6) == 12\n"),
    _honest(
        "pytest to unittest",
        NAME,
        "class NameCase(unittest.TestCase):\n    def test_name(self):\n        self.assertEqual(name(), 'bread')\n",
    ),
    _honest("two classes in one", METHOD, METHOD + "\n    def test_method_of_one(self):\n        assert price(1) == 2\n"),
    _honest("subTest", UNIT, UNIT.replace("        self", "        with self.subTest(n=6):\n            self")),
    _honest("a docstring", "def test_name():\n", "def test_name():\n    'What it is called.'\n"),
    _honest("types", "def test_name():", "def test_name() -> None:"),
    _honest("a comment", BODY, "    # what it is called\n" + BODY),
    _honest("a message", BODY, "    assert name() == 'bread', 'the name'\n"),
    _honest("a name for the value", BODY, "    told = name()\n    assert told == 'bread'\n"),
    _honest("the other way round", BODY, "    assert 'bread' == name()\n"),
    _honest("a stricter test", BODY, BODY + "    assert len(name()) == 5\n"),
    _honest("imports of a module", NAME, "import CASE.shop as here\n\n\ndef test_name():\n    assert here.name() == 'bread'\n"),
    _honest("an order", NAME + "\n\n" + MANY, MANY + "\n\n" + NAME),
    _honest("a new test", NAME, NAME + "\n\ndef test_size():\n    from CASE.shop import size\n\n    assert size() == 3\n", shop__py=MORE),
    _honest(
        "a new test, skipped elsewhere",
        NAME,
        NAME + "\n\n@pytest.mark.skipif(pathlib.os.name == 'nt', reason='posix')\ndef test_posix():\n    assert name()\n",
    ),
    _honest(
        "a new test that is not ready",
        NAME,
        NAME + "\n\n@pytest.mark.skip(reason='later')\ndef test_later():\n    assert name() == 'rye'\n",
    ),
    _honest("raises beside", NAME, NAME + "\n\ndef test_none():\n    with pytest.raises(TypeError):\n        price(None)\n"),
    _honest(
        "tmp_path",
        NAME,
        "def test_name(tmp_path):\n    (tmp_path / 'n').write_text(name())\n    assert (tmp_path / 'n').read_text() == 'bread'\n",
    ),
    _honest("monkeypatch", NAME, "def test_name(monkeypatch):\n    monkeypatch.setenv('A', 'b')\n    assert name() == 'bread'\n"),
    _honest("a mark", "def test_name", "@pytest.mark.filterwarnings('ignore')\ndef test_name"),
    _honest("data moved", "'cases.json'", "'data/cases.json'", cases__json=None, data_in_cases__json="[[7, 14], [8, 16]]\n"),
    _honest(
        "data in the test",
        DATA,
        "def test_data():\n    for n, told in ((7, 14), (8, 16)):\n        assert price(n) == told\n",
        cases__json=None,
    ),
    _honest(
        "data out of the test",
        MANY,
        MANY.replace("[1, 2, 3]", "json.loads((pathlib.Path(__file__).parent / 'numbers.json').read_text())"),
        numbers__json="[1, 2, 3]\n",
    ),
    Way("more data", {"cases.json": "[[7, 14], [8, 16], [9, 18]]\n", "shop.py": MORE}),
    Way("data in another layout", {"cases.json": "[\n  [7, 14],\n  [8, 16]\n]\n", "shop.py": MORE}),
    Way("moved to a folder", {"test_shop.py": None, "tests/test_shop.py": SUITE.replace("parent / 'cases", "parent.parent / 'cases")}),
    Way("the file renamed", {"test_shop.py": None, "test_prices.py": SUITE, "shop.py": MORE}),
    Way("one moved", {"test_shop.py": REST, "test_names.py": HEAD + NAME, "shop.py": MORE}),
    Way("two moved", {"test_shop.py": REST.replace(MANY, ""), "unit/test_names.py": HEAD + NAME, "unit/test_many.py": HEAD + MANY}),
    Way("a file for each", {"test_shop.py": None, **{f"test_{part}.py": text for part, text in IN_PARTS.items()}}),
    Way(
        "a folder of files",
        {
            "test_shop.py": None,
            **{f"checks/test_{part}.py": text.replace("parent / 'cases", "parent.parent / 'cases") for part, text in IN_PARTS.items()},
        },
    ),
    Way("a conftest for later", {"conftest.py": "import pytest\n\n\n@pytest.fixture\ndef shelf():\n    return []\n", "shop.py": MORE}),
    Way(
        "the source reshaped",
        {
            "shop.py": "def _twice(n):\n    return n + n\n\n\ndef price(n):\n    return _twice(n)\n\n\ndef name():\n    return ''.join('bread')\n",
            "test_shop.py": SUITE.replace("def test_price", "def test_the_price"),
        },
    ),
    Way(
        "the source split",
        {
            "shop.py": "from CASE.names import name\n\n\ndef price(n):\n    return 2 * n\n",
            "names.py": "def name():\n    return 'bread'\n",
            "test_shop.py": SUITE.replace("from CASE.shop import name, price", "from CASE.names import name\nfrom CASE.shop import price"),
        },
    ),
)


def folders(ways: tuple[Way, ...], prefix: str) -> tuple[dict[str, str], dict[str, str | None]]:
    """Files of the base, and of the edit, of all ways; each in the folder ``<prefix><number>``."""
    base: dict[str, str] = {}
    edit: dict[str, str | None] = {}
    for number, way in enumerate(ways):
        folder = f"{prefix}{number}"
        base |= {f"{folder}/{name}": text.replace("CASE", folder) for name, text in BASE.items()}
        edit |= {f"{folder}/{name}": text.replace("CASE", folder) if text is not None else None for name, text in way.files.items()}
    return base, edit
