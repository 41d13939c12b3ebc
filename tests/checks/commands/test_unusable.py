import pytest

from autopack.checks.commands.unusable import BaseFacts, says_the_same, why_unusable
from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.core.plan import Checks, CheckStep, PhaseScope, PhaseSpec

UNREPORTED = TestResults(is_complete=False, why="was not written")


def report(results=UNREPORTED, *, code=0, output="", status=StepStatus.RED, detail="exit code 0, but the test report was not written."):
    return StepReport(name="unit", command="x", status=status, exit_code=code, duration_s=1, output=output, detail=detail, results=results)


def unloaded(text, test="tests/test_a.py"):
    return report(TestResults(errors=(test,), details=((test, text),)), code=2, output=text, detail="")


def why(found, *scope, paths=("app.txt", "tests/test_a.py", "shop/__init__.py"), command="run-tests", submodules=(), cwd="."):
    phase = PhaseSpec(id="one", description="x", scope=PhaseScope(paths=scope or ("app.txt",)), ci=Checks())
    return why_unusable(CheckStep(command=command), Checks(cwd=cwd), found, [phase], BaseFacts(paths, lambda: submodules))


@pytest.mark.parametrize("scope", ["app.txt", "src/", "tests/", "src/**/*.py"])
def test_no_report_where_there_are_tests_is_nobodys_to_mend(scope):
    assert "was not written" in why(report(), scope)


@pytest.mark.parametrize("scope", ["./", "**", "package.json", "web/package.json", "pyproject.toml", "*.toml", "run.sh"])
def test_no_report_may_be_mended_by_who_tells_the_runner(scope):
    assert why(report(), scope, paths=("run.sh", "tests/test_a.py"), command="sh ./run.sh") is None


@pytest.mark.parametrize(
    ("scope", "is_mended"), [("src/", True), ("src", True), ("a.test.js", True), ("src/lib.rs", True), ("app.txt", False)]
)
def test_the_first_tests_may_bring_a_report(scope, is_mended):
    assert (why(report(), scope, paths=("app.txt", "src/shop.js")) is None) is is_mended


@pytest.mark.parametrize("status", [StepStatus.GREEN, StepStatus.NOT_STARTED])
def test_green_and_unstartable_checks_are_judged_elsewhere(status):
    assert why(report(status=status)) is None


def test_red_tests_and_none_at_all_are_what_phases_are_for():
    assert why(report(TestResults(passed=("a",), failed=("b",)), code=1, detail="")) is None
    assert why(report(TestResults(), code=5, status=StepStatus.NO_TESTS)) is None
    assert why(report(None, code=1, output="error: nothing works")) is None


@pytest.mark.parametrize(
    ("text", "scope", "is_hopeless"),
    [
        ("No module named 'leftpadder'", "app.txt", True),
        ("No module named 'leftpadder'", "src/", True),
        ("No module named 'leftpadder'", "src/leftpadder/", False),
        ("No module named 'shop.cart'", "shop/", False),
        ("No module named 'leftpadder'", "requirements.txt", False),
        ("No module named 'leftpadder'", "tests/", False),
        ("Cannot find module 'react/jsx'", "app.txt", True),
        ("Cannot find module './cart'", "src/", False),
        ("SyntaxError: invalid syntax", "app.txt", False),
    ],
)
def test_a_module_that_is_nobodys_is_a_fault_of_the_machine(text, scope, is_hopeless):
    assert bool(why(unloaded(text), scope)) is is_hopeless


@pytest.mark.parametrize(
    ("found", "more"),
    [
        (report(None, code=2, output="cat: vendor/lib/rules: No such file or directory", detail=""), {}),
        (report(None, code=2, output="make: *** No targets specified", detail=""), {"command": "cd vendor/lib && make"}),
        (report(None, code=2, detail=""), {"cwd": "vendor/lib"}),
        (unloaded("No module named 'lib.core'"), {}),
    ],
)
def test_an_empty_submodule_that_the_check_speaks_of_is_one(found, more):
    assert "'vendor/lib' is an empty folder" in why(found, submodules=("vendor/lib",), **more)
    assert "submodule" not in (why(found, submodules=("other",), **more) or "")


def test_the_same_words_as_the_parents_are_told_from_another_try():
    assert says_the_same(report(), report(), lambda _: True)
    assert not says_the_same(report(), report(TestResults(passed=("a",)), status=StepStatus.GREEN, detail=""), lambda _: True)
    lost = unloaded("No module named 'shop.cart'")
    assert says_the_same(lost, lost, lambda _: False)
    assert not says_the_same(lost, lost, lambda _: True), "the phase may write the test"
    assert not says_the_same(lost, unloaded("No module named 'shop.till'"), lambda _: False)
    red = report(TestResults(failed=("a",)), code=1, detail="")
    assert not says_the_same(red, red, lambda _: False)
