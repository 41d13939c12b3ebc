"""What a power cut may take: by the shim's log, what is renamed into place was flushed before, and its folder after it.

That SQLite runs in WAL mode with ``synchronous=FULL`` is looked at in ``tests/store/test_database.py``.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.crash_job import environment_of, injured
from tests.support.crash_shim import Injury, Kind, Made, arm, calls
from tests.support.crash_starter import Command
from tests.support.crash_trial import Trial

pytestmark = pytest.mark.crash

MADE_AGAIN = {
    r"/worktrees/autopack\+\w+\+1/index$": "for the plan's commands, written again before each of them",
    r"/state/autopack/\w+/\w+/\.1\.kept/": "what set-up left; where the record or a copy is not whole, set-up runs again",
    r"/state/autopack/\w+/\w+/\.1\.bin/|\.autopack-removing/": "on its way out",
    r"/state/autopack/\w+/\w+/1$": "git makes the work tree beside its place; one that is not sound is made again",
    r"/state/autopack/\w+/\w+/1/": "files of the commit, which every start lays again, and what the plan's own commands did",
}
GITS_FOLDERS = {
    r"/worktrees/autopack\+\w+\+1/HEAD$": "git flushes no folder; an older HEAD is no more than another check-out",
    r"/refs/autopack/": "git flushes no folder; a candidate is found by the id in its row",
}


def is_named(path: str, reasons: dict[str, str]) -> bool:
    return any(re.search(pattern, path) for pattern in reasons)


def unflushed(made: Sequence[Made]) -> Iterator[str]:
    """What got its name while some of its bytes were not yet on the disk."""
    flushed = set()
    for call in made:
        if call.kind is Kind.FSYNC:
            flushed.add(call.path)
        elif call.kind & (Kind.WRITE | Kind.OPEN | Kind.TRUNC):
            flushed.discard(call.path)
        elif call.kind & (Kind.RENAME | Kind.LINK) and call.old not in flushed:
            yield call.path


def forgotten(made: Sequence[Made]) -> Iterator[str]:
    """What was renamed without its folder on the disk before the state says more, or at all."""
    waiting: list[str] = []
    for call in made:
        if call.kind is Kind.RENAME:
            waiting.append(call.path)
        elif call.kind is Kind.FSYNC:
            waiting = [path for path in waiting if str(Path(path).parent) != call.path]
            if call.path.endswith("/autopack.db-wal"):
                yield from waiting
                waiting = []
    yield from waiting


@pytest.fixture(scope="session")  # a worker that steals tests comes back to a module, and the run has a name
def export(at):
    """The calls of ``journal export``, after a run of its own."""
    story = at.finished("powercut")
    starter = at.borrow()
    trial = Trial(at.ground, starter, "powercut")
    try:
        arm(trial.control, Injury(), trial.out)
        environment = injured(environment_of(trial.folder, at.ground.base_url), at.ground.library, trial.control)
        words = ("journal", "export", "powercut", "-o", str(trial.folder / "journal.jsonl"))
        assert starter.run(Command(words, str(story.repo), environment, str(trial.out), str(trial.control)), 60) == 0
        return calls(trial.control)
    finally:
        at.give_back(starter)


def test_every_draft_of_a_run_is_flushed_before_it_gets_its_name(at):
    found = [call.path for call in at.calls if call.kind & (Kind.RENAME | Kind.LINK)]
    assert [path for path in unflushed(at.calls) if not is_named(path, MADE_AGAIN)] == []
    assert all(any(re.search(pattern, path) for path in found) for pattern in MADE_AGAIN), "an exception that there is no need of"


def test_the_folder_of_every_draft_is_flushed_before_the_state_says_more(at):
    assert [path for path in forgotten(at.calls) if not is_named(path, {**MADE_AGAIN, **GITS_FOLDERS})] == []
    assert any(call.kind is Kind.RENAME and call.path.endswith("/refs/heads/autopack/uninjue") for call in at.calls)


def test_an_exported_journal_is_flushed_and_its_folder_after_it(export):
    assert [call.path.rpartition("/")[2] for call in export if call.kind is Kind.RENAME] == ["journal.jsonl"]
    assert [*unflushed(export), *forgotten(export)] == []


def test_a_rename_that_nothing_was_flushed_for_is_seen():
    rename = Made(2, 1, Kind.RENAME, "/f/name", "/f/draft")
    before, after = Made(1, 1, Kind.FSYNC, "/f/draft"), Made(3, 1, Kind.FSYNC, "/f")
    late = Made(3, 1, Kind.FSYNC, "/r/autopack.db-wal")
    assert list(unflushed([rename, after])) == list(unflushed([before, Made(1, 1, Kind.WRITE, "/f/draft"), rename])) == ["/f/name"]
    assert list(forgotten([before, rename])) == list(forgotten([before, rename, late, after])) == ["/f/name"]
    assert [*unflushed([before, rename, after]), *forgotten([before, rename, after])] == []
