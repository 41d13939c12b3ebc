"""One failure with everything that is decided by: what failed before, what was decided, what is left. Pure."""

from dataclasses import dataclass

from autopack.core.context import EditMode
from autopack.core.failure import RULES
from autopack.core.models_settings import Complexity, FixType, ModelsSettings
from autopack.core.remedy import AttemptDecided, Remedy, Rung, escalated, escalation
from autopack.recovery.edit_mode_fallback import next_mode, other_mode
from autopack.recovery.fingerprint import FailedAttempt, are_alike, is_progress


@dataclass(frozen=True)
class Allowance:
    """What may be done about failures.

    ``max_attempts`` is the plan's. ``counts_from``: attempts up to it came before a person's last retry. ``ladder``: the models that may
    build the phase, the one asked first in front; empty where a person chose one. ``only_retries``: nothing else may be tried.
    ``replans``, ``consultations`` and ``fixes`` (by commands) are what is left of them. ``spent``: which budget of the run is, as a
    sentence; ``health``: how far each is used.
    """

    max_attempts: int
    counts_from: int = 0
    ladder: tuple[Rung, ...] = ()
    replans: int = 0
    consultations: int = 0
    only_retries: bool = False
    spent: str | None = None
    health: str = ""
    fixes: int = 0


@dataclass(frozen=True)
class Case:
    """``history``: the failed attempts of the phase, oldest first, the one that is decided over last; ``decisions``: in their order.

    ``phase`` is its id, ``parent`` the commit that the last attempt started from. ``is_small`` is ``PhaseContext.is_small`` of that one.
    ``only_auditor_against``: its checks are green.
    """

    phase: str
    history: tuple[FailedAttempt, ...]
    decisions: tuple[AttemptDecided, ...]
    allowance: Allowance
    settings: ModelsSettings
    complexity: Complexity
    parent: str = ""
    is_small: bool = True
    is_adopted: bool = False
    only_auditor_against: bool = False

    @property
    def last(self) -> FailedAttempt:
        return self.history[-1]

    @property
    def failures(self) -> tuple[FailedAttempt, ...]:
        """Those that count against the attempts."""
        return self._after(self.allowance.counts_from)

    @property
    def max_attempts(self) -> int:
        """The lower of the plan's and the configuration's."""
        return min(self.allowance.max_attempts, self.settings.complexity_escalation.max_attempts_per_phase)

    @property
    def is_spent(self) -> bool:
        return len(self.failures) >= self.max_attempts

    @property
    def tier(self) -> Complexity:
        decided = escalation(self.decisions)
        return decided.tier if decided else self.complexity

    @property
    def model(self) -> str | None:
        """That of the last attempt, where there is a choice of models."""
        return escalated(self.decisions) or (self.allowance.ladder[0].model if self.allowance.ladder else None)

    @property
    def next_rung(self) -> Rung | None:
        names = [rung.model for rung in self.allowance.ladder]
        place = names.index(self.model) + 1 if self.model in names else len(names)
        return self.allowance.ladder[place] if place < len(names) else None

    @property
    def counted_at_model(self) -> int:
        """Failures of the types that count, since the model was chosen; all of them where a policy counts attempts."""
        types = self.settings.complexity_escalation.failure_types
        since = self._after(self._last(Remedy.ESCALATE))
        if self._rung is not None and self._rung.after is not None:
            return len(since)
        return sum(RULES[one.lesson.kind].label in types for one in since)

    @property
    def has_failed_at_model(self) -> bool:
        rules = self.settings.complexity_escalation
        if self._rung is not None and self._rung.after is not None:
            return self.counted_at_model >= self._rung.after
        return rules.enabled and self.counted_at_model >= rules.thresholds.of(self.tier)

    @property
    def left(self) -> str:
        """What can still be done, and how the run is, in words."""
        attempts = f"{max(0, self.max_attempts - len(self.failures))} of {self.max_attempts} attempts"
        replans = "a replan" if self.may_replan else "no replan"
        model = f"{self.next_rung.model} as another builder" if self.next_rung else "no other builder"
        return f"{attempts}, {replans}, {model}. What has gone wrong in this run: {self.allowance.health or 'not counted'}"

    @property
    def fix_types(self) -> tuple[FixType, ...]:
        """The commands that a doctor may ask for."""
        rules = self.settings.doctor
        return rules.allowed_fix_types if rules.allow_execute_fix_global and self.allowance.fixes > 0 else ()

    @property
    def alike(self) -> int:
        """How often in a row the last failure has come, with nothing better in between; after a replan or a doctor it counts anew."""
        since = self._after(self._last(Remedy.REPLAN, Remedy.DOCTOR))
        count = 1
        for before, after in zip(reversed(since[:-1]), reversed(since), strict=False):
            if not are_alike(before.lesson, after.lesson, self.settings.replan) or is_progress(before, after):
                break
            count += 1
        return count

    @property
    def may_replan(self) -> bool:
        return self.allowance.replans > 0 and self._is_untried(Remedy.REPLAN)

    @property
    def may_consult(self) -> bool:
        return self.allowance.consultations > 0 and self._is_untried(Remedy.DOCTOR)

    @property
    def mode(self) -> EditMode | None:
        """The form of the next attempt: what the failures force, else what was decided before."""
        forced = next_mode(tuple(one.lesson for one in self.history), is_small=self.is_small)
        return forced or (self.decisions[-1].decided.mode if self.decisions else None)

    @property
    def other_mode(self) -> EditMode:
        return other_mode(self.last.lesson.mode or "full_file", whole_files=self.is_small)

    def was(self, row: str) -> bool:
        """Whether that row applied since a person last said retry."""
        return any(one.decided.row == row for one in self.decisions if one.attempt > self.allowance.counts_from)

    @property
    def _rung(self) -> Rung | None:
        return next((rung for rung in self.allowance.ladder if rung.model == self.model), None)

    def _is_untried(self, remedy: Remedy) -> bool:
        """Not after this attempt."""
        tried = {one.decided.remedy for one in self.decisions if one.attempt == self.last.lesson.attempt}
        return remedy not in tried and not self.allowance.only_retries

    def _last(self, *remedies: Remedy) -> int:
        """The attempt after which one of them was decided last."""
        numbers = [one.attempt for one in self.decisions if one.decided.remedy in remedies]
        return max([self.allowance.counts_from, *numbers])

    def _after(self, attempt: int) -> tuple[FailedAttempt, ...]:
        return tuple(one for one in self.history if one.lesson.attempt > attempt)
