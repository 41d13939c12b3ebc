"""Every command of the plan is tried on the base before anything is bought: one that cannot start ends the run there."""

import pytest

from autopack.core.budget import Caps, Ceiling
from autopack.core.call import Role
from autopack.core.errors import EnvironmentBlockedError
from autopack.executor.commands.preflight import facts_of, try_commands
from autopack.store.calls import CallJournal, NewCall
from tests.support.command import CHECK, phase_of
from tests.support.run_context import CLOCK, opened, started


def checking(tmp_path, command, **options):
    return opened(tmp_path, phase_of("one", ci={**CHECK, "command": f"echo x >> {tmp_path}/ran; {command}"}), **options)


def ran(tmp_path):
    file = tmp_path / "ran"
    return len(file.read_text().splitlines()) if file.exists() else 0


def preflight(run):
    """As a start tries the commands."""
    try_commands(run.site, run.ctx.state.runs.get("r"), run.ctx.state.phases.all())


def tried(run):
    return [event.data["revision"] for event in run.ctx.state.events.named("r", "commands_tried")]


def test_a_check_that_is_green_on_the_base_is_no_news(tmp_path):
    with checking(tmp_path, "sh check.sh") as run:
        preflight(run)
        assert (run.messages("preflight"), tried(run), ran(tmp_path)) == ([], [1], 1)


def test_a_check_that_is_red_on_the_base_is_told_and_stops_nothing(tmp_path):
    with checking(tmp_path, "exit 3") as run:
        preflight(run)
        (message,) = run.messages("preflight")
        assert message.startswith("one: on the base commit ")
        assert tried(run) == [1]


def test_a_command_that_cannot_be_started_ends_the_start_and_is_tried_again_by_the_next(tmp_path):
    with opened(tmp_path, phase_of("one", ci={**CHECK, "command": "no-such-program"})) as run:
        with pytest.raises(EnvironmentBlockedError, match="phase 'one': the check 'no-such-program' cannot be started"):
            preflight(run)
        assert tried(run) == []


def test_what_a_phase_is_about_to_make_need_not_be_there_yet(tmp_path):
    with opened(tmp_path, phase_of("one", "run-it.sh", ci={**CHECK, "command": "./run-it.sh"})) as run:
        preflight(run)
        assert len(run.messages("preflight")) == 1


def test_a_variable_that_set_up_is_to_be_given_has_to_be_there(tmp_path):
    setup = {"setup": [{"command": "true", "env_from": ["TOKEN"]}]}
    with opened(tmp_path, workspace=setup) as run, pytest.raises(EnvironmentBlockedError, match="env_from names 'TOKEN', which is not set"):
        preflight(run)


def test_a_derive_step_that_cannot_be_started_ends_the_start(tmp_path):
    step = {"command": "no-such-tool {changed}", "when": ["*.txt"], "writes": "changed"}
    with opened(tmp_path, phase_of("one", derive=[step])) as run, pytest.raises(EnvironmentBlockedError, match="no-such-tool"):
        preflight(run)


def test_the_next_start_uses_what_this_one_learnt_of_the_base(tmp_path):
    with checking(tmp_path, "sh check.sh") as run:
        preflight(run)
    with started(run.desk) as again:
        preflight(again)
        assert (tried(again), ran(tmp_path)) == ([1, 1], 1)


def test_once_something_is_bought_nothing_is_tried_again(tmp_path):
    with checking(tmp_path, "sh check.sh") as run:
        preflight(run)
        step = run.begin()
        call = NewCall(step.key.asking(Role.BUILDER), 1, "anthropic", "m", {}, "0" * 64)
        CallJournal(run.project.database, CLOCK.now).intend(call, Ceiling(tokens=1, usd=None), Caps())
        preflight(run)
        assert tried(run) == [1]


def test_a_submodule_that_is_an_empty_folder_is_known(run):
    run.git("update-index", "--add", "--cacheinfo", f"160000,{run.head()},vendor/lib")
    run.git("commit", "-q", "-m", "with a submodule")
    place = run.site.slot.work_tree.place
    facts = facts_of(run.site.tree(run.git("rev-parse", "HEAD")), place)
    assert facts.empty_submodules() == ("vendor/lib",)
    (place / "vendor" / "lib").mkdir(parents=True)
    (place / "vendor" / "lib" / "a").touch()
    assert facts.empty_submodules() == ()
