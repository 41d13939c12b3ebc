"""The doctor: a model that looks at everything that failed and says what to do next. What each action leads to is one table."""

import json
from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError

from autopack.core.call import Prompt, Reply
from autopack.core.held import HeldReason
from autopack.core.remedy import ADVISED, Decided, Diagnosis, DoctorAction, Remedy
from autopack.llm.prompts import render
from autopack.recovery.advice_reply import AdviceUnusable, advice_object, problem_of
from autopack.recovery.case import Case
from autopack.recovery.failure_story import FailureStory

REPLY_NAME: Final = "diagnosis"
OFFERED: Final = tuple(action for action in DoctorAction if action is not DoctorAction.EXECUTE_FIX)


def doctor_prompt(story: FailureStory) -> Prompt:
    text = {"type": "string"}
    properties: dict[str, Any] = {
        "action": {"type": "string", "enum": list(OFFERED)},
        "confidence": {"type": "number"},
        "rationale": text,
        "hint": text,
        "failure_kind": {"type": ["string", "null"]},
    }
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    blocks = story.blocks(f"\n{_choices(story.case)}")
    return Prompt(system=render("doctor_system"), blocks=blocks, reply_name=REPLY_NAME, reply_schema=schema)


def read_diagnosis(reply: Reply) -> Diagnosis:
    """Keys that it was not asked for are passed over. Raises AdviceUnusable."""
    found = {key: value for key, value in advice_object(reply).items() if key in Diagnosis.model_fields}
    try:
        return Diagnosis.model_validate_json(json.dumps(found))
    except ValidationError as error:
        raise AdviceUnusable(f"The reply does not have the shape of a diagnosis: {problem_of(list(error.errors()))}.") from error


def follow(case: Case, diagnosis: Diagnosis) -> Decided | None:
    """What is done about it; None where it cannot be carried out, so that the next row of the policy applies."""
    because = f"The doctor says: {diagnosis.rationale.strip() or diagnosis.hint.strip() or 'no reason given'}"
    return FOLLOWS[diagnosis.action](case, diagnosis, because)


def _decided(case: Case, remedy: Remedy, because: str, **further: Any) -> Decided:  # noqa: ANN401 - fields of Decided
    row = further.pop("row", "doctor")
    kind, tier, model, mode = case.last.lesson.kind, case.tier, case.model, case.mode
    return Decided(kind=kind, remedy=remedy, row=row, because=because, tier=tier, model=model, mode=mode, **further)


def _retry(case: Case, diagnosis: Diagnosis, because: str) -> Decided | None:
    hint = diagnosis.hint.strip()
    return _decided(case, Remedy.RETRY, because, row=ADVISED, advice=hint) if hint else None


def _replan(case: Case, _: Diagnosis, because: str) -> Decided | None:
    return _decided(case, Remedy.REPLAN, because) if case.may_replan else None


def _roll_back(case: Case, _: Diagnosis, because: str) -> Decided:
    return _decided(case, Remedy.HOLD, because, held=HeldReason.ROLLBACK_ADVISED)


FOLLOWS: Final[dict[DoctorAction, Callable[[Case, Diagnosis, str], Decided | None]]] = {
    DoctorAction.RETRY_WITH_FIX: _retry,
    DoctorAction.REPLAN: _replan,
    DoctorAction.SKIP_PHASE: lambda case, _, because: _decided(case, Remedy.SKIP, because),
    DoctorAction.MARK_FATAL: lambda case, _, because: _decided(case, Remedy.GIVE_UP, because),
    DoctorAction.ROLLBACK_RUN: _roll_back,
    DoctorAction.EXECUTE_FIX: lambda _case, _diagnosis, _because: None,
}

ACTIONS: Final[dict[DoctorAction, str]] = {
    DoctorAction.RETRY_WITH_FIX: "the next attempt reads the hint, under a lead of its own",
    DoctorAction.REPLAN: "how to go about the phase is planned anew, if a replan is left",
    DoctorAction.SKIP_PHASE: "the phase is skipped, and what depends on it",
    DoctorAction.MARK_FATAL: "the phase has failed; no attempt is made any more",
    DoctorAction.ROLLBACK_RUN: "the phase waits for a person, who may roll back what has landed",
    DoctorAction.EXECUTE_FIX: "not carried out: the next row of the policy applies",
}


def _choices(case: Case) -> str:
    """As it stood when the doctor was decided on, so that a question is the same whenever it is asked."""
    left = next((one.decided.left for one in reversed(case.decisions) if one.decided.remedy is Remedy.DOCTOR), "")
    return f"Left: {left}. What you can choose:\n" + "".join(f"- {action.value}: {ACTIONS[action]}\n" for action in OFFERED)
