import json
from dataclasses import replace

import pytest

from autopack.core.call import Reply, StopReason, Usage
from autopack.core.candidate import Candidate
from autopack.core.context import Feedback
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.models_settings import ModelsSettings
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import AttemptDecided, Decided, Diagnosis, DoctorAction, Fix, Remedy
from autopack.recovery.advice_reply import AdviceUnusable
from autopack.recovery.case import Allowance, Case
from autopack.recovery.doctor import ACTIONS, FOLLOWS, doctor_prompt, fixed, follow, read_diagnosis
from autopack.recovery.failure_story import FailureStory
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


def test_commands_that_took_effect_are_told_to_the_builder_with_what_was_put_back():
    made = Candidate(commit="c", tree="t", parent="p", ref="r", paths=("a.py", "b.py"))
    fix = Fix(candidate=made, commands=("mv a.py b.py",), undone=("x.py (outside)",))
    decided = fixed(case(), diagnosis("execute_fix"), fix)
    assert (decided.remedy, decided.advised) == (Remedy.RETRY, FailureKind.FIXED)
    assert decided.advice.split("\n") == ["Commands: mv a.py b.py", "Changed: a.py, b.py", "Put back: x.py (outside)", "Look at line 3."]


@pytest.mark.parametrize("types", [(), ("git",), ("git", "file")])
def test_commands_are_offered_as_they_were_when_the_doctor_was_decided_on(types):
    decided = Decided(kind=FailureKind.CHECKS_RED, remedy=Remedy.DOCTOR, row="four", because="", tier="low", fix_types=types)
    asked = replace(case(), decisions=(AttemptDecided(attempt=1, decided=decided),))
    phase = PhaseSpec.model_validate({"id": "one", "description": "d", "scope": {"paths": ["a.py"]}, "ci": {"skip": True, "reason": "r"}})
    prompt = doctor_prompt(FailureStory(phase, "goal", asked))
    properties = prompt.reply_schema["properties"]
    assert ("execute_fix" in properties["action"]["enum"]) == ("fix_commands" in properties) == bool(types)
    text = "".join(block.text for block in prompt.blocks)
    assert ("git checkout" in text, "mkdir" in text) == ("git" in types, "file" in types)
