"""The replanner: the same phase, gone about in another way. It may change nothing that the phase is judged by."""

import json
from typing import Any, Final

from pydantic import ValidationError

from autopack.core.call import Prompt, Reply
from autopack.core.context import EditMode
from autopack.core.model import Frozen
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import REPLANNED, Decided, Remedy, Replan
from autopack.llm.prompts import render
from autopack.recovery.advice_reply import AdviceUnusable, advice_object, problem_of
from autopack.recovery.case import Case
from autopack.recovery.failure_story import FailureStory

REPLY_NAME: Final = "replan"
_NOT_ITS_OWN: Final = {
    **dict.fromkeys(("scope", "paths", "read_only_context", "may_add"), "It would change the scope"),
    **dict.fromkeys(("ci", "check", "checks", "command", "steps", "derive", "expect", "gate", "changed_tests"), "It would touch the check"),
    "goal": "It would change the goal",
}


class _Answer(Frozen):
    description: str = ""
    acceptance_criteria: tuple[str, ...] = ()
    builder_mode: EditMode | None = None
    approach: str = ""


def replan_prompt(story: FailureStory) -> Prompt:
    text = {"type": "string"}
    modes = ["full_file", "diff", "structured_edit", None]
    properties: dict[str, Any] = {
        "description": text,
        "acceptance_criteria": {"type": "array", "items": text},
        "builder_mode": {"type": ["string", "null"], "enum": modes},
        "approach": text,
    }
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return Prompt(system=render("replanner_system"), blocks=story.blocks(), reply_name=REPLY_NAME, reply_schema=schema)


def read_replan(reply: Reply, phase: PhaseSpec) -> Replan:
    """Raises AdviceUnusable, with the reason, for what cannot be read and for what is not a replanner's to change."""
    found = advice_object(reply)
    for key in found:
        if key not in _Answer.model_fields:
            raise AdviceUnusable(f"{_NOT_ITS_OWN.get(key, 'It sets what it was not asked for')} (`{key[:60]}`), so nothing of it is used.")
    try:
        answer = _Answer.model_validate_json(json.dumps(found), strict=True)
    except ValidationError as error:
        raise AdviceUnusable(f"The reply does not have the shape of a replan: {problem_of(list(error.errors()))}.") from error
    _keep_criteria(answer, phase)
    if not answer.approach.strip():
        raise AdviceUnusable("It says nothing of how to go about it.")
    return Replan(advice=_advice(answer, phase), mode=answer.builder_mode)


def replanned(case: Case, replan: Replan) -> Decided:
    """The next attempt is made by the new plan."""
    return Decided(
        kind=case.last.lesson.kind,
        remedy=Remedy.RETRY,
        row=REPLANNED,
        because="The next attempt is told how to go about it in another way.",
        tier=case.tier,
        model=case.model,
        mode=replan.mode or case.mode,
        advice=replan.advice,
    )


def _keep_criteria(answer: _Answer, phase: PhaseSpec) -> None:
    kept = {_plain(criterion) for criterion in answer.acceptance_criteria}
    dropped = [criterion for criterion in phase.acceptance_criteria if _plain(criterion) not in kept]
    if dropped:
        raise AdviceUnusable(f"It would drop or reword a criterion ({dropped[0][:200]}), so nothing of it is used.")


def _advice(answer: _Answer, phase: PhaseSpec) -> str:
    given = {_plain(criterion) for criterion in phase.acceptance_criteria}
    further = [f"- {one}" for one in answer.acceptance_criteria if _plain(one) not in given]
    also = ["See to this as well:", *further] if further else []
    return "\n".join(filter(None, (answer.description.strip(), answer.approach.strip(), *also)))


def _plain(criterion: str) -> str:
    return " ".join(criterion.split()).casefold()
