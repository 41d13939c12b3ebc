"""Letting go of the words of ended calls: the figures stay, nothing answers from what is gone, and the file gets shorter."""

import hashlib
from decimal import Decimal

import pytest

from autopack.core.budget import Caps, Ceiling
from autopack.core.call import Asking, Reply, Role, StopReason, Usage
from autopack.store.call_records import NewCall
from autopack.store.calls import CallJournal
from autopack.store.database import Database
from autopack.store.let_go import SPARE_BYTES, calls_let_go, let_go, spare_bytes, words_kept
from autopack.store.queries import calls_of

ASKING = Asking(run="r", phase="one", attempt=1, role=Role.BUILDER)


@pytest.fixture
def database(tmp_path):
    return Database.open(tmp_path / "autopack.db")


def answer(database, run="r", words="an answer"):
    journal = CallJournal(database, lambda: 7.0)
    call = NewCall(ASKING.model_copy(update={"run": run}), 1, "anthropic", "m", {"prompt": words}, "sha")
    number = journal.intend(call, Ceiling(tokens=9, usd=Decimal(1)), Caps())
    reply = Reply(
        text=words,
        stop=StopReason.END,
        usage=Usage(input_tokens=5, output_tokens=2),
        provider="anthropic",
        requested_model="m",
        answering_model="m-1",
        usd=Decimal("0.02"),
        received_at=8.0,
    )
    journal.settle(number, reply, {"final": words})
    return journal


def test_the_words_go_and_the_figures_stay(database):
    journal = answer(database)
    answer(database, "other")
    before = journal.spent("r")
    assert words_kept(database)["r"].calls == 1
    assert words_kept(database)["r"].last == 8.0
    let_go(database, "r")
    assert set(words_kept(database)) == {"other"}
    assert calls_let_go(database, "r") == 1
    assert calls_let_go(database, "other") == 0
    (row,) = calls_of(database, "r")
    assert (row.text, row.reply_json, row.input_tokens, row.usd) == (None, None, 5, "0.02")
    assert journal.spent("r") == before


def test_nothing_is_answered_from_what_is_gone(database):
    journal = answer(database)
    assert journal.stored(ASKING, 1)[0].reply is not None
    let_go(database, "r")
    assert journal.stored(ASKING, 1) == ()
    assert journal.last(ASKING) is None
    assert list(journal.replies("r")) == []
    answer(database, words="asked again")
    assert [(record.ordinal, record.reply.text) for record in journal.stored(ASKING, 1)] == [(2, "asked again")]
    assert calls_let_go(database, "r") == 1


def test_the_file_gets_shorter_once_its_room_is_given_back(database):
    answer(database, words="".join(hashlib.sha256(bytes([*divmod(number, 256)])).hexdigest() for number in range(50_000)))
    let_go(database, "r")
    assert spare_bytes(database) > SPARE_BYTES
    with database.connection() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM call").scalar_one() == 1
        reader.rollback()
        database.give_back()
        assert reader.exec_driver_sql("SELECT count(*) FROM call").scalar_one() == 1
    assert spare_bytes(database) < SPARE_BYTES
    database.close()
    assert database.path.stat().st_size < SPARE_BYTES
