"""What a start works with: the run's row and branch are made once, and a work tree stands on the branch's head."""

import os

from autopack.executor.attempt.land import land
from autopack.executor.start.make_context import folder_of
from autopack.store.queries import run_status
from tests.support.command import Desk, phase_of
from tests.support.run_context import FIRST, QUIET, opened, started


def two_starts(tmp_path, between=lambda _: None, **environment):
    """The desk of a run after its first start, in which `between` happened."""
    desk = Desk.make(tmp_path).with_env(**QUIET)
    desk.plan(phase_of("one"), phase_of("two"))
    with started(desk) as run:
        between(run)
    return desk.with_env(**environment)


def landed(run):
    step, candidate = run.gated({"app.txt": "two\n"})
    land(run.site, step, FIRST, candidate, tuple)


def test_the_row_says_base_branch_and_plan_and_is_the_same_in_the_next_start(tmp_path):
    desk = two_starts(tmp_path)
    with started(desk) as run:
        row = run.project.run("r")
        assert (row.branch, row.base_commit, row.repo) == ("autopack/r", desk.git("rev-parse", "main"), str(desk.repo))
        assert len(run.project.runs.newest_first()) == 1


def test_the_work_tree_stands_on_the_branch_outside_of_the_repository(tmp_path):
    with opened(tmp_path) as run:
        place = run.site.slot.work_tree.place
        assert not place.is_relative_to(run.repo)
        assert place.is_relative_to(folder_of(run.project, run.ctx.settings, "r"))
        assert (place / "app.txt").read_text() == "one\n"


def test_the_work_tree_of_a_later_start_holds_what_has_landed(tmp_path):
    with started(two_starts(tmp_path, landed)) as run:
        assert (run.site.slot.work_tree.place / "app.txt").read_text() == "two\n"


def test_a_folder_that_the_person_chose_holds_the_work_tree(tmp_path):
    with opened(tmp_path, env={"AUTOPACK_WORKSPACE__DIR": str(tmp_path / "elsewhere")}) as run:
        assert run.site.slot.work_tree.place.is_relative_to(tmp_path / "elsewhere")


def test_the_run_belongs_to_this_process(run):
    status = run_status(run.ctx.state.database, run.ctx.state.run_id, is_alive=True)
    assert status.owner.pid == os.getpid()


def test_a_branch_that_a_person_deleted_is_made_again_at_the_last_commit_and_that_is_said(tmp_path):
    desk = two_starts(tmp_path, landed)
    head = desk.git("rev-parse", "autopack/r")
    desk.git("branch", "-D", "autopack/r")
    with started(desk) as run:
        assert run.head() == head
        assert [note for note in run.ctx.notes if "was gone" in note] == [
            f"The branch autopack/r was gone; it was made again at {head[:10]}, the run's last commit."
        ]


def test_settings_that_changed_since_the_last_start_are_named_and_those_that_did_not_are_not(tmp_path):
    with started(two_starts(tmp_path, AUTOPACK_MAX_USD="3")) as run:
        assert [note for note in run.ctx.notes if note.startswith("Settings")] == [
            "Settings that have changed since the run's last start: max_usd."
        ]
    with started(run.desk) as run:
        assert [note for note in run.ctx.notes if note.startswith("Settings")] == []


def test_a_cap_of_the_command_line_stays_for_the_starts_after_it(tmp_path):
    desk = Desk.make(tmp_path).with_env(**QUIET)
    desk.plan()
    with started(desk, max_tokens=5_000) as run:
        assert run.ctx.models.caps.run_tokens == 5_000
    with started(desk) as run:
        assert (run.ctx.models.caps.run_tokens, run.ctx.models.caps.run_tokens_by) == (5_000, "option")
