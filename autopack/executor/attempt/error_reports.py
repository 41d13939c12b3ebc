"""Reports what goes wrong in an attempt: made where it goes wrong, stored with what fails, written as files for people afterwards."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from autopack.context.builder_prompt import bounded, command_text
from autopack.core.call import Asking, Prompt, Role
from autopack.core.checking import CheckReport
from autopack.core.error_report import COMPONENTS, Component, ErrorReport, type_name
from autopack.core.errors import AttemptFailed
from autopack.core.plan import Checks, CheckStep, PhaseSpec
from autopack.executor.run_context import RunLog, State
from autopack.llm.calls.options import Notice
from autopack.reporting.error_files import errors_folder, make_files
from autopack.reporting.error_report import Circumstances, report_of
from autopack.store.attempts import AttemptKey
from autopack.store.call_records import CallRecord
from autopack.store.errors import errors_of

_ASKED_CHARACTERS: Final = 2_000
_ROLES: Final = {Component.BUILDER: Role.BUILDER, Component.AUDITOR: Role.AUDITOR}
_COMPONENTS: Final = {
    Role.BUILDER: Component.BUILDER,
    Role.AUDITOR: Component.AUDITOR,
    **dict.fromkeys((Role.DOCTOR, Role.REPLANNER, Role.PLANNER), Component.DOCTOR),
}


def of_attempt(state: State, log: RunLog, phase: PhaseSpec, key: AttemptKey, failed: AttemptFailed) -> ErrorReport:
    """Of an attempt that failed: a refused reply, a red check, a verdict."""
    component = COMPONENTS[failed.kind]
    if component in _ROLES:
        return of_reply(state, log, key.asking(_ROLES[component]), failed, failed.kind)
    request = commands_text(phase.ci.steps) if component is Component.CHECKS else None
    told = Circumstances(failed.kind, component, type_name(failed.kind), key.run, key.phase, key.number, request=request)
    return report_of(failed, told, log.redactor, log.clock.now())


def of_reply(state: State, log: RunLog, asking: Asking, error: Exception, kind: str) -> ErrorReport:
    """Of a reply that could not be used, with the end of what was asked."""
    told = _circumstances(asking, kind, _COMPONENTS[asking.role])
    last = state.calls.last(asking)
    if last is not None:
        prompt = Prompt.model_validate(last.request["prompt"])
        end = bounded(prompt.blocks[-1].text, _ASKED_CHARACTERS) if prompt.blocks else ""
        request = f"{_call_text(last)}, {prompt.characters:,} characters, of which the last are:\n{end}"
        told = replace(told, role=asking.role.value, call=last.ordinal, request=request)
    return report_of(error, told, log.redactor, log.clock.now())


def of_provider(state: State, log: RunLog, asking: Asking, notice: Notice) -> ErrorReport | None:
    """Of a provider that was given up for a question; None where the notice tells of something else."""
    if notice.failure is None:
        return None
    told = _circumstances(asking, notice.failure.kind, Component.LLM)
    last = state.calls.last(asking)
    if last is not None:
        told = replace(told, role=asking.role.value, call=last.ordinal, request=_call_text(last))
    report = report_of(notice.failure, told, log.redactor, log.clock.now())
    return report.model_copy(update={"message": log.redactor.redact(notice.data["message"])})


def of_final_checks(log: RunLog, checks: Checks, report: CheckReport) -> ErrorReport | None:
    """Of red checks over the whole branch; None where they are not red."""
    if report.failure is None:
        return None
    failed = AttemptFailed(report.failure, report.message, report.evidence)
    told = Circumstances(report.failure, Component.CHECKS, type_name(report.failure), log.run_id, request=commands_text(checks.steps))
    return report_of(failed, told, log.redactor, log.clock.now())


def commands_text(steps: Iterable[CheckStep]) -> str:
    return "\n".join(command_text(step.command) for step in steps)


def write_files(state: State) -> None:
    """The files of the run's reports, as far as they are not there."""
    make_files(errors_folder(state.records.parent, state.run_id), errors_of(state.database, state.run_id))


def _circumstances(asking: Asking, kind: str, component: Component) -> Circumstances:
    return Circumstances(kind, component, type_name(kind), asking.run, asking.phase, asking.attempt)


def _call_text(call: CallRecord) -> str:
    return f"{call.asking.role} call {call.ordinal} to {call.provider}/{call.model}, sha256 {call.request_sha256}"
