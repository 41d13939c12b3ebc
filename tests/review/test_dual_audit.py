from hypothesis import given
from hypothesis import strategies as st

from autopack.core.reviewing import Criterion, Demand, Issue, Verdict
from autopack.review.dual_audit import ALONE, alone, both
from autopack.review.gate import objections

ISSUE = Issue(severity="critical", message="It opens the door.")
VERDICTS = st.builds(
    Verdict,
    verdict=st.sampled_from(["approve", "reject"]),
    issues=st.lists(st.sampled_from([ISSUE, Issue(severity="minor", message="A word.")]), max_size=2).map(tuple),
    criteria=st.lists(st.builds(Criterion, criterion=st.sampled_from(["a", "b"]), met=st.booleans()), max_size=2).map(tuple),
)


@given(VERDICTS, VERDICTS)
def test_what_either_is_against_blocks(one, other):
    found = both(("a/m", one), ("b/n", other))
    assert bool(objections(found, high_risk=False)) == bool(objections(one, high_risk=False) or objections(other, high_risk=False))
    assert [audit.model for audit in found.audits] == ["a/m", "b/n"]


def test_a_test_may_change_only_where_both_say_what_demands_it():
    demand = Demand(test="t", criterion="a")
    mine, theirs = Verdict(verdict="approve", changed_tests=(demand,)), Verdict(verdict="approve")
    assert both(("a/m", mine), ("b/n", theirs)).changed_tests == ()
    assert both(("a/m", mine), ("b/n", mine)).changed_tests == (demand,)


def test_a_criterion_that_either_calls_wrong_is_wrong():
    met, unmet, wrong = (Criterion(criterion="a", met=is_met, wrong=why) for is_met, why in ((True, ""), (False, ""), (True, "It is old.")))
    for one, other in ((met, wrong), (wrong, met), (unmet, wrong), (wrong, unmet)):
        mine, theirs = (Verdict(verdict="approve", criteria=(answer,)) for answer in (one, other))
        assert both(("a/m", mine), ("b/n", theirs)).criteria == (wrong,)


def test_both_can_be_read_in_it():
    found = both(("a/m", Verdict(verdict="approve", summary="fine")), ("b/n", Verdict(verdict="reject", summary="no")))
    assert (found.verdict, found.summary) == ("reject", "a/m: fine b/n: no")


def test_one_alone_says_so():
    assert alone("a/m", Verdict(verdict="approve")).note == ALONE
