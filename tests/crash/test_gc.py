"""`gc --archive` killed at its calls, and given again: it ends as if nothing had been, and no word is lost before its archive holds it."""

import json
import os
import sqlite3
import tarfile
from contextlib import closing
from io import BytesIO

import pytest

from autopack.store.compressed import read_plain
from tests.support import crash_shim
from tests.support.crash_facts import database, snapshot
from tests.support.crash_kept import KeptRun
from tests.support.crash_shim import Injury, Target
from tests.support.repos import git

pytestmark = pytest.mark.crash

RUN = "merged0"
WORDS = ("gc", "--older-than", "0h", "--archive")
DONE = 0
EVERY = int(os.environ.get("CRASH_EVERY", "90"))
"""One in so many calls is tried, of some 1,700: most write the database anew."""
MUCH = 1_500_000


class Merged(KeptRun):
    """A finished run whose branch another one holds; its journal is long enough for the file to be shortened."""

    def __init__(self, at, starter):
        super().__init__(at, starter, RUN, WORDS)
        git(self.repo, "update-ref", "refs/heads/kept", f"autopack/{RUN}")
        with closing(sqlite3.connect(self.repo / ".git" / "autopack" / "autopack.db")) as state, state:
            state.execute("UPDATE call SET reply_json = randomblob(?) WHERE id = (SELECT min(id) FROM call)", (MUCH,))
        self.keep()

    def words_are_somewhere(self):
        """Whether each reply is in the state still, or in the archive."""
        archived = self.archived()
        with database(self.repo) as state:
            calls = state.execute("SELECT phase_id, attempt, role, ordinal, text FROM call WHERE state = 'replied'").fetchall()
        return all(row["text"] is not None or tuple(row)[:4] in archived for row in calls)

    def archived(self):
        found = list((self.repo / ".autonomous_runs" / "archived_runs").glob(f"{RUN}.journal.jsonl.*"))
        lines = [json.loads(line) for path in found for line in read_plain(path).decode().splitlines()]
        return {(line["phase"], line["attempt"], line["role"], line["ordinal"]): line["reply"]["text"] for line in lines if "role" in line}

    def records(self):
        """What the archive of the run's records holds."""
        found = {}
        for path in (self.repo / ".autonomous_runs" / "archived_runs").glob(f"{RUN}.tar.*"):
            with tarfile.open(fileobj=BytesIO(read_plain(path))) as tar:
                found |= {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
        return found

    def facts(self):
        with database(self.repo) as state:
            calls = [tuple(row) for row in state.execute("SELECT * FROM call ORDER BY id")]
            steps = state.execute("SELECT count(*), sum(length(result_json)) FROM step").fetchone()
            assert state.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return (
            calls,
            tuple(steps),
            self.archived(),
            self.records(),
            sorted(str(path.relative_to(self.repo)) for path in (self.repo / ".autonomous_runs").rglob("*")),
            git(self.repo, "for-each-ref", "--format=%(refname) %(objectname)"),
            snapshot(self.repo),
        )


@pytest.fixture(scope="module")
def merged(at):
    starter = at.borrow()
    try:
        made = Merged(at, starter)
        yield made
        made.remove()
    finally:
        at.give_back(starter)


@pytest.mark.parametrize("target", [Target.GROUP, Target.MAIN], ids=lambda target: target.name.lower())
def test_a_gc_that_was_killed_is_finished_by_giving_it_again(merged, target):
    merged.restore()
    before = (merged.repo / ".git" / "autopack" / "autopack.db").stat().st_size
    assert merged.give(Injury()) == DONE, merged.said()
    calls, expected = crash_shim.calls(merged.trial.control), merged.facts()
    assert len(expected[2]) > 3
    assert (merged.repo / ".git" / "autopack" / "autopack.db").stat().st_size < before - MUCH / 2
    wrong, ended_early = [], 0
    for point in range(1 + int(target) % EVERY, len(calls) + 1, EVERY):
        merged.restore()
        code = merged.give(Injury(at=point, target=target))
        ended_early += code != DONE
        is_kept = merged.words_are_somewhere()
        again = merged.give(Injury())
        if again != DONE or not is_kept:
            wrong.append((point, code, again, is_kept, merged.said()[-300:]))
        elif (found := merged.facts()) != expected:
            wrong.append((point, code, [(one, other) for one, other in zip(found, expected, strict=True) if one != other]))
    assert wrong == []
    assert ended_early > len(calls) / EVERY / 4
