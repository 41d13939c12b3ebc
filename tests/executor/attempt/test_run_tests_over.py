"""Every way to weaken a test is seen by running the old one; no honest way to reshape one is held against it."""

from tests.support.command import PYTEST
from tests.support.edits_of_tests import HONEST, WEAKENED, folders
from tests.support.weighing import Lab

PYTEST_INI = {"pytest.ini": "[pytest]\naddopts = --import-mode=importlib\npythonpath = .\n"}


def changed_in(old, prefix, number):
    return [test.sentence for test in old.changed if test.test.startswith(f"{prefix}{number}/")]


def test_every_way_to_weaken_a_test_is_seen_though_the_new_tests_are_green(tmp_path):
    base, edit = folders(WEAKENED, "w")
    with Lab(tmp_path, {**base, **PYTEST_INI}, PYTEST) as lab:
        found = lab.weigh(edit)
    assert found.report.steps[0].results.red == ()
    missed = [way.what for number, way in enumerate(WEAKENED) if not changed_in(found.old, "w", number)]
    assert missed == []
    assert all(test.allowed is None for test in found.old.changed)


def test_no_honest_way_to_reshape_a_test_is_held_against_it(tmp_path):
    base, edit = folders(HONEST, "h")
    with Lab(tmp_path, {**base, **PYTEST_INI}, PYTEST) as lab:
        found = lab.weigh(edit)
    assert found.report.steps[0].results.red == ()
    assert [test.sentence for test in found.old.changed] == []
    assert len(WEAKENED) >= 60
    assert len(HONEST) >= 60
