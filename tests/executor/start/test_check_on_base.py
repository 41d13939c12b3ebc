"""The plan's commands are run once on its base, without a run: what is not green there is said before anything is bought."""

from contextlib import contextmanager

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.executor.start.check_on_base import check_on_base
from autopack.planning.plan_file import find_plan, load_plan
from tests.support.command import CHECK, Desk, phase_of
from tests.support.run_context import CLOCK, QUIET, project_of

RED = {"command": "grep two app.txt", "tests": "none", "timeout_s": 30}


@pytest.fixture
def checked(tmp_path):
    """Checks a plan on the base; gives the notes and what was told meanwhile."""
    desk = Desk.make(tmp_path).with_env(**QUIET)

    def check(*phases, **plan):
        desk.plan(*phases, **plan)
        told = []

        @contextmanager
        def during(where, command):
            told.append((where, command))
            yield

        with project_of(desk) as (project, _):
            return check_on_base(project, load_plan(find_plan(desk.repo, None), "shop", frozenset()), CLOCK.now(), during), told

    check.desk = desk
    return check


def test_a_base_that_is_green_is_not_spoken_of_and_leaves_nothing_behind(checked):
    notes, told = checked()
    assert notes == ()
    assert told == [("one, on the base", "sh check.sh")]
    assert checked.desk.git("worktree", "list", "--porcelain").count("worktree ") == 1
    assert checked.desk.git("for-each-ref", "refs/autopack") == ""


def test_a_check_that_is_red_on_the_base_is_said_with_its_phase(checked):
    (note,), _ = checked(phase_of("one", ci=RED), phase_of("two"))
    assert (note.phase, note.command) == ("one", "grep two app.txt")
    assert "red" in note.sentence


def test_what_has_run_on_the_base_is_not_run_again(checked, tmp_path):
    counted = {**CHECK, "command": f"echo x >> {tmp_path}/ran"}
    checked(phase_of("one", ci=counted))
    checked(phase_of("one", ci=counted))
    assert (tmp_path / "ran").read_text() == "x\n"


def test_the_base_that_the_plan_names_is_the_one_that_is_checked(checked):
    desk = checked.desk
    desk.git("branch", "older")
    (desk.repo / "app.txt").write_text("two\n")
    desk.git("commit", "-qam", "two")
    assert checked(phase_of("one", ci=RED))[0] == ()
    assert checked(phase_of("one", ci=RED), base="older")[0] != ()


def test_the_set_up_runs_first_and_one_that_cannot_be_done_ends_it(checked):
    command = {"command": "cat made", "tests": "none"}
    _, told = checked(phase_of("one", ci=command), workspace={"setup": [{"command": "echo it > made"}]})
    assert [where for where, _ in told] == ["set-up", "one, on the base"]
    with pytest.raises(EnvironmentBlockedError):
        checked(workspace={"setup": [{"command": "exit 3"}]})


def test_a_command_that_cannot_be_started_ends_it(checked):
    with pytest.raises(EnvironmentBlockedError, match="no-such-program"):
        checked(phase_of("one", ci={"command": "no-such-program", "tests": "none"}))
