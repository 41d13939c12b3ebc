"""The correction of a model's estimates is read from its calls: what a server did not report, and what was replayed, is no part of it."""

import itertools
from decimal import Decimal

import pytest

from autopack.core.budget import Caps, Ceiling
from autopack.core.call import Asking, Reply, Role, StopReason, Usage
from autopack.store.call_records import CallError, NewCall
from autopack.store.calls import CallJournal
from autopack.store.token_counts import counted

CEILING = Ceiling(tokens=9_000, usd=None)


@pytest.fixture
def journal(kept):
    numbers = itertools.count(1)
    return CallJournal(kept.database, lambda: float(next(numbers)))


def asked(question, model="m-1", estimated=1_000):
    return NewCall(Asking(run="r", phase="one", attempt=1, role=Role.BUILDER), question, "corp", model, {}, "sha", estimated)


def reply(**usage):
    return Reply(
        text="",
        stop=StopReason.END,
        usage=Usage(**usage),
        provider="corp",
        requested_model="m-1",
        answering_model="m-1",
        usd=Decimal(0),
        received_at=1.0,
    )


def test_all_input_counts_however_it_was_read(kept, journal):
    usage = {"input_tokens": 200, "cache_read_tokens": 1_000, "cache_write_tokens": 100, "output_tokens": 5_000}
    journal.settle(journal.intend(asked(1), CEILING, Caps()), reply(**usage), {})
    found = counted(kept.database, "corp", "m-1")
    assert (found.estimated, found.reported) == (1_000, 1_300)
    assert journal.counted("corp", "m-1") == found
    assert counted(kept.database, "corp", "m-2").reported == 0


def test_what_nobody_reported_tells_nothing(kept, journal):
    journal.settle(journal.intend(asked(1), CEILING, Caps()), reply(input_tokens=700), {}, is_counted=False)
    journal.settle(journal.intend(asked(2), CEILING, Caps()), reply(), {})
    journal.lose(journal.intend(asked(3), CEILING, Caps()), CallError("interrupted", "gone"))
    journal.replayed(asked(4), reply(input_tokens=700))
    assert counted(kept.database, "corp", "m-1").reported == 0


def test_only_the_latest_replies_count(kept, journal):
    for number in range(60):
        journal.settle(journal.intend(asked(number), CEILING, Caps()), reply(input_tokens=9_000 if number < 10 else 2_000), {})
    assert counted(kept.database, "corp", "m-1").reported == 50 * 2_000
