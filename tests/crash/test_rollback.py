"""`rollback` killed at its calls, and given again: it ends as if nothing had been."""

import os
import shutil

import pytest

from tests.support import crash_shim
from tests.support.crash_facts import database, end_all, snapshot
from tests.support.crash_job import environment_of, injured
from tests.support.crash_shim import Injury, Target
from tests.support.crash_starter import Command
from tests.support.crash_trial import START_S, Trial
from tests.support.repos import git

pytestmark = pytest.mark.crash

RUN = "goback0"
WORDS = ("rollback", RUN, "--to", "one")
DONE, NOTHING_TO_DO = 0, 2
EVERY = int(os.environ.get("CRASH_EVERY", "12"))
"""One in so many calls is tried; `make sweeps` tries each, in some four minutes."""


class Rolled:
    """A finished run, put back before each trial."""

    def __init__(self, at, starter):
        self.trial = Trial(at.ground, starter, RUN)
        self.trial.uninjured()
        self.kept = at.ground.folder / f"kept-{RUN}"
        shutil.copytree(self.trial.folder, self.kept, symlinks=True)

    def restore(self):
        shutil.rmtree(self.trial.folder)
        shutil.copytree(self.kept, self.trial.folder, symlinks=True)

    def remove(self):
        shutil.rmtree(self.kept)
        self.trial.remove()

    def give(self, injury):
        """The exit code, negative for a signal."""
        trial = self.trial
        trial.out.write_bytes(b"")
        crash_shim.arm(trial.control, injury, trial.out)
        environment = injured(environment_of(trial.folder, trial.ground.base_url), trial.ground.library, trial.control)
        code = trial.starter.run(Command(WORDS, str(trial.folder / "shop"), environment, str(trial.out), str(trial.control)), START_S)
        end_all(trial.folder)
        return code

    def said(self):
        return self.trial.out.read_text("utf-8")

    def facts(self):
        repo = self.trial.folder / "shop"
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
