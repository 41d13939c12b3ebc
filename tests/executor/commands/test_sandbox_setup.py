"""Commands run in a sandbox where the machine has one; a configuration that requires it accepts no run without."""

import shutil

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.executor.commands.sandbox_setup import filters_inside, sandbox_for
from autopack.executor.project_state import ProjectState
from tests.support.run_context import opened

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture
def without(tmp_path):
    """A PATH with git and a shell, and no bubblewrap."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh", "cp", "cat"):
        (programs / name).symlink_to(shutil.which(name))
    return {"PATH": str(programs)}


def sandbox_of(run, choice, path=None):
    environment = {**run.project.environment, **(path or {})}
    project = ProjectState(run.project.repository, environment, run.project.database, run.project.events, run.project.runs)
    settings = run.ctx.settings.model_copy(update={"sandbox": choice})
    slot = run.site.slot
    return sandbox_for(project, run.ctx.plan, settings, slot.work_tree, slot.scratch)


def test_a_sandbox_that_is_switched_off_says_so(run):
    found = sandbox_of(run, "off")
    assert (found.program, found.name, found.reason) == (None, "none", "switched off by the configuration")


def test_without_bubblewrap_commands_run_without_and_the_reason_is_known(run, without):
    found = sandbox_of(run, "auto", without)
    assert found.program is None
    assert "bubblewrap" in found.reason


def test_where_a_sandbox_is_required_and_missing_the_start_ends(run, without):
    with pytest.raises(EnvironmentBlockedError, match="requires a sandbox .*Install bubblewrap, or allow none"):
        sandbox_of(run, "required", without)


def test_without_a_sandbox_nothing_runs_the_users_filters_inside_one(run):
    assert filters_inside(sandbox_of(run, "off"), run.project, run.ctx.settings) is None


@needs_bubblewrap
def test_filters_run_where_they_can_write_their_own_folder_alone_and_a_failure_is_a_sentence(tmp_path):
    with opened(tmp_path, env={"AUTOPACK_SANDBOX": "required"}) as run:
        assert run.site.slot.sandbox.name == "bubblewrap"
        inside = filters_inside(run.site.slot.sandbox, run.project, run.ctx.settings)
        folder = tmp_path / "folder"
        folder.mkdir()
        assert inside(["sh", "-c", "echo $WORD > made"], {"WORD": "x"}, folder) is None
        assert (folder / "made").read_text() == "x\n"
        inside(["sh", "-c", f"echo x > {run.repo}/made"], {}, folder)
        assert not (run.repo / "made").exists()
        assert inside(["sh", "-c", "echo no such filter; exit 3"], {}, folder) == "no such filter"
