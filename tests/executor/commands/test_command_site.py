"""Where a plan's commands run: in the work tree, with a scratch folder that is theirs alone, and journaled so that nothing outlives a run."""

import pytest

from autopack.checks.processes.command import Child
from autopack.executor.commands.command_site import alone, command_context_for, environment_for, told_while, watch_of
from tests.support.command import phase_of
from tests.support.run_context import opened


def test_a_command_runs_in_the_work_tree_and_is_logged_under_its_phase_and_attempt(run):
    context = command_context_for(run.site, "one-2", {"A": "b"}, network=False)
    assert (context.root, context.out) == (run.site.slot.work_tree.place, run.site.slot.scratch)
    assert context.log == run.repo / ".autonomous_runs" / "r" / "ci" / "one-2.log"
    assert context.out.is_dir()
    assert context.environment == {"A": "b"}


def test_the_scratch_folder_is_empty_before_a_command_and_after_it(tmp_path):
    scratch = tmp_path / "out"
    scratch.mkdir()
    (scratch / "left").write_text("by another\n")
    with alone(scratch):
        assert list(scratch.iterdir()) == []
        (scratch / "deep").mkdir()
        (scratch / "deep" / "made").touch()
    assert list(scratch.iterdir()) == []


def test_the_scratch_folder_is_made_where_a_command_removed_it_and_emptied_where_the_command_broke_off(tmp_path):
    scratch = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt), alone(scratch):
        (scratch / "made").touch()
        raise KeyboardInterrupt
    assert list(scratch.iterdir()) == []


def test_a_commands_environment_has_what_the_plan_hands_it_its_own_home_and_no_key(tmp_path):
    env = {"ANTHROPIC_API_KEY": "k-0123456789", "TOKEN": "t-0123456789", "OTHER": "x"}
    ci = {"steps": [{"command": "true", "tests": "none"}], "env": {"MODE": "fast"}, "env_from": ["TOKEN"]}
    with opened(tmp_path, phase_of("one", ci=ci), env=env) as run:
        checks = run.phase().ci
        given = environment_for(run.site, "one", checks.env, checks.env_from)
        assert (given["MODE"], given["TOKEN"], given["HOME"]) == ("fast", "t-0123456789", str(run.site.slot.home))
        assert {"ANTHROPIC_API_KEY", "OTHER"}.isdisjoint(given)
        assert "TOKEN" not in environment_for(run.site, "one")


def test_whoever_watches_sees_which_command_runs_and_how_long_it_took_and_no_row_says_it(run):
    with told_while(run.ctx.log, "set-up", "npm ci"):
        assert run.messages("command_started") == ["set-up: npm ci"]
    (ended,) = run.messages("command_ended")
    assert ended.startswith("set-up: npm ci ended after 0 s")
    assert run.ctx.state.events.named("r", "command_started") == ()


def test_the_end_of_a_command_that_broke_off_is_told_too(run):
    with pytest.raises(KeyboardInterrupt), told_while(run.ctx.log, "set-up", "npm ci"):
        raise KeyboardInterrupt
    assert len(run.messages("command_ended")) == 1


def test_children_are_in_the_journal_from_their_start_to_their_end(run):
    watch, child = watch_of(run.ctx.state), Child(12345, 1.5, "boot")
    watch.on_start(child)
    assert [(row.pid, row.boot_id) for row in run.ctx.state.owners.children()] == [(12345, "boot")]
    watch.on_end(child)
    assert run.ctx.state.owners.children() == ()
