"""What a planner is asked: the goal, the repository as it is, what a person and others said of it, and the faults of its last plan."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from autopack.context.frame import Framed, in_frames
from autopack.core.call import Prompt, PromptBlock
from autopack.core.visible import quoted
from autopack.llm.prompts import render
from autopack.planning.new.survey import Survey

Part = Literal["research", "analysis", "questions"]
PARTS: Final[tuple[Part, ...]] = ("research", "analysis", "questions")
FAULTS_MAX: Final = 60


@dataclass(frozen=True)
class Material:
    """``instructions``, ``rules`` and ``remembered`` are (name, text); ``heard`` is what the kick-off found, ``answers`` are a person's."""

    goal: str
    survey: Survey
    instructions: tuple[tuple[str, str], ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    remembered: tuple[tuple[str, str], ...] = ()
    heard: tuple[tuple[str, str], ...] = ()
    answers: str = ""
    document: str = ""
    draft: str = ""


@dataclass(frozen=True)
class Refused:
    """A plan that was sent back, with everything that is wrong with it."""

    reply: str
    faults: tuple[str, ...] = field(default_factory=tuple)


def planner_prompt(material: Material, refused: tuple[Refused, ...] = ()) -> Prompt:
    blocks = [PromptBlock(text=in_frames(_parts(material)), is_stable=True), *(PromptBlock(text=_sent_back(one)) for one in refused)]
    return Prompt(system=render("planner_system"), blocks=tuple(blocks), reply_name="plan", reply_schema=_plan_schema())


def kickoff_prompt(material: Material, part: Part) -> Prompt:
    head, *sections = render("planning_kickoff").split("\n## ")
    own = next(section for section in sections if section.startswith(f"{part}\n")).removeprefix(part).strip()
    schema = _questions_schema() if part == "questions" else _findings_schema()
    block = PromptBlock(text=in_frames(_parts(material)), is_stable=True)
    return Prompt(system=f"{head.strip()}\n\n{own}\n", blocks=(block,), reply_name=part, reply_schema=schema)


def _parts(material: Material) -> Iterator[str | Framed]:
    yield Framed("goal", material.goal)
    yield Framed("repository", material.survey.summary)
    yield Framed("files", material.survey.files)
    yield Framed("symbols", material.survey.symbols)
    for path, text in material.instructions:
        yield Framed("instructions", text, f"path={quoted(path)}")
    for name, text in material.rules:
        yield Framed("rule", text, f"from={quoted(name)}")
    for name, text in material.remembered:
        yield Framed("earlier", text, f"from={quoted(name)}")
    for name, text in material.heard:
        yield Framed("prepared", text, f"by={quoted(name)}")
    if material.draft:
        yield "The person wrote this document, of which the draft was made. Plan the draft's phases under the draft's ids, and no others: "
        yield "what it says holds, what it leaves out you fill in.\n"
        yield Framed("document", material.document)
        yield Framed("draft", material.draft)
    if material.answers:
        yield "The person answered; these answers are wanted like the goal:\n"
        yield Framed("answers", material.answers)


def _sent_back(refused: Refused) -> str:
    shown = refused.faults[:FAULTS_MAX]
    more = [f"and {len(refused.faults) - len(shown)} more"] if len(refused.faults) > len(shown) else []
    faults = "\n".join(f"- {fault}" for fault in (*shown, *more))
    return in_frames(
        [
            "Your plan so far:\n",
            Framed("plan", refused.reply),
            "It cannot be used. Reply with the whole plan, mended:\n",
            Framed("faults", faults),
        ]
    )


def _plan_schema() -> dict[str, Any]:
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    scope = _object({"paths": texts, "read_only_context": texts})
    phase = _object(
        {
            "id": text,
            "description": text,
            "task_category": text,
            "complexity": {"type": "string", "enum": ["low", "medium", "high"]},
            "depends_on": texts,
            "acceptance_criteria": texts,
            "scope": scope,
            "max_attempts": {"type": "integer"},
            "max_tokens": {"type": "integer"},
        }
    )
    return _object({"version": {"type": "integer"}, "goal": text, "phases": {"type": "array", "items": phase}})


def _findings_schema() -> dict[str, Any]:
    finding = _object({"fact": {"type": "string"}, "paths": {"type": "array", "items": {"type": "string"}}})
    return _object({"findings": {"type": "array", "items": finding}})


def _questions_schema() -> dict[str, Any]:
    question = _object({key: {"type": "string"} for key in ("id", "question", "why", "default")})
    return _object({"questions": {"type": "array", "items": question}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def told(found: dict[str, Any]) -> str:
    """What a part of the kick-off found, as the planner reads it."""
    return json.dumps(found, ensure_ascii=False, indent=1)
