"""What a person may do to which phase, and what a wrong word leads on to."""

import pytest

from autopack.core.approval import Approval
from autopack.core.candidate import Candidate
from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.step_names import StepName
from autopack.core.transitions import PhaseEvent
from autopack.executor.steer.verbs import adopt, approve, reject, retry, skip
from autopack.store.attempts import Failed
from autopack.store.phase_changes import hold
from autopack.store.steering import Wishes
from tests.support.command import phase_of
from tests.support.run_context import opened

TWO = {"app.txt": "two\n"}


def for_review(run, *, is_auditor_against=False):
    """The phase waits with a green candidate."""
    step, _ = run.gated(TWO)
    phases = run.ctx.state.phases
    if is_auditor_against:
        phases.fail_attempt(step.key, Failed(FailureKind.AUDIT_REJECTED, "half of it", only_auditor_against=True))
    phases.move("one", PhaseEvent.HOLD, step.key.number, hold(HeldReason.GATE, "look"))
    return step


def refused(verb, *arguments):
    with pytest.raises(UsageError) as error:
        verb(*arguments)
    return error.value


def test_an_approved_phase_goes_on_to_land_with_its_attempt_open_again(run):
    step = for_review(run)
    approve(run.helm, "one", Approval(note="fine"))
    assert run.state() == "integrating"
    again = run.steps(run.ctx.state.phases.open_attempt("one"))
    assert again.key == step.key
    assert again.recorded(StepName.APPROVAL, Approval) == Approval(note="fine")


def test_whom_the_auditor_is_against_only_an_override_approves(run):
    for_review(run, is_auditor_against=True)
    error = refused(approve, run.helm, "one", Approval(note="fine"))
    assert "approve with --override audit" in error.message
    assert run.state() == "held"
    approve(run.helm, "one", Approval(override="audit"))
    assert run.state() == "integrating"


def test_a_rejected_phase_goes_back_and_its_next_attempt_is_told_why(run):
    for_review(run)
    reject(run.helm, "one", "no tests")
    assert run.state() == "recovering"
    (lesson,) = run.ctx.state.phases.feedback("one")
    assert (lesson.kind, lesson.message) == (FailureKind.REVIEW_REJECTED, "no tests")


@pytest.mark.parametrize(("verb", "arguments"), [(approve, (Approval(),)), (reject, ("no",))])
def test_a_question_is_neither_approved_nor_rejected(run, verb, arguments):
    run.asking()
    assert "held with a question" in refused(verb, run.helm, "one", *arguments).message
    assert run.state() == "held"


def test_a_phase_that_waits_for_review_is_not_adopted(run):
    for_review(run)
    assert "is held for review; approve or reject it" in refused(adopt, run.helm, "one", None).message


@pytest.mark.parametrize(("verb", "arguments"), [(approve, (Approval(),)), (reject, ("no",)), (skip, ("no",)), (adopt, (None,))])
def test_a_phase_that_does_not_wait_is_not_decided_on(run, verb, arguments):
    error = refused(verb, run.helm, "one", *arguments)
    assert (error.message, error.next_command) == ("phase 'one' is queued, not held.", "autopack show r one")


def test_a_misspelt_phase_is_asked_back_with_the_nearest_name(tmp_path):
    with opened(tmp_path, phase_of("add-parser")) as run:
        error = refused(skip, run.helm, "add-parsr", "")
        assert error.message == "run 'r' has no phase 'add-parsr'. Did you mean 'add-parser'?"


def test_a_phase_that_can_still_be_done_is_not_retried(run):
    assert "only a held, failed, skipped or rolled-back phase is retried" in refused(retry, run.helm, "one", Wishes()).message


def test_a_retry_counts_attempts_anew_and_brings_a_hint_and_more_scope(run):
    step = run.asking()
    retry(run.helm, "one", Wishes(note="Use the list.", add_scope=("docs/",)))
    row = run.ctx.state.phases.get("one")
    assert (row.state, row.counts_from, row.added_scope) == ("queued", step.key.number, '["docs/"]')
    assert run.ctx.state.phases.lessons("one")[-1].message == "Use the list."


