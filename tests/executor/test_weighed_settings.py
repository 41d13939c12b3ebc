"""Edits of what decides how tests run: seen by the runs where the code is broken, by the table where it is not (yet)."""

import shutil

import pytest

from tests.support.command import PYTEST
from tests.support.weighing import Lab

SHELL = {"command": "make test", "tests": "none"}
MAKE = {
    "shop.sh": "echo bread\n",
    "tests/run.sh": 'test "$(sh shop.sh)" = bread\n',
    "Makefile": "all: test\n\n.PHONY: test\ntest: prices\n\tsh tests/run.sh\n\nprices:\n\ttrue\n",
}
BROKEN = {"shop.sh": "echo cake\n"}
MADE = MAKE["Makefile"]
MAKE_WAYS = {
    "SHELL": {"Makefile": "SHELL = /bin/true\n" + MADE},
    "SHELL of one target": {"Makefile": MADE + "test: SHELL := /bin/true\n"},
    ".IGNORE": {"Makefile": ".IGNORE:\n" + MADE},
    "MAKEFLAGS": {"Makefile": "MAKEFLAGS += -i\n" + MADE},
    "a dash": {"Makefile": MADE.replace("\tsh tests", "\t-sh tests")},
    "or true": {"Makefile": MADE.replace("run.sh", "run.sh || true")},
    "a semicolon": {"Makefile": MADE.replace("run.sh", "run.sh; true")},
    "echo": {"Makefile": MADE.replace("\tsh tests", "\techo sh tests")},
    "another recipe": {"Makefile": MADE + "\ntest:\n\ttrue\n"},
    "GNUmakefile": {"GNUmakefile": "test:\n\ttrue\n"},
    "makefile": {"makefile": "test:\n\ttrue\n"},
    "an include": {"Makefile": MADE + "\ninclude more.mk\n", "more.mk": "test:\n\ttrue\n"},
    "the script": {"tests/run.sh": "true\n"},
    "exit 0": {"tests/run.sh": "exit 0\n" + MAKE["tests/run.sh"]},
}
NODE_BASE = {
    "package.json": '{"name": "shop", "scripts": {"test": "node --test test/"}}\n',
    "shop.js": "exports.name = () => 'bread';\n",
    "test/shop.test.js": "const test = require('node:test');\nconst assert = require('node:assert');\nconst { name } = require('../shop.js');\n\ntest('name', () => {\n  assert.strictEqual(name(), 'bread');\n});\n",
}
NODE_BROKEN = {"shop.js": "exports.name = () => 'cake';\n"}
ASSERTED = "  assert.strictEqual(name(), 'bread');\n"


def node(old, new):
    assert old in NODE_BASE["test/shop.test.js"]
    return {"test/shop.test.js": NODE_BASE["test/shop.test.js"].replace(old, new)}


