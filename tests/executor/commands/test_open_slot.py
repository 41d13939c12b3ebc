"""A slot is a work tree that git knows, a HOME, and a sandbox that was tried."""

import shutil

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.executor.commands.open_slot import open_slot, registered
from autopack.executor.slot import SlotFolders
from tests.support.run_context import opened


@pytest.fixture
def second(run, tmp_path):
    """Opens a second slot of the run, beside the one that it has."""
    folders = SlotFolders(tmp_path / "slots", 2)
    folders.root.mkdir()

    def open_it(**settings):
        work_tree = registered(run.site.repository, run.ctx.plan, folders, run.head())
        return open_slot(run.project, work_tree, folders, run.ctx.plan, run.ctx.settings.model_copy(update=settings))

    return open_it


def test_git_knows_the_work_tree_and_the_home_is_there(run, second):
    slot = second()
    assert slot.home.is_dir()
    assert str(slot.work_tree.place) in run.git("worktree", "list", "--porcelain")
    slot.work_tree.reset(run.head())
    assert (slot.work_tree.place / "app.txt").read_text() == "one\n"


def test_two_slots_of_a_run_share_no_folder(run, second):
    assert set(second().writable).isdisjoint(run.site.slot.writable)


def test_opened_again_it_keeps_what_its_home_holds(second):
    (second().home / "kept").touch()
    assert (second().home / "kept").exists()


def test_a_sandbox_that_is_off_puts_no_word_before_a_command(run, second):
    assert run.ctx.settings.sandbox == "off"
    assert second().prefix(network=False) == ()


def test_a_sandbox_that_is_required_and_not_there_ends_the_start(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "git").symlink_to(shutil.which("git"))
    required = {"AUTOPACK_SANDBOX": "required", "PATH": str(programs)}
    with pytest.raises(EnvironmentBlockedError, match="bubblewrap"), opened(tmp_path, env=required):
        pass
