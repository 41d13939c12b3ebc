"""The branch goes back to where a phase had landed, its former head is kept, and nobody works on the run meanwhile."""

import pytest

from autopack.core.errors import EnvironmentBlockedError, LockedError, UsageError
from autopack.executor.attempt.land import land
from autopack.executor.steer.roll_back import roll_back
from autopack.executor.steer.verbs import RunControl
from tests.support.command import phase_of
from tests.support.run_context import CLOCK, FIRST, opened, project_of

PHASES = (phase_of("one"), phase_of("two"), phase_of("three"))


@pytest.fixture
def landed(tmp_path):
    """A run that no process works on, whose phases one and two have landed: the run, the commits and a fresh helm."""
    with opened(tmp_path, *PHASES) as run:
        commits = []
        for phase, text in (("one", "two\n"), ("two", "three\n")):
            step, candidate = run.gated({"app.txt": text}, phase)
            commits.append(land(run.site, step, FIRST, candidate, tuple).commit)
    with project_of(run.desk) as (project, _):
        yield run, commits, RunControl.of(project, "r", CLOCK.now)


def states(helm):
    return {name: helm.phase(name).state for name in ("one", "two", "three")}


def test_the_branch_holds_what_it_held_then_and_the_former_head_is_kept(landed):
    run, (first, second), helm = landed
    done = roll_back(helm, "one")
    assert (done.commit, done.phases, done.tree) == (first, ("two",), done.recorded_tree)
    assert run.head() == first
    assert run.git("rev-parse", done.kept) == second
    assert states(helm) == {"one": "complete", "two": "rolled_back", "three": "queued"}
    assert helm.project.runs.find("r").head_commit == first


def test_commits_of_a_person_on_top_are_kept_too(landed):
    run, (first, _), helm = landed
    by_hand = run.commit({"more.txt": "x\n"})
    done = roll_back(helm, "two")
    assert done.phases == ()
    assert run.git("rev-parse", done.kept) == by_hand
    assert first != run.head() == done.commit


@pytest.mark.parametrize(("phase", "said"), [("three", "is queued; only a complete phase"), ("two", "is the last thing on the branch")])
def test_there_is_nowhere_to_go_back_to(landed, phase, said):
    run, (_, second), helm = landed
    with pytest.raises(UsageError, match=said):
        roll_back(helm, phase)
    assert run.head() == second


def test_a_branch_that_a_person_stands_on_is_not_moved_and_the_command_is_named_again(landed):
    run, (_, second), helm = landed
    run.git("switch", "-q", "autopack/r")
    with pytest.raises(EnvironmentBlockedError, match="is checked out in") as blocked:
        roll_back(helm, "one")
    assert blocked.value.next_command == "autopack rollback r --to one"
    assert (run.head(), states(helm)["two"]) == (second, "complete")


def test_a_branch_that_never_held_the_phase_is_not_moved(landed):
    run, _, helm = landed
    elsewhere = run.commit({"more.txt": "x\n"}, on="main")
    run.git("branch", "-f", "autopack/r", elsewhere)
    with pytest.raises(EnvironmentBlockedError, match="has moved to"):
        roll_back(helm, "one")
    assert (run.head(), states(helm)["two"]) == (elsewhere, "complete")


def test_a_run_that_a_process_works_on_is_left_alone(tmp_path):
    with opened(tmp_path, *PHASES) as run:
        for phase, text in (("one", "two\n"), ("two", "three\n")):
            step, candidate = run.gated({"app.txt": text}, phase)
            land(run.site, step, FIRST, candidate, tuple)
        with pytest.raises(LockedError, match="already being worked on by process"):
            roll_back(run.helm, "one")
        assert run.state("two") == "complete"
