"""The long waits of a run: what its row says meanwhile, and what ends one early."""

from dataclasses import dataclass
from datetime import UTC, datetime

from autopack.executor.stopping import StopFlag
from autopack.llm.calls.options import LongWait, Patience
from autopack.store.runs import Runs


@dataclass
class Waits:
    """``began``: when an earlier start that was killed while it waited had begun to; it counts for the first question of this one."""

    runs: Runs
    run_id: str
    stop: StopFlag
    max_wait_s: float
    began: float | None = None

    @property
    def patience(self) -> Patience:
        return Patience(self.max_wait_s, self.began, self._begin, self.stop.check, self._end)

    def answered(self) -> None:
        """The next wait is another one."""
        if self.began is not None:
            self.began = None
            self.runs.change(self.run_id, wait_began=None)

    def _begin(self, wait: LongWait) -> None:
        """Raises BudgetSpentError where this start is to end before anybody may be asked again."""
        self.stop.judge_wait(wait.until)
        self.began = wait.began
        moment = datetime.fromtimestamp(wait.until, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        self.runs.wait(self.run_id, wait.until, wait.began, f"waits until {moment}: {wait.why}")

    def _end(self) -> None:
        self.runs.wake(self.run_id)
