import json

import pytest

from autopack.core.call import Reply, StopReason, Usage
from autopack.core.context import Feedback
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.remedy import Diagnosis, DoctorAction, Remedy
from autopack.core.settings import ModelsSettings
from autopack.recovery.advice_reply import AdviceUnusable
from autopack.recovery.case import Allowance, Case
from autopack.recovery.doctor import ACTIONS, FOLLOWS, follow, read_diagnosis
from autopack.recovery.fingerprint import FailedAttempt


def case(replans=1):
    failed = FailedAttempt(Feedback(attempt=1, kind=FailureKind.CHECKS_RED, message="Red."))
    return Case("one", (failed,), (), Allowance(5, replans=replans, consultations=2), ModelsSettings(), "low")


def reply(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return Reply(text=text, stop=StopReason.END, usage=Usage(), provider="p", requested_model="m", answering_model="m", received_at=0)


def diagnosis(action, hint="Look at line 3."):
    return Diagnosis(action=action, rationale="It is the wrong file.", hint=hint)


@pytest.mark.parametrize(
    ("action", "remedy"),
    [
        ("retry_with_fix", Remedy.RETRY),
        ("replan", Remedy.REPLAN),
        ("skip_phase", Remedy.SKIP),
        ("mark_fatal", Remedy.GIVE_UP),
        ("rollback_run", Remedy.HOLD),
    ],
)
def test_each_action_leads_to_its_remedy_and_says_why(action, remedy):
    decided = follow(case(), diagnosis(action))
    assert (decided.remedy, decided.because) == (remedy, "The doctor says: It is the wrong file.")


def test_a_hint_is_advice_and_without_one_there_is_nothing_to_follow():
    assert follow(case(), diagnosis("retry_with_fix")).advised is FailureKind.ADVISED
    assert follow(case(), diagnosis("retry_with_fix", hint=" ")) is None


def test_what_cannot_be_carried_out_is_not_followed():
    assert follow(case(replans=0), diagnosis("replan")) is None
    assert follow(case(), diagnosis("execute_fix")) is None


def test_a_rollback_is_a_question():
    assert follow(case(), diagnosis("rollback_run")).held is HeldReason.ROLLBACK_ADVISED


def test_the_tables_are_complete():
    assert set(FOLLOWS) == set(ACTIONS) == set(DoctorAction)


def test_further_keys_are_passed_over_and_null_is_left_out():
    found = read_diagnosis(reply({"action": "replan", "confidence": 1, "failure_kind": None, "fix_type": "git", "mood": "grim"}))
    assert (found.action, found.confidence, found.hint) == (DoctorAction.REPLAN, 1, "")


@pytest.mark.parametrize("value", ["", "I think", {"action": "pray"}, {"action": "replan", "confidence": 7}, {"confidence": 0.5}])
def test_a_reply_of_another_shape_is_no_diagnosis(value):
    with pytest.raises(AdviceUnusable):
        read_diagnosis(reply(value))
