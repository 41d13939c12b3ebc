import os
import shutil
import subprocess

import pytest

from autopack.checks.results.formats import FORMATS
from autopack.checks.results.read import Source, read_results, request, source_of
from autopack.checks.results.report_files import StepPlace
from autopack.core.plan import CheckStep, Results
from tests.support.commands import PATH

TESTS = """
import pytest

class Base:
    def test_inherited(self): pass

class TestX(Base):
    @pytest.mark.parametrize("p", ["a::b", "x/y.z", "bad"])
    def test_y(self, p): assert p != "bad", "boom"

@pytest.mark.xfail
def test_expected(): assert 0
@pytest.mark.xfail(strict=True)
def test_unexpected(): pass
@pytest.mark.skip
def test_skipped(): pass
@pytest.fixture
def broken(): raise RuntimeError("set-up")
def test_setup(broken): pass
@pytest.fixture
def late():
    yield
    raise RuntimeError("tear-down")
def test_teardown(late): pass
"""
NODE_TESTS = """
const {test, describe, it} = require('node:test'); const assert = require('assert');
test('plain', () => {}); test('fails # hash', () => { assert.equal(1, 2) });
describe('suite', () => { it('inner', () => {}); describe('deep', () => { it('d', () => { throw new Error('x') }) }) });
test('later', {skip: true}, () => {}); test('some day', {todo: true}, () => { assert(0) });
"""
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture
def spot(tmp_path):
    for name in ("tree/sub", "out dir"):
        (tmp_path / name).mkdir(parents=True)
    return StepPlace(tmp_path / "tree", tmp_path / "tree", tmp_path / "out dir")


def run(step, spot, env=None):
    environment = {"PATH": PATH, "AUTOPACK_OUT": str(spot.out), "HOME": str(spot.out), **(env or {})}
    asked = request(step, spot, environment)
    command = ("/bin/sh", "-c", step.command) if isinstance(step.command, str) else step.command
    done = subprocess.run(command, cwd=spot.cwd, env={**environment, **asked.environment}, capture_output=True, check=False)
    asked.on_output(done.stdout)
    return done, read_results(asked)


def test_pytest_tells_every_outcome_under_its_own_ids(spot):
    (spot.root / "tests").mkdir()
    (spot.root / "tests/test_a.py").write_text(TESTS)
    (spot.root / "tests/test_bad.py").write_text("import nosuch")
    done, results = run(CheckStep(command="pytest -q --continue-on-collection-errors"), spot)
    assert done.returncode == 1
    assert results.passed == (
        "tests/test_a.py::TestX::test_inherited",
        "tests/test_a.py::TestX::test_y[a::b]",
        "tests/test_a.py::TestX::test_y[x/y.z]",
    )
    assert results.failed == (
        "tests/test_a.py::TestX::test_y[bad]",
        "tests/test_a.py::test_setup",
        "tests/test_a.py::test_teardown",
        "tests/test_a.py::test_unexpected",
    )
    assert results.errors == ("tests/test_bad.py",)
    assert results.skipped == ("tests/test_a.py::test_expected", "tests/test_a.py::test_skipped")
    assert results.is_complete
    assert "boom" in dict(results.details)["tests/test_a.py::TestX::test_y[bad]"]


def test_workers_of_xdist_change_no_id(spot):
    (spot.root / "test_a.py").write_text(TESTS)
    _, one = run(CheckStep(command="pytest -q"), spot)
    _, many = run(CheckStep(command="pytest -q -n 2"), spot)
    assert one.model_copy(update={"details": ()}) == many.model_copy(update={"details": ()})
    assert len(one.failed) == 4


def test_the_users_own_options_and_report_stay(spot):
    (spot.root / "test_a.py").write_text("def test_one(): pass\ndef test_two(): pass\n")
    step = CheckStep(command="pytest -q --junitxml=reports/own.xml")
    done, results = run(step, spot, {"PYTEST_ADDOPTS": "-k one"})
    assert source_of(step) == Source(FORMATS["pytest"], "reports/own.xml")
    assert results.passed == ("test_a.py::test_one",)
    assert (spot.root / "reports/own.xml").exists()
    asked = request(CheckStep(command="pytest"), spot, {"PYTEST_ADDOPTS": "-k one"})
    assert asked.environment["PYTEST_ADDOPTS"].startswith("-k one ")
    assert done.returncode == 0


