import pytest

from autopack.checks.results.cases import Case, CaseOutcome
from autopack.checks.results.pytest import pytest_id

FILES = {"tests.test_a": "tests/test_a.py", "tests.test_b": "tests/test_b.py", "odd.dir.test_c": "odd.dir/test_c.py"}


def _id(name, classname="", file=None):
    return pytest_id(Case(name, CaseOutcome.PASSED, classname=classname, file=file), FILES.get)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (("test_y[a::b]", "tests.test_a.TestX", "tests/test_a.py"), "tests/test_a.py::TestX::test_y[a::b]"),
        (("test_y", "tests.test_a.TestX.TestInner", "tests/test_a.py"), "tests/test_a.py::TestX::TestInner::test_y"),
        (("test_f", "tests.test_a", "tests/test_a.py"), "tests/test_a.py::test_f"),
        (("test_f", "odd.dir.test_c", "odd.dir/test_c.py"), "odd.dir/test_c.py::test_f"),
        (("test_f", "prefix.tests.test_a.TestX", "tests/test_a.py"), "tests/test_a.py::TestX::test_f"),
        (("README.rst", "README.rst", "README.rst"), "README.rst::README.rst"),
        (("tests.test_a", "", "tests/test_a.py"), "tests/test_a.py"),
        (("tests.test_a", "", None), "tests/test_a.py"),
        (("test_y", "tests.test_a.TestX", None), "tests/test_a.py::TestX::test_y"),
        (("test_y", "nowhere.test_z.TestX", None), "nowhere.test_z.TestX::test_y"),
    ],
)
def test_ids_are_those_that_pytest_prints(case, expected):
    assert _id(*case) == expected


def test_an_inherited_test_belongs_to_the_class_that_ran_it():
    assert _id("test_i", "tests.test_b.TestChild", "tests/test_a.py") == "tests/test_b.py::TestChild::test_i"