def test_a_retry_with_a_model_that_does_not_exist_changes_nothing(run):
    run.asking()
    assert refused(retry, run.helm, "one", Wishes(model="no-such-model")).message
    assert run.state() == "held"


def test_a_retry_queues_what_was_skipped_because_of_the_phase_and_nothing_else(tmp_path):
    phases = (phase_of("one"), phase_of("two", depends_on=["one"]), phase_of("three", depends_on=["two"]), phase_of("four", depends_on=[]))
    with opened(tmp_path, *phases) as run:
        run.asking()
        for name in ("two", "three", "four"):
            run.ctx.state.phases.move(name, PhaseEvent.SKIP)
        assert retry(run.helm, "one", Wishes()) == "queued: one, two, three."
        assert run.state("four") == "skipped"


def test_a_skipped_phase_keeps_the_persons_reason(run):
    run.asking()
    skip(run.helm, "one", "not needed")
    row = run.ctx.state.phases.get("one")
    assert (row.state, row.skipped_because) == ("skipped", "not needed")


def test_a_persons_commit_becomes_the_candidate_of_a_new_attempt_that_is_checked(run):
    run.asking()
    commit = run.commit(TWO, on=run.head())
    assert adopt(run.helm, "one", commit).startswith(f"{commit[:10]} becomes phase 'one'")
    attempt = run.ctx.state.phases.last_attempt("one")
    assert (attempt.number, attempt.is_adopted, run.state()) == (2, True, "checking")
    candidate = run.steps(run.ctx.state.phases.open_attempt("one")).recorded(StepName.CANDIDATE, Candidate)
    assert (candidate.commit, candidate.parent, candidate.paths) == (commit, run.head(), ("app.txt",))
    assert run.git("rev-parse", "refs/autopack/r/one/2") == commit


def test_the_one_phase_that_asks_need_not_be_named_and_of_two_one_has_to_be(tmp_path):
    with opened(tmp_path, phase_of("one"), phase_of("two")) as run:
        assert "none wait for an answer" in refused(adopt, run.helm, None, None).message
        run.asking()
        commit = run.commit(TWO, on=run.head())
        run.asking(run.begin("two"))
        assert refused(adopt, run.helm, None, commit).message == "name the phase: one, two wait for an answer."
        skip(run.helm, "two", "")
        adopt(run.helm, None, commit)
        assert run.state("one") == "checking"


def test_where_nothing_was_committed_there_is_nothing_to_adopt(run):
    run.asking()
    error = refused(adopt, run.helm, "one", None)
    assert "there is nothing to adopt" in error.message
    assert error.next_command == "git worktree add --detach ../r-by-hand autopack/r"


def test_a_commit_beside_the_runs_last_one_is_not_adopted(run):
    run.asking()
    run.project.runs.change("r", head_commit=run.commit({"more.txt": "x\n"}))
    beside = run.commit(TWO, on="main")
    with pytest.raises(EnvironmentBlockedError, match="does not contain"):
        adopt(run.helm, "one", beside)
    assert run.state() == "held"


def test_whoever_stands_on_the_branch_is_told_to_leave_it(run):
    run.asking()
    commit = run.commit(TWO, on=run.head())
    run.git("switch", "-q", "autopack/r")
    assert f"autopack/r is checked out in {run.repo}: switch to another branch" in adopt(run.helm, "one", commit)


def test_a_rewritten_branch_is_taken_as_it_is_and_the_phase_begins_anew(run):
    landed = run.commit({"more.txt": "x\n"})
    run.project.runs.change("r", head_commit=landed)
    run.asking()
    run.git("branch", "-f", "autopack/r", "main")
    assert "is taken as it is" in adopt(run.helm, "one", None)
    assert (run.state(), run.project.runs.find("r").head_commit) == ("queued", run.head())


def test_a_run_says_whether_a_process_works_on_it(run):
    assert run.helm.is_worked_on