NODE_WAYS = {
    "skip: true": node("test('name', ", "test('name', {skip: true}, "),
    "test.skip": node("test('name'", "test.skip('name'"),
    "t.skip()": node("() => {\n", "(t) => {\n  t.skip();\n  return;\n"),
    "todo": node("test('name', ", "test('name', {todo: true}, "),
    "try and catch": node(ASSERTED, "  try {\n  " + ASSERTED + "  } catch {}\n"),
    "return": node(ASSERTED, "  return;\n" + ASSERTED),
    "nothing": node(ASSERTED, ""),
    "another value": node("'bread');\n}", "'cake');\n}"),
    "not awaited": node("() => {\n" + ASSERTED, "() => {\n  Promise.resolve().then(() => name() === 'bread');\n"),
    "renamed": {"test/shop.test.js": None, "test/other.test.js": "require('node:test')('other', () => {});\n"},
    "a stand-in": node("require('../shop.js')", "{ name: () => 'bread' }"),
    "exit 0 &&": {"package.json": NODE_BASE["package.json"].replace("node --test", "exit 0 && node --test")},
    "|| true": {"package.json": NODE_BASE["package.json"].replace('test/"', 'test/ || true"')},
    "another script": {"package.json": NODE_BASE["package.json"].replace("node --test test/", "node -e 0")},
    "script-shell": {".npmrc": "script-shell=/bin/true\n"},
}
PY_BASE = {
    "shop.py": "def name():\n    return 'bread'\n",
    "test_shop.py": "import shop\n\n\ndef test_name():\n    assert shop.name() == 'bread'\n\n\ndef test_more():\n    assert shop.name()\n",
}
PY_BROKEN = {"shop.py": "def name():\n    return 'cake'\n"}
PY_WAYS = {
    "addopts -k": {"pytest.ini": "[pytest]\naddopts = -k more\n"},
    "addopts --deselect": {"pytest.ini": "[pytest]\naddopts = --deselect test_shop.py::test_name\n"},
    "python_functions": {"pytest.ini": "[pytest]\npython_functions = test_more\n"},
    "pyproject": {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k more'\n"},
    "setup.cfg": {"setup.cfg": "[tool:pytest]\naddopts = -k more\n"},
    "tox.ini": {"tox.ini": "[pytest]\naddopts = -k more\n"},
    "collection_modifyitems": {"conftest.py": "def pytest_collection_modifyitems(items):\n    items[:] = items[1:]\n"},
    "makereport": {
        "conftest.py": "import pytest\n\n\n@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport(item, call):\n    report = yield\n    report.outcome = 'passed'\n    return report\n"
    },
    "a plugin": {
        "pytest.ini": "[pytest]\naddopts = -p calm\n",
        "calm.py": "import pytest\n\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem):\n    return True\n",
    },
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """One repository for each kind of project: its base is checked once."""
    made = {}

    def find(name, files, ci):
        if name not in made:
            made[name] = Lab(tmp_path_factory.mktemp(name), files, ci)
        return made[name]

    yield find
    for one in made.values():
        one.close()


@pytest.mark.parametrize("how", MAKE_WAYS)
def test_a_makefile_that_runs_less_is_seen_by_the_run_and_by_the_table(lab, how):
    here = lab("make", MAKE, SHELL)
    found = here.weigh({**MAKE_WAYS[how], **BROKEN})
    assert found.report.steps[0].exit_code == 0
    assert "make test" in [test.test for test in found.old.changed]
    if not how.startswith(("the script", "exit")):
        assert next(iter(MAKE_WAYS[how])) in [test.test for test in here.weigh(MAKE_WAYS[how]).old.not_allowed]


@pytest.mark.parametrize(
    "change",
    [
        {"Makefile": MADE + "\nclean:\n\trm -f out\n"},
        {"Makefile": MADE.replace("run.sh\n", "run.sh\n\tsh tests/more.sh\n"), "tests/more.sh": "true\n"},
        {"Makefile": MADE.replace("sh tests/run.sh", "sh tests/run.sh --all && sh tests/more.sh"), "tests/more.sh": "true\n"},
    ],
)
def test_a_makefile_that_does_more_is_fine(lab, change):
    assert lab("make", MAKE, SHELL).weigh(change).old.changed == ()


@pytest.mark.skipif(shutil.which("node") is None, reason="node")
@pytest.mark.parametrize("how", NODE_WAYS)
def test_every_way_to_weaken_a_test_of_node_is_seen(lab, how):
    is_tap = "package.json" not in NODE_WAYS[how] and ".npmrc" not in NODE_WAYS[how]
    ci = (
        {"command": "node --test --test-reporter=tap test/", "results": {"format": "tap"}}
        if is_tap
        else {"command": "npm test --silent", "tests": "none"}
    )
    found = lab("tap" if is_tap else "npm", NODE_BASE, ci).weigh({**NODE_WAYS[how], **NODE_BROKEN})
    assert found.report.steps[0].exit_code == 0
    assert found.old.not_allowed
    if not is_tap:
        assert {test.test for test in found.old.changed} >= {"npm test --silent", next(iter(NODE_WAYS[how]))}


@pytest.mark.parametrize("how", PY_WAYS)
def test_settings_of_pytest_that_run_less_are_seen(lab, how):
    found = lab("pytest", PY_BASE, PYTEST).weigh({**PY_WAYS[how], **PY_BROKEN})
    assert found.report.steps[0].exit_code == 0
    assert "test_shop.py::test_name" in [test.test for test in found.old.not_allowed]


def test_a_file_in_front_of_the_runner_is_seen(tmp_path):
    cases = "import unittest\n\nimport shop\n\n\nclass Name(unittest.TestCase):\n    def test_name(self):\n        self.assertEqual(shop.name(), 'bread')\n"
    with Lab(tmp_path, {**PY_BASE, "test_shop.py": cases}, {"command": "python -B -m unittest -q", "tests": "none"}) as here:
        assert [test.test for test in here.weigh({"unittest.py": "", **PY_BROKEN}).old.not_allowed] == [
            "python -B -m unittest -q",
            "unittest.py",
        ]
        assert [test.test for test in here.weigh({"unittest.py": ""}).old.not_allowed] == ["unittest.py"]
