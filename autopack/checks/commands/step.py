"""Runs one step of a phase's checks: command, test results, status, log."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from autopack.checks.commands.check_log import log_entry
from autopack.checks.commands.command_context import CommandContext, OutsideError, directory, own_out
from autopack.checks.commands.status import status_of
from autopack.checks.commands.unstartable import Missing, missing
from autopack.checks.processes.command import CommandEnd, CommandSpec, EndKind, Watch
from autopack.checks.processes.process import run_command
from autopack.checks.processes.spawn import SHELL
from autopack.checks.results.read import Request, read_results, request
from autopack.checks.results.report_files import StepPlace
from autopack.checks.results.text import local, plain
from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.core.errors import StopRequested
from autopack.core.plan import CheckStep


@dataclass(frozen=True)
class Ran:
    """A step's report, and what was missing where it could not be started."""

    report: StepReport
    missing: Missing | None = None


def run_step(step: CheckStep, cwd: str, context: CommandContext) -> Ran:
    """Runs the step once. Raises StopRequested where the run was asked to stop meanwhile."""
    try:
        folder = directory(context, cwd)
    except OutsideError as error:
        return _not_there(step, cwd, str(error))
    with own_out(context) as out:
        environment = {**context.environment, "AUTOPACK_OUT": str(out)}
        asked = request(step, StepPlace(context.root, folder, out), environment)
        spec = CommandSpec(
            command=step.command,
            cwd=folder,
            environment={**environment, **asked.environment},
            timeout_s=step.timeout_s,
            idle_timeout_s=step.idle_timeout_s,
            limits=context.limits,
            prefix=context.prefix,
        )
        end = run_logged(spec, context, cwd, asked.on_output)
        return _ran(step, end, asked, context)


def run_logged(spec: CommandSpec, context: CommandContext, cwd: str = ".", on_output: Callable[[bytes], None] | None = None) -> CommandEnd:
    """Runs a command with a header, its output and its end in the place's log; the output comes back redacted and local."""
    with log_entry(context.log, context.limits.log_bytes, context.redact, _header(spec, context, cwd)) as entry:

        def take(data: bytes) -> None:
            if entry is not None:
                entry.take(data)
            if on_output is not None:
                on_output(data)

        watch = context.watch
        end = run_command(spec, Watch(watch.stop, watch.on_start, watch.on_end, take))
    with log_entry(context.log, context.limits.log_bytes, context.redact, _footer(end)):
        pass
    if end.kind is EndKind.STOPPED:
        raise StopRequested
    places = {str(context.root): ""}
    places |= {spec.environment[name]: f"${name}" for name in ("AUTOPACK_OUT", "HOME") if spec.environment.get(name)}
    return replace(end, output=local(context.redact(plain(end.output)), places))


def shown_name(step: CheckStep) -> str:
    return step.name or (step.command if isinstance(step.command, str) else " ".join(step.command))


def _ran(step: CheckStep, end: CommandEnd, asked: Request, context: CommandContext) -> Ran:
    results = read_results(asked) if end.kind is not EndKind.NOT_STARTED else None
    if results is not None:
        results = _redacted(results, context.redact)
    gone = missing(step.command, end)
    status, detail = status_of(step, end, asked, results, gone)
    report = StepReport(
        name=shown_name(step),
        command=_shown(step),
        status=status,
        exit_code=end.exit_code,
        duration_s=end.duration_s,
        output=end.output,
        detail=context.redact(detail),
        results=results,
    )
    return Ran(report, gone)


def _redacted(results: TestResults, redact: Callable[[str], str]) -> TestResults:
    """Redacts ids and failure texts: an id may hold a parameter's value, a failure's text anything."""

    def each(tests: tuple[str, ...]) -> tuple[str, ...]:
        kept = redact("\n".join(tests)).split("\n")
        return tuple(kept) if len(kept) == len(tests) else tuple(redact(test) for test in tests)

    update = {name: each(getattr(results, name)) for name in ("passed", "failed", "errors", "skipped", "unread")}
    details = tuple((redact(test), redact(plain(text))) for test, text in results.details)
    return results.model_copy(update={**update, "why": redact(results.why), "details": details})


def _not_there(step: CheckStep, cwd: str, sentence: str) -> Ran:
    report = StepReport(
        name=shown_name(step), command=_shown(step), status=StepStatus.NOT_STARTED, exit_code=None, duration_s=0, output="", detail=sentence
    )
    return Ran(report, Missing(cwd, sentence, (f"{cwd.rstrip('/')}/",)))


def _shown(step: CheckStep) -> str:
    return step.command if isinstance(step.command, str) else json.dumps(list(step.command), ensure_ascii=False)


def _header(spec: CommandSpec, context: CommandContext, cwd: str) -> str:
    how = f"{SHELL} -c" if isinstance(spec.command, str) else "no shell"
    idle = f", {spec.idle_timeout_s:g} s of silence" if spec.idle_timeout_s is not None else ""
    title = f"== {context.title}\n" if context.title else ""
    return f"{title}$ {spec.shown}\n-- in {cwd}, {how}, at most {spec.timeout_s:g} s{idle}\n"


def _footer(end: CommandEnd) -> str:
    code = f"exit code {end.exit_code}" if end.exit_code is not None else end.kind.value.replace("_", " ")
    detail = f"; {end.detail}" if end.detail else ""
    return f"-- {code} after {end.duration_s:.2f} s{detail}\n\n"
