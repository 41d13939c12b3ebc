import pytest

from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.reviewing import Criterion, Demand, GateOutcome, Issue, Verdict
from autopack.core.settings import QualitySettings
from autopack.core.test_runs import ChangedTest, OldTests
from autopack.review.gate import Dangers, gate, is_high_risk
from tests.support.text_tree import phase_of

GREEN = CheckReport(status=CheckStatus.GREEN)
APPROVE = Verdict(verdict="approve")


def issue(severity):
    return Issue(severity=severity, message="m", path="a.py", line=3)


CHANGED = OldTests(changed=(ChangedTest(test="t::a", how="fails"), ChangedTest(test="t::b", how="fails", allowed="named")))


def decided(verdict=APPROVE, report=GREEN, *, old=None, high_risk=False, **changes):
    category = {"task_category": "auth"} if high_risk else {}
    return gate(phase_of("a.py", **category, **changes), report, old or OldTests(), verdict)


def test_green_and_approved_lands():
    assert decided().outcome is GateOutcome.LAND


def test_a_red_check_never_lands_whatever_the_auditor_says():
    decision = decided(report=CheckReport(status=CheckStatus.RED, reason="2 tests failed"), gate="hold")
    assert decision.outcome is GateOutcome.REJECT
    assert decision.reasons == ("The checks are red: 2 tests failed",)


def test_checks_that_the_plan_skips_may_land():
    assert decided(report=CheckReport(status=CheckStatus.SKIPPED)).outcome is GateOutcome.LAND


def test_a_rejection_says_why():
    decision = decided(Verdict(verdict="reject", summary="It loses orders."))
    assert decision.outcome is GateOutcome.REJECT
    assert decision.reasons == ("The auditor rejected the change: It loses orders.",)


@pytest.mark.parametrize(
    ("severity", "high_risk", "outcome"),
    [
        ("minor", False, GateOutcome.LAND),
        ("minor", True, GateOutcome.LAND),
        ("major", False, GateOutcome.LAND),
        ("major", True, GateOutcome.REJECT),
        ("critical", False, GateOutcome.REJECT),
        ("critical", True, GateOutcome.REJECT),
    ],
)
def test_which_issues_block_though_the_auditor_approves(severity, high_risk, outcome):
    decision = decided(Verdict(verdict="approve", issues=(issue(severity),)), high_risk=high_risk)
    assert decision.outcome is outcome
    assert bool(decision.reasons) == (outcome is GateOutcome.REJECT)


def test_a_criterion_that_is_not_met_blocks_with_its_evidence():
    decision = decided(Verdict(verdict="approve", criteria=(Criterion(criterion="It rounds", met=False, evidence="a.py:3 cuts"),)))
    assert decision.outcome is GateOutcome.REJECT
    assert decision.reasons == ("Criterion not met: It rounds (a.py:3 cuts)",)


def test_a_criterion_without_an_answer_is_reported_and_does_not_block():
    verdict = Verdict(verdict="approve", criteria=(Criterion(criterion="it  ROUNDS.", met=True),))
    decision = decided(verdict, acceptance_criteria=("It rounds", "It is fast"))
    assert decision.outcome is GateOutcome.LAND
    assert decision.not_judged == ("It is fast",)


def test_a_phase_that_asks_for_a_person_waits_for_one():
    assert decided(gate="hold").outcome is GateOutcome.HOLD


def test_a_rejection_comes_before_a_person():
    assert decided(Verdict(verdict="reject"), gate="hold").outcome is GateOutcome.REJECT


@pytest.mark.parametrize(("on_flaky", "outcome"), [("hold", GateOutcome.HOLD), ("accept", GateOutcome.LAND)])
def test_flaky_tests_hold_where_the_plan_says_so(on_flaky, outcome):
    ci = {"steps": ({"command": "pytest"},), "flaky": {"on_flaky": on_flaky}}
    decision = decided(report=CheckReport(status=CheckStatus.GREEN, flaky=("t::a",)), ci=ci)
    assert decision.outcome is outcome
    assert ("t::a" in " ".join(decision.reasons)) == (outcome is GateOutcome.HOLD)


@pytest.mark.parametrize(
    "category",
    [
        "security",
        "auth-login",
        "db.migration",
        "payments",
        "external_feature_reuse",
        "external_feature_reuse_remote",
        "external-feature-reuse",
    ],
)
def test_risky_categories_are_known_by_their_words(category):
    assert is_high_risk(category, QualitySettings().high_risk_categories)


@pytest.mark.parametrize("category", ["feature", "docs", "author-page", "authoring"])
def test_other_categories_are_not(category):
    assert not is_high_risk(category, QualitySettings().high_risk_categories)


@pytest.mark.parametrize("word", ["hold", "audit"])
def test_changed_tests_wait_for_a_person_where_no_criterion_can_demand_them(word):
    decision = decided(old=CHANGED, ci={"changed_tests": word})
    assert decision.outcome is GateOutcome.HOLD
    assert "t::a" in decision.reasons[0]
    assert "t::b" not in decision.reasons[0]


@pytest.mark.parametrize(
    ("demands", "outcome"),
    [
        ((Demand(test="1", criterion="it costs two"),), GateOutcome.LAND),
        ((Demand(test="t::a", criterion="it costs two"),), GateOutcome.LAND),
        ((Demand(test="t::a", criterion="because"),), GateOutcome.REJECT),
        ((Demand(test="t::b", criterion="it costs two"),), GateOutcome.REJECT),
        ((), GateOutcome.REJECT),
    ],
)
def test_an_auditor_lets_changed_tests_land_only_by_a_criterion(demands, outcome):
    verdict = Verdict(verdict="approve", changed_tests=demands)
    assert decided(verdict, old=CHANGED, ci={"changed_tests": "audit"}, acceptance_criteria=("it costs two",)).outcome is outcome


def test_tests_that_may_change_are_in_nobodys_way():
    allowed = OldTests(changed=CHANGED.changed[1:], gone=("t::c",))
    assert decided(old=allowed).outcome is GateOutcome.LAND


def test_what_opens_the_machine_waits_for_a_person():
    decision = gate(phase_of("a.py"), GREEN, OldTests(), APPROVE, Dangers(("compose.yaml: the service `web` runs privileged",)))
    assert decision.outcome is GateOutcome.HOLD
    assert "the service `web` runs privileged" in decision.reasons[0]
