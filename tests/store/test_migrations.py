"""Held phases of a state that had only a kind for them: why each waits is found in its attempts and in the log."""

import json

import pytest

from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.transitions import PhaseEvent
from autopack.store.attempts import Failed
from autopack.store.database import Database
from autopack.store.phase_changes import hold
from autopack.store.phases import Phases
from tests.support.older_state import as_version_3

TO_GATE = (PhaseEvent.REPLIED, PhaseEvent.CANDIDATE, PhaseEvent.CHECKED, PhaseEvent.AUDITED)


def by_gate(kept):
    key = kept.begin()
    kept.to(key, *TO_GATE)
    return key


def checked_out(kept):
    key = by_gate(kept)
    kept.to(key, PhaseEvent.ACCEPTED)
    return key


def failed(kind, evidence="", *, only_auditor_against=False):
    def make(kept):
        key = kept.begin()
        kept.fail(key, Failed(kind, "so it is", evidence, only_auditor_against=only_auditor_against))
        return key

    return make


def adopted(kept):
    failed(FailureKind.BUILDER_BLOCKED)(kept)
    kept.phases.move("one", PhaseEvent.HOLD, 1, hold(HeldReason.BUILDER_BLOCKED, "which one?"))
    kept.steering.adopt("one", "base", "{}")
    key = kept.phases.open_attempt("one")
    kept.fail(key, Failed(FailureKind.CHECKS_RED, "red"))
    return key


@pytest.mark.parametrize(
    ("reason", "make", "paths"),
    [
        (HeldReason.GATE, by_gate, ()),
        (HeldReason.CHECKED_OUT, checked_out, ()),
        (HeldReason.AUDITOR_AGAINST, failed(FailureKind.AUDIT_REJECTED, only_auditor_against=True), ()),
        (HeldReason.BUILDER_BLOCKED, failed(FailureKind.BUILDER_BLOCKED, 'a "b".py\nc.py'), ('a "b".py', "c.py")),
        (HeldReason.BUILDER_BLOCKED, failed(FailureKind.BUILDER_BLOCKED), ()),
        (HeldReason.CHECK_UNUSABLE, failed(FailureKind.CHECK_UNUSABLE, "the same output"), ()),
        (HeldReason.ADOPTED_RED, adopted, ()),
        (HeldReason.BRANCH_REWRITTEN, lambda _kept: None, ()),
    ],
)
def test_a_phase_that_was_held_still_says_why(kept, reason, make, paths):
    key = make(kept)
    kept.phases.move("one", PhaseEvent.HOLD, key.number if key else None, hold(reason, "Look at it."))
    before = kept.phases.get("one")
    as_version_3(kept.database.path)
    again = Database.open(kept.database.path)
    after = Phases(again, kept.events, "r", lambda: 0.0).get("one")
    again.close()
    assert (after.held_reason, after.held_message, after.held) == (reason, before.held_message, before.held)
    assert tuple(json.loads(after.held_paths)) == paths
    assert Phases(kept.database, kept.events, "r", lambda: 0.0).get("two").held_reason is None
