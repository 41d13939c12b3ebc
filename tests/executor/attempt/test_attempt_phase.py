"""The straight line from a description to a commit: each step once, whatever was done before, and nothing lands that was held."""

import pytest

from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.executor.attempt import attempt_phase as straight_line
from autopack.executor.attempt.attempt_phase import attempt_phase
from autopack.worktree.git import GitError
from tests.support.command import ONE, oracle_of, phase_of
from tests.support.run_context import opened
from tests.support.server import scripted_server


@pytest.fixture
def built(tmp_path):
    """Opens runs whose builder and auditor know the answer."""
    with scripted_server(oracle_of(ONE)) as server:

        def build(**phase):
            return opened(tmp_path, phase_of("one", **phase), env=server.environment())

        yield build, server


def test_a_phase_goes_from_its_description_to_a_commit_on_the_branch(built):
    build, server = built
    with build() as run:
        landed = attempt_phase(run.ctx, run.phase(), run.begin().key)
        assert (landed.commit, landed.branch) == (run.head(), "autopack/r")
        assert run.git("show", "autopack/r:app.txt") == "two"
        assert run.state() == "complete"
        assert [call.role for call in server.calls] == ["builder", "auditor"]


def test_an_attempt_that_is_done_is_done_again_from_its_rows_and_asks_nobody(built):
    build, server = built
    with build() as run:
        key = run.begin().key
        landed = attempt_phase(run.ctx, run.phase(), key)
        assert attempt_phase(run.ctx, run.phase(), key) == landed
        assert len(server.calls) == 2


def test_a_red_check_ends_the_attempt_before_an_auditor_is_paid(built):
    build, server = built
    with build(ci={"command": "false", "tests": "none"}) as run:
        with pytest.raises(AttemptFailed) as failed:
            attempt_phase(run.ctx, run.phase(), run.begin().key)
        assert failed.value.kind is FailureKind.CHECKS_RED
        assert [call.role for call in server.calls] == ["builder"]
        assert run.head() == run.git("rev-parse", "main")


def test_a_phase_that_waits_for_a_person_has_landed_nothing(built):
    build, _ = built
    with build(gate="hold") as run:
        assert attempt_phase(run.ctx, run.phase(), run.begin().key) is None
        assert run.state() == "held"
        assert run.head() == run.git("rev-parse", "main")


def test_what_a_gc_took_in_the_middle_is_made_again_from_the_rows(built, monkeypatch):
    build, server = built
    check, lost = straight_line.check_phase, []

    def losing(site, phase, step, lap, candidate):
        if not lost:
            lost.append(candidate.commit)
            raise GitError(("cat-file",), 128, f"fatal: bad object {candidate.commit}")
        return check(site, phase, step, lap, candidate)

    monkeypatch.setattr(straight_line, "check_phase", losing)
    with build() as run:
        assert attempt_phase(run.ctx, run.phase(), run.begin().key).commit == lost[0]
        assert [call.role for call in server.calls] == ["builder", "auditor"]


def test_a_store_that_loses_everything_again_and_again_is_the_machines_trouble(built, monkeypatch):
    build, server = built

    def losing(_ctx, _phase, _step, _lap, candidate):
        raise GitError(("cat-file",), 128, f"fatal: bad object {candidate.commit}")

    monkeypatch.setattr(straight_line, "check_phase", losing)
    with build() as run:
        with pytest.raises(EnvironmentBlockedError, match="Something prunes it all the time"):
            attempt_phase(run.ctx, run.phase(), run.begin().key)
        assert [call.role for call in server.calls] == ["builder"]
