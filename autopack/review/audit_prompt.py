"""What the auditor is asked: a prompt of its own over the diff, the criteria and what the checks said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

from autopack.context.builder_prompt import command_text, project_text, task_text
from autopack.context.file_text import excerpt_text
from autopack.context.frame import Framed, in_frames
from autopack.core.call import Prompt, PromptBlock
from autopack.core.checking import CheckReport, CheckStatus, StepReport
from autopack.core.context import Excerpt
from autopack.core.plan import PhaseSpec
from autopack.core.settings import ContextSettings
from autopack.core.visible import hanging, one_name, quoted
from autopack.llm.prompts import render
from autopack.review.diff_text import bounded_diff
from autopack.review.gate import is_for_auditor
from autopack.review.weighed_tests import WeighedTests, shown, told_tests

REPLY_NAME: Final = "verdict"
_CHARACTERS_PER_TOKEN: Final = 4
_NAMES_SHOWN: Final = 20
_NAME_CHARACTERS: Final = 300


@dataclass(frozen=True)
class Change:
    """What is judged: the candidate's diff against its parent (git's, with ``diff --git`` heads) and what is known of it.

    ``derived`` are the files that tools wrote, ``granted`` the paths that the builder was given beyond the scope,
    ``tests`` what running old tests on the new code and new ones on the old code has shown,
    ``risks`` what the change opens towards the machine it runs on, ``git_rules`` files by which git ignores, converts or filters others,
    ``around`` what the diff leaves out of the functions that it touches, ``uses`` where those are used elsewhere.
    """

    diff: str
    report: CheckReport
    derived: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()
    tests: WeighedTests = field(default_factory=WeighedTests)
    risks: tuple[str, ...] = ()
    git_rules: tuple[str, ...] = ()
    around: tuple[Excerpt, ...] = ()
    uses: tuple[str, ...] = ()


def audit_prompt(phase: PhaseSpec, change: Change, goal: str, instructions: tuple[tuple[str, str], ...], budget: ContextSettings) -> Prompt:
    """``system`` is the same for every phase of every run. ``instructions`` are (path, text) as the context has them."""
    must_name = is_for_auditor(phase) and bool(change.tests.old.not_allowed)
    project = project_text(goal, instructions)
    about = [task_text(phase), *_scope_parts(phase, change), _report_text(phase, change.report)]
    left = max(0, budget.max_tokens * _CHARACTERS_PER_TOKEN - len(project) - sum(map(len, about)))
    diff = bounded_diff(change.diff, left)
    beside = [*_around_parts(change.around, left - len(diff)), *_uses_parts(change.uses)]
    blocks = (
        PromptBlock(text=project, is_stable=bool(instructions)),
        PromptBlock(text=in_frames([*about, Framed("diff", diff or "[The change is empty.]"), *beside])),
    )
    return Prompt(system=render("auditor_system"), blocks=blocks, reply_name=REPLY_NAME, reply_schema=verdict_schema(must_name=must_name))


def verdict_schema(*, must_name: bool = False) -> dict[str, Any]:
    """In the dialect of ``context.reply_schema``; a new one each time, since a schema is a plain dict.

    ``must_name``: asks for the criterion that demands each changed test.
    """
    text = {"type": "string"}
    issue = {
        "severity": {"type": "string", "enum": ["minor", "major", "critical"]},
        "path": {"type": ["string", "null"]},
        "line": {"type": ["integer", "null"]},
        "message": text,
    }
    kinds = ["wrong_tech_stack", "schema_mismatch", "api_contract_wrong", None]
    demands = {"changed_tests": {"type": "array", "items": _object({"test": text, "criterion": text})}}
    return _object(
        {
            "verdict": {"type": "string", "enum": ["approve", "reject"]},
            "confidence": {"type": "number"},
            "summary": text,
            "issues": {"type": "array", "items": _object(issue)},
            "criteria": {
                "type": "array",
                "items": _object({"criterion": text, "met": {"type": "boolean"}, "evidence": text, "wrong": {"type": ["string", "null"]}}),
            },
            "failure_kind": {"type": ["string", "null"], "enum": kinds},
            **(demands if must_name else {}),
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _scope_parts(phase: PhaseSpec, change: Change) -> Iterator[str | Framed]:
    yield f"Scope: {_names(phase.scope.paths)}\n"
    if change.granted:
        yield f"Granted beyond the scope: {_names(change.granted)}\n"
    if change.git_rules:
        yield f"It changes what git ignores, converts or filters; judge whether the task asks for that: {_names(change.git_rules)}\n"
    for label, sentences in told_tests(change.tests, must_name=is_for_auditor(phase)):
        yield f"{label}:\n"
        yield Framed("found", "\n".join(f"- {hanging(sentence)}" for sentence in shown(sentences)))
    if change.risks:
        yield "The change opens the machine that it runs on; judge whether the task asks for that. A person is asked as well:\n"
        yield Framed("found", "\n".join(f"- {hanging(risk)}" for risk in change.risks[:_NAMES_SHOWN]))
    if change.derived:
        yield f"Written by tools from the change, not by its author: {_names(change.derived)}\n"


def _around_parts(excerpts: tuple[Excerpt, ...], characters: int) -> Iterator[str | Framed]:
    """As many as there is room for."""
    shown = [excerpt_text(excerpt) for excerpt in excerpts]
    sizes = accumulate(len(part) for part in shown)
    fitting = [part for part, size in zip(shown, sizes, strict=True) if size <= characters]
    if fitting:
        yield "The rest of the functions that it touches, as they are now:\n"
        yield from fitting


def _uses_parts(uses: tuple[str, ...]) -> Iterator[str | Framed]:
    if uses:
        yield "Where the functions that it touches are used elsewhere:\n"
        yield Framed("found", "\n".join(uses))


def _report_text(phase: PhaseSpec, report: CheckReport) -> str:
    if report.status is CheckStatus.SKIPPED:
        return f"No check was run: {hanging(report.reason or phase.ci.reason or 'the plan skips it')}\n"
    said = [_step_text(step) for step in report.steps]
    if phase.ci.expect == "red":
        said.append("This phase only adds tests: they must fail until a later phase builds what they test.")
    for label, ids in (("New failures", report.newly_failed), ("Failed before and forgiven", report.forgiven), ("Flaky", report.flaky)):
        if ids:
            said.append(f"{label}: {_names(ids)}")
    if report.written:
        said.append(f"The check also wrote, outside the change: {_names(report.written)}")
    return "\n".join(said) + "\n"


def _step_text(step: StepReport) -> str:
    counted = f", {len(step.results.passed)} passed, {len(step.results.red)} failed" if step.results else ""
    command = command_text(step.command)
    shown = f"`{command}`" if command.isprintable() and "`" not in command else quoted(command)
    return f"Check {shown}: {step.status}{counted}"


def _names(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(map(_name, names[:_NAMES_SHOWN])) + more


def _name(name: str) -> str:
    return one_name(name if len(name) <= _NAME_CHARACTERS else name[:_NAME_CHARACTERS] + "…")
