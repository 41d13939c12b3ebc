"""The auditor is asked about a checked candidate, at most twice; the gate decides, and a person overrules it."""

import json

import pytest

from autopack.core.approval import Approval
from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.reviewing import Decision, GateOutcome, Issue, Verdict
from autopack.core.step_names import StepName
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.ask_auditor import UNREADABLE_MAX
from autopack.executor.attempt.land import land
from autopack.executor.attempt.review_phase import Checked, audit_phase, decide, patch_of
from autopack.executor.attempt.steps import Recording
from tests.support.command import phase_of
from tests.support.run_context import FIRST, opened
from tests.support.server import scripted_server

TWO = {"app.txt": "two\n"}
APPROVE = json.dumps({"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "fine"})


@pytest.fixture
def audited(tmp_path):
    """Opens a run whose auditor gives these answers, the last one again and again; gives the server with it."""
    answers = []

    def script(_):
        return {"text": answers.pop(0) if len(answers) > 1 else answers[0]}

    def audit(*texts):
        answers.extend(texts)
        step, candidate, report = run.checked(TWO)
        return step, lambda: audit_phase(
            run.ctx, run.phase(), step, FIRST, Checked(candidate, report, patch_of(run.site.repository, candidate))
        )

    with scripted_server(script) as server, opened(tmp_path, env=server.environment()) as run:
        yield run, server, audit


def test_a_verdict_is_asked_for_once_and_is_recorded(audited):
    run, server, audit = audited
    step, ask = audit(APPROVE)
    verdict = ask()
    assert (verdict.verdict, verdict.summary, run.state()) == ("approve", "fine", "gating")
    assert ask() == verdict
    assert run.steps(step.key).recorded(StepName.AUDIT, Verdict) == verdict
    assert len(server.asked("auditor", "one")) == 1


def test_the_auditor_is_shown_what_the_commit_changes(audited):
    _, server, audit = audited
    audit(APPROVE)[1]()
    (asked,) = server.asked("auditor")
    assert "-one" in asked.text
    assert "+two" in asked.text


def test_an_answer_that_cannot_be_read_is_asked_for_once_more_and_told(audited):
    run, server, audit = audited
    assert audit("It looks fine to me.", APPROVE)[1]().verdict == "approve"
    assert len(server.asked("auditor")) == UNREADABLE_MAX == 2
    assert run.messages("audit_unreadable") == ["The auditor's reply is not one JSON object, bare or in its only ```json fence."]


def test_two_answers_that_cannot_be_read_end_the_attempt_and_not_as_a_rejection(audited):
    run, server, audit = audited
    with pytest.raises(AttemptFailed) as failed:
        audit("It looks fine to me.")[1]()
    assert failed.value.kind is FailureKind.AUDIT_UNREADABLE
    assert (len(server.asked("auditor")), run.state()) == (2, "auditing")


def test_a_secret_that_the_auditor_quotes_is_in_no_row(tmp_path):
    said = json.dumps({**json.loads(APPROVE), "summary": "found k-canary-0123456789"})
    ci = {"steps": [{"command": "true", "tests": "none"}], "env_from": ["TOKEN"]}
    with scripted_server(lambda _: {"text": said}) as server:
        env = {**server.environment(), "TOKEN": "k-canary-0123456789"}
        with opened(tmp_path, phase_of("one", ci=ci), env=env) as run:
            step, candidate, report = run.checked(TWO)
            verdict = audit_phase(run.ctx, run.phase(), step, FIRST, Checked(candidate, report, patch_of(run.site.repository, candidate)))
            assert "canary" not in verdict.summary + json.dumps(run.steps(step.key).results) + repr(run.told)


def test_the_verdict_on_the_same_change_stands_on_a_head_that_moved(run):
    step, candidate = run.gated(TWO)
    run.commit({"more.txt": "more\n"})
    laid = land(run.site, step, FIRST, candidate, tuple)
    assert isinstance(laid, Candidate)
    lap = FIRST.next()
    step(lap.name(StepName.CHECK), CheckReport, lambda: CheckReport(status=CheckStatus.GREEN), lambda _: Recording(PhaseEvent.CHECKED))
    earlier = step.recorded(StepName.AUDIT, Verdict)
    # nobody has a key here: who asked a model would raise
    assert audit_phase(run.ctx, run.phase(), step, lap, Checked(laid, CheckReport(status=CheckStatus.GREEN), None)) == earlier


def gating(run, verdict):
    """A candidate with that verdict: (its steps, the report)."""
    step, _, report = run.checked(TWO)
    step(StepName.AUDIT, Verdict, lambda: verdict, lambda _: Recording(PhaseEvent.AUDITED))
    return step, report


APPROVED = Verdict(verdict="approve")
AGAINST = Verdict(verdict="reject", summary="half of it", issues=(Issue(severity="critical", message="no tests", path="app.txt", line=1),))


def test_a_candidate_that_nobody_is_against_may_land(run):
    step, report = gating(run, APPROVED)
    assert decide(run.phase(), step, FIRST, report, APPROVED).outcome is GateOutcome.LAND
    assert run.state() == "integrating"


def test_an_auditor_who_is_against_it_ends_the_attempt_with_the_issues_as_evidence(run):
    step, report = gating(run, AGAINST)
    with pytest.raises(AttemptFailed, match="half of it") as failed:
        decide(run.phase(), step, FIRST, report, AGAINST)
    assert failed.value.kind is FailureKind.AUDIT_REJECTED
    assert failed.value.evidence == "critical: app.txt:1: no tests"
    assert run.state() == "gating"


def test_a_recorded_rejection_is_one_again_in_the_next_start(run):
    step, report = gating(run, AGAINST)
    with pytest.raises(AttemptFailed, match="half of it"):
        decide(run.phase(), step, FIRST, report, AGAINST)
    with pytest.raises(AttemptFailed, match="half of it"):
        decide(run.phase(), run.steps(step.key), FIRST, report, APPROVED)


def test_a_phase_for_which_the_plan_wants_a_person_waits_for_review(tmp_path):
    with opened(tmp_path, phase_of("one", gate="hold")) as run:
        step, report = gating(run, APPROVED)
        assert decide(run.phase(), step, FIRST, report, APPROVED).outcome is GateOutcome.HOLD
        row = run.ctx.state.phases.get("one")
        assert (row.state, row.held, row.held_reason) == ("held", "review", "gate")


def test_a_persons_approval_lets_the_held_phase_land_though_the_gate_had_recorded_its_hold(tmp_path):
    with opened(tmp_path, phase_of("one", gate="hold")) as run:
        step, report = gating(run, APPROVED)
        decide(run.phase(), step, FIRST, report, APPROVED)
        run.helm.steering.approve("one", Approval(note="looked at it"))
        again = run.steps(run.ctx.state.phases.open_attempt("one"))
        decision = decide(run.phase(), again, FIRST, report, APPROVED)
        assert decision == Decision(outcome=GateOutcome.LAND, reasons=("looked at it",))
        assert run.state() == "integrating"


def test_an_approval_that_overrules_the_auditor_counts_against_a_rejection_and_a_plain_one_does_not(run):
    step, report = gating(run, AGAINST)
    step(StepName.APPROVAL, Approval, Approval, lambda _: Recording())
    with pytest.raises(AttemptFailed):
        decide(run.phase(), step, FIRST, report, AGAINST)
    step.record_again(StepName.APPROVAL, Approval(override="audit"))
    assert decide(run.phase(), step, FIRST, report, AGAINST).outcome is GateOutcome.LAND


def test_a_change_that_opens_the_machine_waits_for_a_person(run):
    step, report = gating(run, APPROVED)
    candidate = step.recorded(StepName.CANDIDATE, Candidate)
    step.record_again(StepName.CANDIDATE, candidate.model_copy(update={"risks": ("it mounts the docker socket",)}))
    decision = decide(run.phase(), step, FIRST, report, APPROVED)
    assert decision.outcome is GateOutcome.HOLD
    assert "it mounts the docker socket" in run.ctx.state.phases.get("one").held_message
