"""What the next attempt is told of those before it, and of the phases that have landed."""

from autopack.core.context import LandedPhase
from autopack.core.failure import FailureKind
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.came_before import landed_phases, lessons_of
from autopack.executor.attempt.land import land
from autopack.store.attempts import Failed
from tests.support.command import phase_of
from tests.support.run_context import FIRST, opened


def test_a_first_attempt_has_nothing_to_learn_from(run):
    assert lessons_of(run.ctx.state, run.ctx.log.redactor, "one") == ()
    assert landed_phases(run.ctx.plan, run.ctx.state, "one") == ()


def test_each_failed_attempt_is_a_lesson_oldest_first(run):
    phases = run.ctx.state.phases
    for message in ("first", "second"):
        phases.fail_attempt(run.begin().key, Failed(FailureKind.CHECKS_RED, message))
        phases.move("one", PhaseEvent.RETRY)
    assert [(lesson.attempt, lesson.message, lesson.answer) for lesson in lessons_of(run.ctx.state, run.ctx.log.redactor, "one")] == [
        (1, "first", ""),
        (2, "second", ""),
    ]


def test_only_phases_that_have_landed_and_come_before_are_told_with_their_files(tmp_path):
    phases = (phase_of("one", description="Say two.\nIn full."), phase_of("two", depends_on=[]), phase_of("three", depends_on=[]))
    with opened(tmp_path, *phases) as run:
        for phase, file in (("one", "app.txt"), ("three", "more.txt")):
            step, candidate = run.gated({file: "two\n"}, phase)
            land(run.site, step, FIRST, candidate, tuple)
        told = landed_phases(run.ctx.plan, run.ctx.state, "three")
        assert told == (LandedPhase(id="one", asked="Say two.", paths=("app.txt",)),)
