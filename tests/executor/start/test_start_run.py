"""A start finds what is wrong in the order of the exit codes, before anything is made; the same command again does no harm."""

import os
from unittest import mock

import pytest

from autopack.core.errors import EnvironmentBlockedError, InvalidInputError, LockedError, ProviderBlockedError, UsageError
from autopack.executor.lock import run_lock
from autopack.executor.options import RunOptions
from autopack.executor.start.start_run import judge_words, make_sure_of_room, start_run
from autopack.executor.watcher import Watcher
from tests.support.command import ONE, Desk, oracle_of, phase_of
from tests.support.run_context import CLOCK, QUIET, project_of
from tests.support.server import scripted_server


@pytest.fixture
def server():
    with scripted_server(oracle_of(ONE)) as server:
        yield server


@pytest.fixture
def desk(tmp_path, server):
    desk = Desk.make(tmp_path).beside(server).with_env(**QUIET)
    desk.plan()
    return desk


def start(desk, **options):
    """How that start ended, and what whoever watches was told at its end."""
    ends = []
    watcher = Watcher(lambda _: None, lambda _: None, ends.append)
    with mock.patch.dict(os.environ, desk.environment, clear=True):
        end = start_run(RunOptions(desk.repo, **{"run_id": "r", **options}), CLOCK, watcher)
    assert ends == [end]
    return end


def refused(kind, desk, **options):
    with pytest.raises(kind) as error:
        start(desk, **options)
    assert desk.git("for-each-ref", "refs/heads/autopack", "refs/autopack") == ""
    return str(error.value)


def test_a_run_is_made_and_worked_on_to_its_end(desk, server):
    end = start(desk)
    assert (end.run_id, end.state, end.exit_code) == ("r", "complete", 0)
    assert desk.at("autopack/r", "app.txt") == "two\n"
    assert len(server.calls) == 2


def test_run_typed_again_for_a_plan_whose_run_has_ended_buys_nothing_and_says_how_to_begin_anew(desk, server):
    start(desk)
    end = start(desk, run_id=None)
    assert (end.run_id, end.exit_code, len(server.calls)) == ("r", 0, 2)
    assert "This run of the plan has ended; nothing was done." in end.message
    assert end.next[-1] == "autopack run --new"


def test_phases_that_the_base_holds_already_are_told_and_not_bought(desk, server):
    start(desk)
    desk.git("add", "-A")
    desk.git("stash", "-q")
    desk.git("merge", "-q", "--ff-only", "autopack/r")
    desk.plan(phase_of("one"), goal="The app says two.")
    assert start(desk, run_id="again").state == "complete"
    assert len(server.calls) == 2


@pytest.mark.parametrize("word", ["", "No", "a b", "../up", "a" * 65, "x.lock"])
def test_what_cannot_be_a_run_id_is_refused(word, tmp_path):
    with pytest.raises(UsageError, match="cannot be a run id"):
        judge_words(RunOptions(tmp_path, run_id=word))


def test_words_come_before_the_plan_the_plan_before_the_model_and_the_model_before_keys(desk):
    keyless = desk.without("ANTHROPIC_API_KEY")
    assert "No provider has a key" in refused(ProviderBlockedError, keyless)
    refused(UsageError, keyless, model="nobody's-model")
    (desk.repo / "autopack.yaml").write_text("phases: []\n")
    refused(InvalidInputError, keyless, model="nobody's-model")
    refused(UsageError, keyless, model="nobody's-model", run_id="No")


def test_two_processes_never_work_on_the_same_run(desk):
    with project_of(desk) as (project, _):
        locks = project.locks
    with run_lock(locks, "r"):
        refused(LockedError, desk)


def test_a_disk_without_room_is_found_before_anything_is_made(desk):
    assert "free" in refused(EnvironmentBlockedError, desk.with_env(AUTOPACK_WORKSPACE__MIN_FREE_BYTES=str(10**18)))
    with project_of(desk) as (project, _):
        make_sure_of_room(project, project.effective.settings, "r")


def test_a_phase_that_fails_is_an_end_with_its_exit_code_and_what_leads_on(desk):
    desk.plan(phase_of("one", max_attempts=1, ci={"command": "false", "tests": "none"}))
    end = start(desk)
    assert (end.state, end.exit_code) == ("failed", 1)
    assert end.next
