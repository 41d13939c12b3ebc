"""``autopack doctor`` looks at the machine as one would before a night; with a run, it has a model look at a phase."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from autopack.cli.from_here import from_here
from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.screens.prose import sentence
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import choose, choose_phase
from autopack.core.printed import SCHEMA

if TYPE_CHECKING:
    from autopack.core.readiness import Readiness
    from autopack.core.remedy import Consultation, Fix
    from autopack.executor.project_state import ProjectState

First = Annotated[str | None, typer.Argument(metavar="[ID]", show_default=False, help="The run. Without one: the machine.")]
Phase = Annotated[str | None, typer.Argument(metavar="PHASE", show_default=False, help="The phase. Default: the one that failed or waits.")]
Applies = Annotated[bool, typer.Option("--apply", help="Do what the doctor advises, as far as a command may.")]
Online = Annotated[bool, typer.Option("--online", help="Ask every model that a run could reach one tiny question; that costs a little.")]

_LEFT = {
    "mark_fatal": "the phase stays as it is.",
    "skip_phase": "it has failed, and what depends on it is skipped already.",
    "criterion": "correct the criterion in the plan, then: autopack resume --accept-plan-change.",
    "rollback_run": "to take back what has landed is yours to decide (autopack rollback).",
}
_TITLES = {"configuration": "config"}
_SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "stops": ("✗", "red")}


def doctor(
    run_id: First = None,
    phase: Phase = None,
    *,
    applies: Applies = False,
    online: Online = False,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Look whether a run could work here; or, with a run, ask a doctor about a phase that failed or is held."""
    if run_id is not None or applies:
        _of_phase(run_id, phase, repo, applies=applies, as_json=as_json)
        return
    from autopack.executor.start.readiness import look

    readiness = look(repo, system_clock(), is_online=online)
    if as_json:
        print_json({"schema": SCHEMA, "exit_code": readiness.exit_code, **readiness.model_dump(mode="json")})
    else:
        screen = stdout_screen()
        screen.show(_lines(readiness, screen.width, repo))
    raise typer.Exit(readiness.exit_code)


def _of_phase(run_id: str | None, phase: str | None, repo: Path, *, applies: bool, as_json: bool) -> None:
    from autopack.executor.project_state import open_project
    from autopack.executor.start.diagnose import EXAMINED, diagnose
    from autopack.store.phase_rows import phases_of

    clock = system_clock()
    project = open_project(repo, clock)
    with closing(project.database):
        target = choose(project, run_id, phase)
        lost = [row.phase_id for row in phases_of(project.database, target.run_id) if row.state in EXAMINED]
        examined = target.phase_id or (lost[0] if len(lost) == 1 else choose_phase(project, target.run_id, None, "doctor")[1].phase_id)
        answer, fix = diagnose(project, target.run_id, examined, clock, applies=applies)
        done = _applied(project, (target.run_id, examined), answer, fix) if applies else None
    if as_json:
        record = {"run_id": target.run_id, "phase": examined, **answer.model_dump(mode="json"), "applied": done}
        print_json({"schema": SCHEMA, **record, "fix": fix.model_dump(mode="json") if fix else None})
    else:
        screen = stdout_screen()
        screen.show(_diagnosis(answer, fix, done, screen.width))
    if done is None and answer.diagnosis is not None:
        apply = f"autopack doctor {target.run_id} {examined} --apply"
        note("nothing was changed; --apply would do it", next_command=from_here(apply, repo))


def _applied(project: "ProjectState", where: tuple[str, str], answer: "Consultation", fix: "Fix | None") -> str:
    """Does what the doctor says as a person would; what is not for a command to do is left, with the reason."""
    from autopack.core.remedy import DoctorAction
    from autopack.core.states import PhaseState
    from autopack.executor.steer.verbs import RunControl, retry, skip
    from autopack.store.steering import Wishes

    diagnosis, (run_id, phase) = answer.diagnosis, where
    if diagnosis is None or any(doubt.wrong.strip() for doubt in diagnosis.criteria):
        return f"nothing: {answer.refused or _LEFT['criterion']}"
    helm, said = RunControl.of(project, run_id, system_clock().now), diagnosis.hint.strip() or diagnosis.rationale.strip()
    match diagnosis.action:
        case DoctorAction.RETRY_WITH_FIX | DoctorAction.REPLAN:
            return retry(helm, phase, Wishes(said))
        case DoctorAction.SKIP_PHASE if helm.phase(phase).state == PhaseState.HELD:
            return skip(helm, phase, said)
        case DoctorAction.EXECUTE_FIX if fix is not None and fix.failure is None:
            return retry(helm, phase, Wishes(f"Commands were run: {'; '.join(fix.commands)}. {said}"))
        case DoctorAction.EXECUTE_FIX:
            return f"nothing: {fix.why if fix else 'no command was run'}"
        case _:
            return f"nothing: {_LEFT[diagnosis.action]}"


def _diagnosis(answer: "Consultation", fix: "Fix | None", done: str | None, width: int | None) -> Iterator[Text]:
    yield from sentence("asked", answer.model, width)
    if answer.diagnosis is None:
        yield from sentence("answer", f"not used: {answer.refused}", width, style="red")
        return
    diagnosis = answer.diagnosis
    yield from sentence("advises", f"{diagnosis.action.replace('_', ' ')}, confidence {diagnosis.confidence:.2f}", width, style="bold")
    for title, text in (("because", diagnosis.rationale), ("hint", diagnosis.hint)):
        if text.strip():
            yield from sentence(title, text, width, lines=8)
    for words in diagnosis.fix_commands:
        yield from sentence("command", " ".join(words), width)
    for doubt in diagnosis.criteria:
        yield from sentence("wrong", f"{doubt.criterion}: {doubt.wrong}", width)
    if fix and fix.candidate and fix.failure is None:
        yield from sentence("changed", ", ".join(fix.candidate.paths), width)
    if done:
        yield from sentence("done", done, width)


def _lines(readiness: "Readiness", width: int | None, repo: Path) -> Iterator[Text]:
    before = ""
    for one in readiness.findings:
        sign, style = _SIGNS[one.status]
        title = "" if one.check == before else _TITLES.get(one.check, one.check)
        before = one.check
        yield from sentence(title, f"{sign} {one.message}", width, lines=3, style=style if one.status != "ok" else "")
        if one.do:
            yield from sentence("", f"  → {from_here(one.do, repo)}", width, lines=2)
    yield Text()
    code = readiness.exit_code
    yield Text("A run can work here." if code == 0 else f"A run would end at once, with exit code {code}.", style="bold")
