"""Runs every distinct check of a plan once on the base, before anything is bought, and finds those that cannot be started."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from autopack.checks.commands.baseline import BaselineKey, baseline_key
from autopack.checks.commands.check import CheckSite, Tree
from autopack.checks.commands.check_log import drop_log, log_entry
from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.step import Ran, run_step
from autopack.checks.commands.unstartable import Missing, cannot_start, may_be_made
from autopack.checks.commands.unusable import BaseFacts, cannot_be_green, last_lines, why_unusable
from autopack.checks.processes.command import shown
from autopack.checks.results.compare import Comparison
from autopack.checks.results.evidence import sentence
from autopack.core.checking import StepReport, StepStatus
from autopack.core.plan import Checks, CheckStep, PhaseSpec, Plan

FINAL = "final"


@dataclass(frozen=True)
class Note:
    """A check that is not green on the base; a phase may be about to make what it needs."""

    phase: str
    command: str
    status: StepStatus
    sentence: str
    last_lines: str = ""


@dataclass(frozen=True)
class Around:
    """``during`` is entered with a phase (or ``final``) and its command while that runs on the base."""

    facts: BaseFacts | None = None
    during: Callable[[str, str], AbstractContextManager[None]] = lambda _, __: nullcontext()


def preflight(
    plan: Plan,
    base: Tree,
    site_of: Callable[[str, Checks], CheckSite],
    done: frozenset[str] = frozenset(),
    around: Around | None = None,
) -> tuple[Note, ...]:
    """What is not green on the base, a note each.

    Args:
        plan: its phases' checks and the final ones.
        base: the commit the run starts from.
        site_of: (phase id or ``final``, its checks) -> the site they run on, with environment and baselines.
        done: phases whose checks are not run any more.
        around: what is known of the base, so that a check which can never become green is told from one that waits for a phase; and
            who is told of a command while it runs.

    Raises:
        EnvironmentBlockedError: a command cannot be started or cannot become green, and no phase may make what is missing.
    """
    seen: dict[BaselineKey, StepReport] = {}
    around = around or Around()
    notes: list[Note] = []
    for name, checks, phases in _all_checks(plan, done):
        site, is_green = site_of(name, checks), True
        for step in checks.steps:
            key = baseline_key(base.tree, step, checks, site.baselines.environment)
            if key in seen:
                is_green &= _log_known(base, seen[key], site.context)
                continue
            with around.during(name, shown(step.command)):
                report, missing = _on_base(base, step, checks, site)
            seen[key] = report
            where = "the final check" if name == FINAL else f"phase '{name}': the check"
            if missing is not None and not may_be_made(missing, phases):
                raise cannot_start(where, report.command, missing)
            if around.facts is not None and (hopeless := why_unusable(step, checks, report, phases, around.facts)) is not None:
                raise cannot_be_green(where, report, hopeless)
            if report.status is not StepStatus.GREEN:
                is_green = False
                notes.append(Note(name, report.command, report.status, _sentence(report), last_lines(report)))
        if is_green:
            drop_log(site.context.log, is_wanted=checks.log_on_success)
    return tuple(notes)


def _all_checks(plan: Plan, done: frozenset[str]) -> Iterator[tuple[str, Checks, tuple[PhaseSpec, ...]]]:
    """Each phase's checks with the phases that will have run by then, itself included."""
    for position, phase in enumerate(plan.phases):
        if not phase.ci.skip and phase.id not in done:
            yield phase.id, phase.ci, plan.phases[: position + 1]
    if plan.final.steps:
        yield FINAL, Checks(steps=plan.final.steps), plan.phases


def _on_base(base: Tree, step: CheckStep, checks: Checks, site: CheckSite) -> tuple[StepReport, Missing | None]:
    known = site.baselines.get(base.tree, step, checks)
    if known is not None:
        _log_known(base, known, site.context)
        return known, None
    with site.at(base.commit) as root:
        ran: Ran = run_step(step, checks.cwd, replace(site.context, root=root, title=f"base {base.commit[:12]}"))
    site.baselines.put(base.tree, step, checks, ran.report)
    return ran.report, ran.missing


def _log_known(base: Tree, report: StepReport, context: CommandContext) -> bool:
    """Writes a command's earlier report on the base into this log too; says whether it was green."""
    if report.status is not StepStatus.GREEN:
        header = f"== base {base.commit[:12]}, known already\n$ {report.command}\n"
        with log_entry(
            context.log, context.limits.log_bytes, context.redact, f"{header}{report.output.rstrip()}\n-- {_sentence(report)}\n\n"
        ):
            pass
    return report.status is StepStatus.GREEN


def _sentence(report: StepReport) -> str:
    red = tuple(report.results.red) if report.results else ()
    return "on the base commit " + sentence(report, Comparison(red_before=red))
