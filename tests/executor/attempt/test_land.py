"""A checked candidate lands once or not at all, whatever happened to the branch meanwhile."""

import pytest

from autopack.core.approval import Approval
from autopack.core.candidate import Candidate, Committed
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.core.step_names import StepName
from autopack.executor.attempt.land import land, overridden, signed
from autopack.executor.attempt.steps import Recording
from tests.support.repos import git
from tests.support.run_context import FIRST, opened, started

TWO = {"app.txt": "two\n"}


def nothing():
    """To be remembered of the phase."""
    return ()


def test_a_candidate_lands_on_the_branch_and_the_rows_say_so(run):
    step, candidate = run.gated(TWO)
    assert land(run.site, step, FIRST, candidate, nothing) == Committed(commit=candidate.commit, tree=candidate.tree, branch="autopack/r")
    assert run.head() == candidate.commit
    assert (run.state(), run.ctx.state.phases.get("one").commit) == ("complete", candidate.commit)
    assert run.ctx.state.runs.find("r").head_commit == candidate.commit
    assert run.ctx.state.phases.last_attempt("one").outcome == "complete"


def test_what_is_recorded_as_landed_is_not_landed_again(run):
    step, candidate = run.gated(TWO)
    landed = land(run.site, step, FIRST, candidate, nothing)
    by_hand = run.commit({"more.txt": "more\n"})
    assert land(run.site, run.steps(step.key), FIRST, candidate, nothing) == landed
    assert run.head() == by_hand


def test_a_commit_that_a_dead_process_landed_without_a_record_is_found_below_a_persons(run):
    step, candidate = run.gated(TWO)
    run.site.branch.integrate(candidate, expected_head=candidate.parent)
    by_hand = run.commit({"more.txt": "more\n"})
    assert land(run.site, step, FIRST, candidate, nothing) == Committed(commit=candidate.commit, tree=candidate.tree, branch="autopack/r")
    assert (run.head(), run.state()) == (by_hand, "complete")


def test_on_a_head_that_moved_the_same_change_is_made_again_and_checked_again(run):
    step, candidate = run.gated(TWO)
    by_hand = run.commit({"more.txt": "more\n"})
    laid = land(run.site, step, FIRST, candidate, nothing)
    assert isinstance(laid, Candidate)
    assert (laid.parent, laid.paths, laid.ref) == (by_hand, candidate.paths, f"{candidate.ref}.2")
    assert git(run.repo, "show", f"{laid.commit}:app.txt") == "two\n"
    assert (run.head(), run.state()) == (by_hand, "checking")
    assert run.messages("person_commits") == ["1 commits of a person are on the branch; they are kept"]


def test_a_change_that_was_laid_on_a_new_head_is_not_laid_on_yet_another_by_a_resumed_start(run):
    step, candidate = run.gated(TWO)
    run.commit({"more.txt": "more\n"})
    laid = land(run.site, step, FIRST, candidate, nothing)
    run.commit({"more.txt": "and more\n"})
    assert land(run.site, run.steps(step.key), FIRST, candidate, nothing) == laid


def test_a_change_laid_on_a_new_head_that_git_lost_is_made_again_as_the_same_commit(run):
    step, candidate = run.gated(TWO)
    run.commit({"more.txt": "more\n"})
    laid = land(run.site, step, FIRST, candidate, nothing)
    run.git("update-ref", "-d", laid.ref)
    run.git("gc", "-q", "--prune=now")
    assert land(run.site, run.steps(step.key), FIRST, candidate, nothing) == laid
    assert run.git("cat-file", "-t", laid.commit) == "commit"


def test_a_head_that_changed_the_same_file_ends_the_attempt_as_a_conflict(run):
    step, candidate = run.gated(TWO)
    by_hand = run.commit({"app.txt": "three\n"})
    with pytest.raises(AttemptFailed, match="has moved and changed app.txt") as failed:
        land(run.site, step, FIRST, candidate, nothing)
    assert failed.value.kind is FailureKind.CONFLICT
    assert run.head() == by_hand
    assert StepName.COMMIT not in run.steps(step.key).results


