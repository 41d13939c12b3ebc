import time

import pytest

from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.review.deciding_settings import Around, Edit, deciding_settings
from autopack.review.test_files import counts_as_test, is_setting, package_with_runner_of, read_json, runner_part


def around(command="make test", *, ids=False, there=()):
    results = TestResults(passed=("t",)) if ids else None
    step = StepReport(name="t", command=command, status=StepStatus.GREEN, exit_code=0, duration_s=1, output="", results=results)
    return Around((step,), lambda path: path in there)


def found(path, before, after, **changes):
    return [message for _, message in deciding_settings([Edit(path, before, after)], around(**changes))]


@pytest.mark.parametrize(
    ("old", "new", "is_fine"),
    [
        ("jest", "jest --coverage", True),
        ("jest", "jest && eslint .", True),
        ("jest", "npm run build && jest", True),
        ("jest", "exit 0 && jest", False),
        ("jest", "jest || true", False),
        ("jest", "jest; true", False),
        ("jest", "jest | cat", False),
        ("jest", "jest --passWithNoTests", False),
        ("jest", "jest -t name", False),
        ("jest", "true", False),
        ("jest", "jestling", False),
        ("jest", "", False),
    ],
)
def test_a_script_may_grow_and_not_give_way(old, new, is_fine):
    before, after = (f'{{"scripts": {{"test": "{text}"}}}}' for text in (old, new))
    assert (found("package.json", before, after) == []) is is_fine


def test_what_runs_with_a_script_is_seen_and_other_scripts_are_not():
    before = '{"scripts": {"test": "jest", "start": "node ."}}'
    assert found("package.json", before, before.replace('"start": "node ."', '"start": "node x.js", "pretest": "exit 0"')) == [
        "the script `pretest` is new and runs with the tests"
    ]


@pytest.mark.parametrize("name", ["pytest.py", "src/sitecustomize.py", "unittest/__init__.py", "a.pth", "node_modules/.bin/jest"])
def test_a_new_file_in_front_of_the_runner_is_seen(name):
    assert found(name, None, "x = 1\n") == ["it stands where a module of the test runner is looked for"]


def test_a_project_that_is_a_runner_may_work_on_itself():
    assert found("src/_pytest/more.py", None, "x = 1\n", there=("src/_pytest",)) == []
    assert not counts_as_test("src/_pytest/more.py", lambda path: path == "src/_pytest")


@pytest.mark.parametrize(
    "line",
    ["import os; x = os.environ['PYTEST_CURRENT_TEST']", "if 'pytest' in sys.modules:", "if (process.env.JEST_WORKER_ID) {"],
)
def test_code_that_asks_whether_it_is_tested_is_seen(line):
    assert "asks whether it is being tested" in found("shop.py", "x = 1\n", f"x = 1\n{line}\n")[0]
    assert found("tests/test_shop.py", "x = 1\n", f"x = 1\n{line}\n") == []


def test_an_existing_hook_that_is_changed_is_seen_and_one_that_stays_is_not():
    hook = "def pytest_collection_modifyitems(items):\n    items.sort()\n\n\nx = 1\n"
    assert found("conftest.py", hook, hook.replace("x = 1", "x = 2")) == []
    assert found("conftest.py", hook, hook.replace("items.sort()", "items.clear()")) != []


def test_a_runners_settings_are_looked_at_where_no_ids_tell():
    assert found("jest.config.js", "a", "b") == ["the settings of the test runner are changed"]
    assert found("jest.config.js", "a", "b", ids=True) == []


@pytest.mark.parametrize("name", ["check.sh", "ci/test.sh"])
def test_the_checks_own_program_is_named(name):
    assert found(name, "old\n", "new\n", command=f"sh {name}") == ["it is the check's own program, and the change rewrites it"]
    assert found(name, None, "new\n", command=f"sh {name}") == []


@pytest.mark.parametrize(
    "path",
    [
        *("tests/a.json", "pkg/test/A.java", "src/__tests__/a.ts", "a_test.go", "test_a.py", "src/a.test.tsx", "spec/a_spec.rb"),
        *(
            "conftest.py",
            "pytest.ini",
            "jest.config.js",
            "Makefile",
            "GNUmakefile",
            "a/fixtures/b.csv",
            "testdata/x.golden",
            "PriceTest.java",
        ),
        *("Shop.Tests/Price.cs", "a.snap", "tests.py", "run_tests.sh", ".npmrc"),
    ],
)
def test_what_counts_as_a_test_by_its_name(path):
    assert counts_as_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "shop.py",
        "src/contest.py",
        "attestation.py",
        "latest/a.py",
        "README.md",
        "tests/README.md",
        "spec.md",
        "src/Test.java.md",
        "setup.py",
        "package.json",
    ],
)
def test_what_does_not(path):
    assert not counts_as_test(path)


def test_a_file_that_says_other_things_too_counts_by_its_part():
    one = '[project]\nname = "a"\n[tool.pytest.ini_options]\naddopts = "-ra"\n'
    assert runner_part("pyproject.toml", one) == runner_part("pyproject.toml", one.replace('"a"', '"b"'))
    assert runner_part("pyproject.toml", one) != runner_part("pyproject.toml", one.replace("-ra", "-k x"))
    assert runner_part("shop.py", "x") is None
    assert is_setting("pyproject.toml")


def test_a_package_takes_scripts_from_one_side_and_all_else_from_the_other():
    mixed = package_with_runner_of(
        '{"version": "1", "scripts": {"test": "jest"}, "jest": {"a": 1}}',
        '{"version": "2", "scripts": {"test": "true", "pretest": "exit 0", "build": "tsc"}}',
    )
    assert read_json(mixed) == {"version": "2", "jest": {"a": 1}, "scripts": {"build": "tsc", "test": "jest"}}


SPACES = " " * 200_000
WIDE = {
    "a.test.js": "`/* /* `;\n" * 20_000,
    "b.test.js": "`/* /* `" + "/* " * 100_000,
    "Makefile": "test:\n\techo" + SPACES + "x\nA" + SPACES + "B" + SPACES + "\n",
    "setup.cfg": "[tool:pytest]\na" + SPACES + "b\n[" + SPACES + "\n",
    "tox.ini": "[pytest]\naddopts" + SPACES + "b\n",
    "pytest.ini": "[pytest]\naddopts = " + "-" * 200_000 + "\n",
    "pyproject.toml": "a" + SPACES + "b\n",
    "package.json": '{"scripts": {"test": "a' + SPACES + 'b"}}',
    "conftest.py": "def pytest_runtest_x():\n" + "\n" * 200_000 + SPACES,
    "shop.py": SPACES + "\n" * 200_000 + "(" * 100_000,
    ".npmrc": SPACES,
    "Cargo.toml": SPACES,
}


@pytest.mark.parametrize("path", WIDE)
def test_no_text_takes_long_to_look_at(path):
    began = time.process_time()
    found(path, WIDE[path], WIDE[path] + "\n#\n")
    found(path, None, WIDE[path])
    counts_as_test(path)
    assert time.process_time() - began < 5
