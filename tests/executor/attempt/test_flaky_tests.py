import pytest

from autopack.executor.attempt.flaky_tests import _block, _name

TEXT = "import x\n\n\ndef test_one():\n    assert x\n\n    assert y\n\n\ndef test_two():\n    pass\n"
JS = 'it("adds", () => {\n  expect(1);\n});\nit("subs", () => {\n  expect(2);\n});\n'


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("tests/test_a.py::test_one[1-2]", "test_one"),
        ("tests/test_a.py::TestShop::test_one", "test_one"),
        ("t/cart.test.js > cart > adds", "adds"),
        ("shop.tests.TestCart.test_adds", "test_adds"),
        ("adds 1.5 pounds", "adds 1.5 pounds"),
    ],
)
def test_a_test_is_known_by_the_last_part_of_its_id(test, name):
    assert _name(test) == name


def test_a_tests_block_ends_where_the_next_begins():
    assert [line for line in _block("test_one", TEXT) if line] == ["def test_one():", "    assert x", "    assert y"]
    assert _block("adds", JS) == ['it("adds", () => {', "  expect(1);", "});"]
    assert _block("nothing", TEXT) == []