def test_a_branch_that_was_rewritten_below_the_change_ends_the_attempt_as_a_conflict(run):
    first = run.commit({"more.txt": "more\n"})
    step, candidate = run.gated(TWO)
    run.git("branch", "-f", "autopack/r", "main")
    with pytest.raises(AttemptFailed, match=f"no longer holds {first[:10]}") as failed:
        land(run.site, step, FIRST, candidate, nothing)
    assert failed.value.kind is FailureKind.CONFLICT
    assert run.head() == run.git("rev-parse", "main")


def test_a_branch_that_is_gone_ends_the_start_and_names_the_next(run):
    step, candidate = run.gated(TWO)
    run.git("branch", "-D", "autopack/r")
    with pytest.raises(EnvironmentBlockedError, match="is gone. The next start makes it again") as blocked:
        land(run.site, step, FIRST, candidate, nothing)
    assert blocked.value.next_command == "autopack resume r"
    assert run.state() == "integrating"


def test_a_branch_that_a_person_stands_on_is_not_moved_and_the_phase_waits_for_review(run):
    step, candidate = run.gated(TWO)
    run.git("switch", "-q", "autopack/r")
    assert land(run.site, step, FIRST, candidate, nothing) is None
    row = run.ctx.state.phases.get("one")
    assert (row.state, row.held, row.held_reason) == ("held", "review", "checked_out")
    assert str(run.repo) in row.held_message
    assert run.head() == candidate.parent


def test_a_person_who_overrules_the_auditor_is_named_in_the_commit_and_only_then(run):
    step, candidate = run.gated(TWO)
    assert overridden(run.site.repository, step, FIRST, candidate) == candidate
    step(StepName.APPROVAL, Approval, lambda: Approval(note="fine", override="audit"), lambda _: Recording())
    made = overridden(run.site.repository, step, FIRST, candidate)
    assert made.tree == candidate.tree
    assert "Autopack-Override: audit" in run.git("log", "-1", "--format=%B", made.commit)
    assert run.git("rev-parse", f"{candidate.ref}.override") == made.commit
    assert overridden(run.site.repository, run.steps(step.key), FIRST, candidate) == made


def test_an_approval_that_overrules_nobody_leaves_the_commit_as_it_is(run):
    step, candidate = run.gated(TWO)
    step(StepName.APPROVAL, Approval, lambda: Approval(note="fine"), lambda _: Recording())
    assert overridden(run.site.repository, step, FIRST, candidate) == candidate


@pytest.fixture
def signing(run):
    """The run of a user whose git signs every commit, here with a program that signs anything."""
    program = run.desk.home / "gpg"
    program.write_text("#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho signature $$\n")
    program.chmod(0o755)
    run.git("config", "gpg.program", str(program))
    run.git("config", "commit.gpgsign", "true")
    return run


def test_where_the_users_git_signs_what_lands_is_signed_once(signing):
    step, candidate = signing.gated(TWO)
    made = signed(signing.site.repository, signing.ctx.settings, step, FIRST, candidate)
    assert (made.tree, made.ref) == (candidate.tree, f"{candidate.ref}.signed")
    assert "gpgsig signature" in signing.git("cat-file", "commit", made.commit)
    assert signed(signing.site.repository, signing.ctx.settings, signing.steps(step.key), FIRST, candidate) == made


def test_signing_that_the_configuration_switches_off_leaves_the_commit_as_it_is(signing):
    step, candidate = signing.gated(TWO)
    off = signing.ctx.settings.model_copy(update={"git": signing.ctx.settings.git.model_copy(update={"sign": "off"})})
    assert signed(signing.site.repository, off, step, FIRST, candidate) == candidate


def test_another_start_lands_what_the_one_before_it_had_brought_so_far(tmp_path):
    with opened(tmp_path) as run:
        step, candidate = run.gated(TWO)
    with started(run.desk) as again:
        assert again.ctx.state.phases.open_attempt("one") == step.key
        landed = land(again.site, again.steps(step.key), FIRST, candidate, nothing)
        assert landed.commit == again.head() == candidate.commit
