"""A failed attempt is recorded without secrets, and moves its phase to where the policy says."""

from dataclasses import replace

from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.redaction import Redactor
from autopack.executor.attempt.recover_phase import record_failure, recover_phase
from autopack.executor.steer.verbs import adopt
from tests.support.command import phase_of
from tests.support.run_context import opened


def fail(run, kind=FailureKind.CHECKS_RED, message="no", evidence="", step=None):
    """An attempt that failed like that, and what follows; its row and the phase's."""
    step = step or run.begin()
    record_failure(run.site, run.ctx.models, run.phase(), step.key, AttemptFailed(kind, message, evidence))
    recover_phase(run.ctx, run.phase())
    return run.ctx.state.phases.last_attempt("one"), run.ctx.state.phases.get("one")


def test_a_failure_is_kept_for_the_next_attempt_and_the_phase_is_queued(run):
    attempt, row = fail(run, message="1 test failed", evidence="test_a")
    assert (attempt.outcome, attempt.failure_kind, row.state) == ("failed", "checks_red", "queued")
    (lesson,) = run.ctx.state.phases.feedback("one")
    assert (lesson.message, lesson.evidence) == ("1 test failed", "test_a")


def test_no_secret_of_a_failure_is_in_a_row(run):
    step = run.begin()
    failed = AttemptFailed(FailureKind.CHECKS_RED, "it said k-canary-0123456789", "k-canary-0123456789")
    site = replace(run.site, log=replace(run.ctx.log, redactor=Redactor(["k-canary-0123456789"])))
    record_failure(site, run.ctx.models, run.phase(), step.key, failed)
    attempt = run.ctx.state.phases.last_attempt("one")
    assert "canary" not in attempt.message + attempt.evidence + repr(run.told)


def test_the_last_attempt_that_the_plan_allows_fails_the_phase(tmp_path):
    with opened(tmp_path, phase_of("one", max_attempts=2)) as run:
        assert fail(run)[1].state == "queued"
        _, row = fail(run, message="1 test failed")
        assert (row.state, row.failure_kind, row.failure_message) == ("failed", "checks_red", "1 test failed")


def test_where_only_the_auditor_is_against_the_last_attempt_a_person_decides(tmp_path):
    with opened(tmp_path, phase_of("one", max_attempts=1)) as run:
        attempt, row = fail(run, FailureKind.AUDIT_REJECTED, step=run.checked({"app.txt": "two\n"})[0])
        assert attempt.only_auditor_against
        assert (row.state, row.held, row.held_reason) == ("held", "review", "auditor_against")


def test_a_builder_that_asks_a_person_waits_with_the_paths_that_it_wants(run):
    _, row = fail(run, FailureKind.BUILDER_BLOCKED, "May I?", "docs/a.md\ndocs/b.md")
    assert (row.state, row.held, row.held_reason, row.held_paths) == ("held", "question", "builder_blocked", '["docs/a.md", "docs/b.md"]')


def test_an_adopted_commit_that_does_not_pass_is_asked_about_and_given_to_no_builder(run):
    run.asking()
    adopt(run.helm, "one", run.commit({"app.txt": "two\n"}, on=run.head()))
    _, row = fail(run, step=run.steps(run.ctx.state.phases.open_attempt("one")))
    assert (row.state, row.held_reason) == ("held", "adopted_red")


def test_what_no_attempt_can_mend_fails_the_phase_at_once(run):
    assert fail(run, FailureKind.ENVIRONMENT)[1].state == "failed"
