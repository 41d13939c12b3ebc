"""`rollback` killed at its calls, and given again: it ends as if nothing had been."""

import os

import pytest

from tests.support import crash_shim
from tests.support.crash_facts import database, snapshot
from tests.support.crash_kept import KeptRun
from tests.support.crash_shim import Injury, Target
from tests.support.repos import git

pytestmark = pytest.mark.crash

RUN = "goback0"
WORDS = ("rollback", RUN, "--to", "one")
DONE, NOTHING_TO_DO = 0, 2
EVERY = int(os.environ.get("CRASH_EVERY", "12"))
"""One in so many calls is tried; `make sweeps` tries each, in some four minutes."""


class Rolled(KeptRun):
    """A finished run of which the last phase is taken back."""

    def __init__(self, at, starter):
        super().__init__(at, starter, RUN, WORDS)
        self.keep()

    def facts(self):
        repo = self.repo
        with database(repo) as state:
            phases = [tuple(row) for row in state.execute('SELECT phase_id, state, "commit" FROM phase ORDER BY position')]
            runs = [tuple(row) for row in state.execute("SELECT state, reason, message, exit_code, head_commit FROM run")]
            events = [row["event"] for row in state.execute("SELECT event FROM event ORDER BY id")]
        return (
            [state for _, state, _ in phases],
            phases,
            runs,
            events,
            git(repo, "for-each-ref", "--format=%(refname) %(objectname)"),
            snapshot(repo),
            sorted(str(path.relative_to(repo)) for path in (repo / ".git").rglob("*.lock")),
            git(repo, "fsck", "--no-dangling", "--no-reflogs"),
        )


@pytest.fixture(scope="module")
def rolled(at):
    starter = at.borrow()
    try:
        made = Rolled(at, starter)
        yield made
        made.remove()
    finally:
        at.give_back(starter)


@pytest.mark.parametrize("target", [Target.GROUP, Target.MAIN, Target.SELF], ids=lambda target: target.name.lower())
def test_a_rollback_that_was_killed_is_finished_by_giving_it_again(rolled, target):
    rolled.restore()
    assert rolled.give(Injury()) == DONE, rolled.said()
    calls, expected = crash_shim.calls(rolled.trial.control), rolled.facts()
    assert expected[0] == ["complete", "rolled_back"]
    wrong, ended_early = [], 0
    for point in range(1 + int(target) % EVERY, len(calls) + 1, EVERY):
        rolled.restore()
        code = rolled.give(Injury(at=point, target=target))
        ended_early += code != DONE
        again = rolled.give(Injury())
        told = rolled.said()
        if again != DONE and not (again == NOTHING_TO_DO and "nothing to roll back" in told):
            wrong.append((point, code, again, told[-300:]))
        elif rolled.facts() != expected:
            wrong.append((point, code, again, "another end"))
        elif "Traceback" in told:
            wrong.append((point, code, again, told[-300:]))
    assert wrong == []
    assert ended_early > len(calls) / EVERY / 4
