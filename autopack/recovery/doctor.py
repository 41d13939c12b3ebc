"""The doctor: a model that looks at everything that failed and says what to do next. What each action leads to is one table."""

import json
from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError

from autopack.core.call import Prompt, Reply
from autopack.core.held import HeldReason
from autopack.core.models_settings import FixType
from autopack.core.remedy import ADVISED, FIXED, Decided, Diagnosis, DoctorAction, Doubt, Fix, Remedy
from autopack.llm.prompts import render
from autopack.recovery.advice_reply import AdviceUnusable, advice_object, problem_of
from autopack.recovery.case import Case
from autopack.recovery.failure_story import FailureStory

REPLY_NAME: Final = "diagnosis"


def doctor_prompt(story: FailureStory) -> Prompt:
    text = {"type": "string"}
    left, types = _offer(story.case)
    offered = _actions(types)
    properties: dict[str, Any] = {
        "action": {"type": "string", "enum": list(offered)},
        "confidence": {"type": "number"},
        "rationale": text,
        "hint": text,
        "failure_kind": {"type": ["string", "null"]},
        "criteria": {"type": "array", "items": _object({"criterion": text, "wrong": text})},
        **(_commands_schema(types) if types else {}),
    }
    schema = _object(properties)
    blocks = story.blocks(f"\nLeft: {left}. What you can choose:\n{_choices(offered)}{_commands_text(types) if types else ''}")
    return Prompt(system=render("doctor_system"), blocks=blocks, reply_name=REPLY_NAME, reply_schema=schema)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def read_diagnosis(reply: Reply) -> Diagnosis:
    """Keys that it was not asked for are passed over. Raises AdviceUnusable."""
    found = {key: value for key, value in advice_object(reply).items() if key in Diagnosis.model_fields}
    if isinstance(found.get("criteria"), list):
        found["criteria"] = [_known(doubt) for doubt in found["criteria"]]
    try:
        return Diagnosis.model_validate_json(json.dumps(found))
    except ValidationError as error:
        raise AdviceUnusable(f"The reply does not have the shape of a diagnosis: {problem_of(list(error.errors()))}.") from error


def _known(doubt: Any) -> Any:  # noqa: ANN401 - JSON
    known = Doubt.model_fields
    return {key: value for key, value in doubt.items() if key in known and value is not None} if isinstance(doubt, dict) else doubt


def follow(case: Case, diagnosis: Diagnosis) -> Decided | None:
    """What is done about it; None where it cannot be carried out, so that the next row of the policy applies."""
    wrong = [f"{doubt.criterion}: {doubt.wrong}" for doubt in diagnosis.criteria if doubt.wrong.strip()]
    if wrong:
        why = f"The doctor says of a criterion that it is wrong, or cannot be met as it is written: {'; '.join(wrong)}"
        return _decided(case, Remedy.HOLD, why, held=HeldReason.CRITERION_WRONG)
    because = f"The doctor says: {diagnosis.rationale.strip() or diagnosis.hint.strip() or 'no reason given'}"
    return FOLLOWS[diagnosis.action](case, diagnosis, because)


def fixed(case: Case, diagnosis: Diagnosis, fix: Fix) -> Decided:
    """What follows commands that took effect: the next attempt starts from the files as they are now."""
    changed = ", ".join(fix.candidate.paths) if fix.candidate else ""
    told = (
        f"Commands: {'; '.join(fix.commands)}",
        f"Changed: {changed}",
        *(f"Put back: {path}" for path in fix.undone),
        diagnosis.hint.strip(),
    )
    because = f"The doctor says: {diagnosis.rationale.strip() or 'no reason given'} Its commands changed {changed}."
    return _decided(case, Remedy.RETRY, because, row=FIXED, advice="\n".join(filter(None, told)))


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
    if case.settings.doctor.allow_rollback:
        return _decided(case, Remedy.ROLL_BACK, because)
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
    DoctorAction.ROLLBACK_RUN: "what has landed is taken back and the run ends, where that is allowed; else a person is asked",
    DoctorAction.EXECUTE_FIX: "its commands are run where that is allowed; what they change in the scope is part of what comes next",
}


def _offer(case: Case) -> tuple[str, tuple[FixType, ...]]:
    """What is left, and the commands that may be asked for.

    The decision to ask a doctor has both, so that its question is the same whenever it is asked; a person asks without one.
    """
    number = case.last.lesson.attempt
    asked = [one.decided for one in case.decisions if one.attempt == number and one.decided.remedy is Remedy.DOCTOR]
    return (asked[-1].left, asked[-1].fix_types) if asked else (case.left, case.fix_types)


def _actions(types: tuple[FixType, ...]) -> tuple[DoctorAction, ...]:
    return tuple(action for action in DoctorAction if types or action is not DoctorAction.EXECUTE_FIX)


def _choices(offered: tuple[DoctorAction, ...]) -> str:
    return "".join(f"- {action.value}: {ACTIONS[action]}\n" for action in offered)


_COMMANDS: Final[dict[FixType, str]] = {
    "git": "git checkout [HEAD or HEAD~n] -- PATHS, git reset [--hard], git stash push|pop, git clean -f [-d] PATHS",
    "file": "rm, mkdir, cp and mv with -r, -f, -p",
}


def _commands_text(types: tuple[FixType, ...]) -> str:
    allowed = "; ".join(_COMMANDS[type_] for type_ in types)
    return (
        f"For execute_fix, fix_commands holds 1 to 10 argument lists, run without a shell in the repository's root: {allowed}. The last "
        "edit is not there any more: they find the files as the branch has them. What they change outside of the scope is put back.\n"
    )


def _commands_schema(types: tuple[FixType, ...]) -> dict[str, Any]:
    words = {"type": "array", "items": {"type": "string"}}
    return {"fix_type": {"type": ["string", "null"], "enum": [*types, None]}, "fix_commands": {"type": "array", "items": words}}
