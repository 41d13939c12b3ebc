import pytest

from autopack.core.held import HeldReason
from autopack.reporting.attempt_story import newest_candidate
from autopack.reporting.phase_story import phase_story
from autopack.reporting.story import PhaseStory
from autopack.store.queries import run_status
from tests.support.told_run import ToldRun, told_repo


@pytest.fixture
def told(tmp_path):
    run = told_repo(tmp_path / "repo").start()
    yield run
    run.database.close()


def _story(told: ToldRun, phase: str) -> PhaseStory:
    run = run_status(told.database, told.run_id, is_alive=False)
    assert run is not None
    status = next(one for one in run.phases if one.id == phase)
    return phase_story(told.database, run, status, None, {1: "/log"})


def test_attempts_are_told_oldest_first_each_with_what_it_came_to(told):
    told.fail_once("add-model", {"src/a.py": "1\n"})
    told.retry("add-model")
    told.complete("add-model", {"src/a.py": "2\n"})
    first, second = _story(told, "add-model").attempts
    assert (first.number, first.outcome, first.log, first.verdict, first.commit) == (1, "failed", "/log", None, None)
    assert first.failure is not None
    assert first.failure.kind == "checks_red"
    assert (second.outcome, second.log, second.commit) == ("complete", None, told.head)
    assert second.usage.calls == 2


def test_the_newest_lap_of_a_step_is_the_one_that_counts(told):
    key = told.begin("add-model")
    made = told.candidate(key, {"src/a.py": "1\n"})
    told.record(key, "lay_on", made.model_copy(update={"ref": "later"}).model_dump_json())
    found = newest_candidate(told.database, told.run_id, "add-model")
    assert found is not None
    assert (found[0], found[1].ref) == (1, "later")


def test_a_result_that_another_version_wrote_is_left_out(told):
    key = told.begin("add-model")
    told.record(key, "audit", '{"verdict": "perhaps"}')
    assert _story(told, "add-model").attempts[0].verdict is None


def test_an_auditor_that_stands_alone_must_be_overridden_by_name(told):
    key = told.fail_by_auditor("add-model")
    told.hold(key, HeldReason.AUDITOR_AGAINST, "attempts spent; only the auditor is against it.")
    story = _story(told, "add-model")
    assert story.why == "attempts spent; only the auditor is against it."
    assert "autopack approve shop-1 add-model --override audit" in story.next
