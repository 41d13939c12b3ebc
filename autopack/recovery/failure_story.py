"""What a replanner and a doctor are told: the phase, every failed attempt with what followed it, the last edit, what is left."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autopack.context.builder_prompt import bounded, command_text, names_text, project_text, task_text
from autopack.context.frame import Framed, in_frames
from autopack.core.call import PromptBlock
from autopack.core.failure import RULES
from autopack.core.plan import PhaseSpec
from autopack.core.visible import hanging
from autopack.recovery.case import Case
from autopack.recovery.fingerprint import FailedAttempt

_DIFF_CHARACTERS: Final = 40_000
_EVIDENCE_CHARACTERS: Final = 16_000
_EARLIER_CHARACTERS: Final = 2_000


@dataclass(frozen=True)
class FailureStory:
    """``edit`` is the last edit as a diff, else as the builder answered it; ``instructions`` are (path, text)."""

    phase: PhaseSpec
    goal: str
    case: Case
    edit: str = ""
    instructions: tuple[tuple[str, str], ...] = ()

    def blocks(self, further: str = "") -> tuple[PromptBlock, ...]:
        """``further`` stands at the end, in our own words."""
        parts = [*self._phase(), *self._attempts(), *self._edit(), further]
        project = PromptBlock(text=project_text(self.goal, self.instructions), is_stable=bool(self.instructions))
        return project, PromptBlock(text=in_frames(parts))

    def _phase(self) -> Iterator[str]:
        yield task_text(self.phase)
        yield f"Scope: {names_text(self.phase.scope.paths)}\n"
        if self.phase.ci.steps:
            yield f"Check: {hanging('; '.join(command_text(step.command) for step in self.phase.ci.steps))}\n"

    def _attempts(self) -> Iterator[str | Framed]:
        for failed in self.case.history:
            lesson = failed.lesson
            words = [RULES[lesson.kind].label, *([lesson.fault] if lesson.fault else []), *(f"by {model}" for model in failed.models)]
            yield f"\nAttempt {lesson.attempt} failed ({', '.join(words)}).\n"
            is_last = failed is self.case.last
            yield Framed("failure", _found(failed, _EVIDENCE_CHARACTERS if is_last else _EARLIER_CHARACTERS))
            for one in self.case.decisions:
                if one.attempt == lesson.attempt:
                    yield f"Decided then: {one.decided.remedy.value.replace('_', ' ')} ({one.decided.row}).\n"
            if failed.fix is not None:
                yield "Commands were run then:\n"
                yield Framed("found", failed.fix.why or f"{'; '.join(failed.fix.commands)}: they took effect.")

    def _edit(self) -> Iterator[str | Framed]:
        if self.edit.strip():
            yield "\nThe last edit, which was taken back:\n"
            yield Framed("edit", bounded(self.edit, _DIFF_CHARACTERS))


def _found(failed: FailedAttempt, characters: int) -> str:
    lesson = failed.lesson
    return "\n".join(filter(str.strip, (lesson.message, bounded(lesson.evidence.strip("\n"), characters))))
