"""The logs of a run's commands, each under a name: the files that exist, and what rows keep of attempts without one."""

from dataclasses import dataclass
from pathlib import Path

from autopack.core.errors import UnknownNameError
from autopack.core.model import Frozen
from autopack.core.names import nearest
from autopack.executor.project_state import ProjectState
from autopack.executor.run_report import records_of
from autopack.reporting.attempt_story import check_report_of
from autopack.reporting.log_files import LogOf, in_order, log_files
from autopack.store.attempts import attempts_of
from autopack.store.phase_rows import phase_ids
from autopack.store.tables import RunRow


class LogShown(Frozen):
    """``stage``: setup, derive, check. ``attempt`` 0 is the base; ``size`` is in bytes."""

    name: str
    phase: str | None
    attempt: int | None
    stage: str
    title: str
    size: int


class LogList(Frozen):
    """In the order of the plan."""

    run_id: str
    logs: tuple[LogShown, ...]


@dataclass(frozen=True)
class CheckLog:
    """``path`` is None where the text comes from the state database."""

    of: LogOf
    path: Path | None
    text: bytes = b""

    @property
    def name(self) -> str:
        return self.path.name if self.path else f"{self.of.phase}-{self.of.attempt}.log"

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path else len(self.text)

    def part(self, begin: int, end: int) -> bytes:
        """The bytes from ``begin`` up to, not including, ``end``."""
        if self.path is None:
            return self.text[begin:end]
        with self.path.open("rb") as file:
            file.seek(begin)
            return file.read(max(0, end - begin))


def check_logs(project: ProjectState, run: RunRow) -> tuple[CheckLog, ...]:
    files, phases = log_files(records_of(run)), phase_ids(project.database, run.run_id)
    logs = {of: CheckLog(of, path) for of, path in files.items()}
    for phase in phases:
        for row in attempts_of(project.database, run.run_id, phase):
            of = LogOf(phase, row.number, "check")
            text = None if of in logs else _recorded(project, run.run_id, phase, row.number)
            if text is not None:
                logs[of] = CheckLog(of, None, text)
    return tuple(logs[of] for of in in_order(tuple(logs), phases))


def logs_shown(project: ProjectState, run: RunRow) -> LogList:
    return LogList(
        run_id=run.run_id,
        logs=tuple(
            LogShown(name=log.name, phase=log.of.phase, attempt=log.of.attempt, stage=log.of.stage, title=log.of.title, size=log.size)
            for log in check_logs(project, run)
        ),
    )


def check_log(project: ProjectState, run: RunRow, name: str) -> CheckLog:
    """Raises UnknownNameError, with the nearest name, where the run has no such log."""
    logs = {log.name: log for log in check_logs(project, run)}
    if name not in logs:
        where = f"autopack logs {run.run_id} --check"
        raise UnknownNameError(f"run '{run.run_id}' has no log '{name}'.", nearest(name, list(logs)), next_command=where)
    return logs[name]


def _recorded(project: ProjectState, run_id: str, phase: str, attempt: int) -> bytes | None:
    """What the commands printed, as the attempt's report keeps it."""
    report = check_report_of(project.database, run_id, phase, attempt)
    if report is None:
        return None
    return "".join(f"$ {step.command}\n{step.output.rstrip()}\n" for step in report.steps).encode("utf-8", "replace")
