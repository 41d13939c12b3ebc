import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.planning.project_tests import ProjectTests
from autopack.planning.starter import starter_plan, starter_settings, write_new
from autopack.settings.yaml_text import read_yaml
from tests.support.plans import plan

TESTS = ProjectTests("npm", "package.json", 'npm test -- --grep "a\\b"', "npm ci", ("package-lock.json",))


@pytest.mark.parametrize("readme", ["README.md", "LIESMICH ä: {x}.md", "docs/#readme.md", "-r.md"])
@pytest.mark.parametrize("tests", [None, TESTS, ProjectTests("pytest", "x", "pytest", link=(".venv",))])
def test_the_starter_plan_is_a_plan(tests, readme):
    found = plan(starter_plan(tests, readme))
    (phase,) = found.phases
    assert phase.scope.paths == (readme,)
    assert found.budget.max_usd == 5
    assert phase.ci.skip is (tests is None)


def test_what_was_recognised_is_in_the_plan():
    found = plan(starter_plan(TESTS, "README.md"))
    assert found.phases[0].ci.steps[0].command == TESTS.command
    assert [(step.command, step.network, step.again_when) for step in found.workspace.setup] == [("npm ci", True, ("package-lock.json",))]


def test_the_starter_settings_set_nothing():
    assert read_yaml(starter_settings(), "x", []) is None


def test_a_file_that_is_there_stays_as_it_is(tmp_path):
    path = tmp_path / "a" / "b.yaml"
    assert write_new(path, "mine")
    assert not write_new(path, "other")
    assert path.read_text() == "mine"
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert not write_new(tmp_path / "dangling", "x")
    assert not (tmp_path / "nowhere").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentBlockedError, match="cannot be made: File exists"):
        write_new(tmp_path / "file" / "x.yaml", "x")