def test_a_report_of_the_older_family_gives_the_same_ids(spot):
    (spot.root / "test_a.py").write_text(TESTS)
    _, asked = run(CheckStep(command="pytest -q"), spot)
    _, own = run(CheckStep(command="pytest -q --junitxml own.xml -o junit_family=xunit2"), spot)
    assert own.failed == asked.failed
    assert own.passed == asked.passed


def test_a_crash_leaves_no_results_but_says_so(spot):
    (spot.root / "test_a.py").write_text("import os\ndef test_one(): os._exit(0)\n")
    done, results = run(CheckStep(command="pytest -q"), spot)
    assert done.returncode == 0
    assert not results.is_complete


@needs_node
@pytest.mark.parametrize(
    ("command", "results"),
    [
        ("node --test --test-reporter=tap", Results(format="tap")),
        ("node --test --test-reporter=tap > unit.tap", Results(format="tap", path="unit.tap")),
        ("node --test --test-reporter=junit --test-reporter-destination=unit.xml", Results(format="junit", path="unit.xml")),
        ('node --test --test-reporter=junit > "$AUTOPACK_OUT/unit.xml"', Results(format="junit")),
    ],
)
def test_node_speaks_tap_and_junit_and_means_the_same(spot, command, results):
    (spot.root / "a.test.js").write_text(NODE_TESTS)
    (spot.root / "b.test.js").write_text("syntax error here")
    done, found = run(CheckStep(command=command, results=results), spot)
    assert done.returncode == 1
    assert found.passed == ("plain", "suite > inner")
    assert found.failed == ("fails # hash", "suite > deep > d")
    assert found.errors == ("b.test.js",)
    assert found.skipped == ("later", "some day")
    assert found.is_complete


def _junit(name):
    return f"<testsuite name='s'><testcase name='{name}'/></testsuite>"


def test_a_report_of_an_earlier_run_does_not_speak_for_this_one(spot):
    (spot.root / "unit.xml").write_text(_junit("old"))
    step = CheckStep(command="true", results=Results(format="junit", path="unit.xml"))
    _, results = run(step, spot)
    assert (results.passed, results.is_complete) == ((), False)
    _, results = run(CheckStep(command="touch unit.xml", results=step.results), spot)
    assert results.passed == ("s > old",)


def test_patterns_gather_many_files_from_the_steps_directory(spot):
    step = CheckStep(
        command=f'mkdir -p a/build b/build; echo "{_junit("one")}" > a/build/r.xml; echo "{_junit("two")}" > b/build/r.xml',
        results=Results(format="junit", path="**/build/*.xml"),
    )
    _, results = run(step, StepPlace(spot.root, spot.root / "sub", spot.out))
    assert results.passed == ("s > one", "s > two")


@pytest.mark.parametrize("path", ["../outside.xml", "/etc/passwd", "link.xml", "folder/outside.xml", "pipe.xml"])
def test_files_outside_and_files_that_are_none_are_not_read(spot, path):
    (spot.root.parent / "outside.xml").write_text(_junit("stolen"))
    command = "ln -s ../outside.xml link.xml; ln -s .. folder; mkfifo pipe.xml; touch ../outside.xml"
    _, results = run(CheckStep(command=command, results=Results(format="junit", path=path)), spot)
    assert (results.passed, results.is_complete) == ((), False)


def test_a_loop_of_links_is_walked_once(spot):
    for name in ("a", "b"):
        os.symlink(".", spot.root / name)
    _, results = run(CheckStep(command=f'echo "{_junit("one")}" > r.xml', results=Results(format="junit", path="**/*.xml")), spot)
    assert results.passed == ("s > one",)


@pytest.mark.parametrize(
    ("step", "source"),
    [
        (CheckStep(command="make lint"), Source()),
        (CheckStep(command="pytest"), Source(FORMATS["pytest"], is_asked=True)),
        (CheckStep(command="pytest", tests="none"), Source()),
        (CheckStep(command="make test", results=Results(format="pytest")), Source(FORMATS["pytest"], is_asked=True)),
        (CheckStep(command="make test", results=Results(format="pytest", path="r.xml")), Source(FORMATS["pytest"], "r.xml")),
        (CheckStep(command="x", results=Results(format="tap")), Source(FORMATS["tap"])),
        (CheckStep(command="x", results=Results(format="trx")), Source(FORMATS["trx"], "$AUTOPACK_OUT/**/*.trx")),
    ],
)
def test_where_ids_come_from(step, source):
    assert source_of(step) == source
