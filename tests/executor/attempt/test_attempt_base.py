"""An attempt starts from the branch's head; a branch that lost what had landed is a person's to explain."""

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.executor.attempt.attempt_base import base_of_attempt, require_landed, warn_of_checkout
from autopack.executor.attempt.land import land
from tests.support.command import phase_of
from tests.support.run_context import FIRST, opened


@pytest.fixture
def landed(tmp_path):
    """A run of two phases, the first of which has landed, and its commit."""
    with opened(tmp_path, phase_of("one"), phase_of("two")) as run:
        step, candidate = run.gated({"app.txt": "two\n"})
        land(run.site, step, FIRST, candidate, tuple)
        yield run, candidate.commit


def head_commit(run):
    return run.ctx.state.runs.find("r").head_commit


def test_the_first_attempt_starts_from_the_base(run):
    assert base_of_attempt(run.site, run.phase()) == run.git("rev-parse", "main")
    assert run.messages("person_commits") == []


def test_commits_of_a_person_are_kept_told_once_and_built_upon(run):
    by_hand = run.commit({"more.txt": "more\n"})
    assert base_of_attempt(run.site, run.phase()) == by_hand
    assert base_of_attempt(run.site, run.phase()) == by_hand
    assert head_commit(run) == by_hand
    assert [event.data["commits"] for event in run.told if event.event == "person_commits"] == [[by_hand]]


def test_a_commit_of_the_run_itself_that_no_row_speaks_of_is_not_taken_for_a_persons(run):
    _, candidate = run.gated({"app.txt": "two\n"})
    run.site.branch.integrate(candidate, expected_head=candidate.parent)
    assert base_of_attempt(run.site, run.phase()) == candidate.commit
    assert run.messages("person_commits") == []


def test_a_branch_that_no_longer_holds_what_had_landed_makes_the_phase_wait_and_names_both_ways_on(landed):
    run, commit = landed
    run.git("branch", "-f", "autopack/r", "main")
    assert base_of_attempt(run.site, run.phase("two")) is None
    row = run.ctx.state.phases.get("two")
    assert (row.state, row.held, row.held_reason) == ("held", "question", "branch_rewritten")
    assert "autopack adopt r two" in row.held_message
    assert f"git branch -f autopack/r {commit[:10]}" in row.held_message
    assert head_commit(run) == commit


def test_a_branch_that_is_gone_ends_the_start(run):
    run.git("branch", "-D", "autopack/r")
    with pytest.raises(EnvironmentBlockedError, match="The branch autopack/r is gone") as blocked:
        base_of_attempt(run.site, run.phase())
    assert blocked.value.next_command == "autopack resume r"
    assert run.state() == "queued"


def test_a_person_who_stands_on_the_branch_is_told_before_anything_is_built(run):
    warn_of_checkout(run.site.repository, run.site.branch, run.ctx.log, run.phase())
    assert run.messages("checked_out") == []
    run.git("switch", "-q", "autopack/r")
    warn_of_checkout(run.site.repository, run.site.branch, run.ctx.log, run.phase())
    assert run.messages("checked_out") == [
        f"autopack/r is checked out in {run.repo}; the phase cannot land unless you switch to another branch there (git switch -)"
    ]


def test_a_run_ends_complete_only_while_the_branch_holds_what_landed(landed):
    run, commit = landed
    require_landed(run.ctx.state, run.site.branch)
    run.commit({"more.txt": "more\n"})
    require_landed(run.ctx.state, run.site.branch)
    run.git("branch", "-f", "autopack/r", "main")
    with pytest.raises(EnvironmentBlockedError, match=f"Bring it back: git branch -f autopack/r {commit[:10]}"):
        require_landed(run.ctx.state, run.site.branch)
    run.git("branch", "-D", "autopack/r")
    with pytest.raises(EnvironmentBlockedError, match="is gone"):
        require_landed(run.ctx.state, run.site.branch)
