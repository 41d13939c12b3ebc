import random
import threading
from decimal import Decimal

import pytest

from autopack.core.budget import Caps, Ceiling
from autopack.core.call import Asking, CallState, Reply, Role, StopReason, Usage
from autopack.core.errors import BudgetSpentError, InvalidInputError
from autopack.store.call_records import CallError, NewCall, pack, unpack
from autopack.store.calls import CallJournal
from autopack.store.database import Database

CEILING = Ceiling(tokens=1_000, usd=Decimal("0.10"))


@pytest.fixture
def journal(tmp_path):
    database = Database.open(tmp_path / "state.db")
    yield CallJournal(database, lambda: 5.0)
    database.close()


def asking(phase="one", attempt=1, role=Role.BUILDER, run="r") -> Asking:
    return Asking(run=run, phase=phase, attempt=attempt, role=role)


def call(of: Asking | None = None, question: int = 1) -> NewCall:
    return NewCall(of or asking(), question, "corp", "m-1", {"prompt": "Łódź"}, "abc")


def reply(usd="0.02", tokens=200) -> Reply:
    price = None if usd is None else Decimal(usd)
    return Reply(
        text="text", stop=StopReason.MAX_TOKENS, usage=Usage(input_tokens=tokens, cache_read_tokens=5), provider="corp",
        requested_model="m-1", answering_model="m-1-2026", request_id="req", usd=price, received_at=7.5,
    )  # fmt: skip


def test_an_intent_is_there_before_anything_else_and_a_reply_comes_back_as_it_was(journal):
    number = journal.intend(call(), CEILING, Caps())
    [before] = journal.stored(asking(), 1)
    journal.settle(number, reply(), {"id": "msg"})
    [after] = journal.stored(asking(), 1)
    assert (before.state, before.reply, before.request, before.ordinal) == (CallState.INTENT, None, {"prompt": "Łódź"}, 1)
    assert (after.state, after.reply) == (CallState.REPLIED, reply())


def test_ordinals_count_every_call_of_a_role_in_an_attempt_over_its_questions(journal):
    for question in (1, 1, 2, 1):
        journal.intend(call(question=question), CEILING, Caps())
    journal.intend(call(asking(role=Role.AUDITOR)), CEILING, Caps())
    journal.intend(call(asking(attempt=2)), CEILING, Caps())
    assert [record.ordinal for record in journal.stored(asking(), 1)] == [1, 2, 4]
    assert [record.ordinal for record in journal.stored(asking(), 2)] == [3]
    assert [record.ordinal for record in journal.stored(asking(role=Role.AUDITOR), 1)] == [1]


def test_a_refusal_costs_nothing_and_a_lost_call_its_ceiling_for_good(journal):
    journal.fail(journal.intend(call(), CEILING, Caps()), CallError("overloaded", "busy"))
    lost = journal.intend(call(), CEILING, Caps())
    journal.lose(lost, CallError("cut", "the stream was cut"))
    spent = journal.spent("r")
    assert (spent.usd, spent.reserved_usd, spent.tokens, spent.reserved_tokens) == (0, Decimal("0.10"), 0, 1_000)
    assert [record.error for record in journal.stored(asking(), 1)] == ["busy", "the stream was cut"]


def test_a_reply_that_comes_after_all_is_kept_and_frees_what_was_held(journal):
    number = journal.intend(call(), CEILING, Caps())
    journal.lose(number, CallError("interrupted", "gone"))
    journal.settle(number, reply(), {})
    assert journal.stored(asking(), 1)[0].reply == reply()
    assert journal.spent("r").reserved_usd == 0


def test_what_has_ended_does_not_end_again(journal):
    number = journal.intend(call(), CEILING, Caps())
    journal.settle(number, reply(), {})
    journal.lose(number, CallError("cut", "late"))
    journal.fail(number, CallError("overloaded", "late"))
    assert journal.stored(asking(), 1)[0].state is CallState.REPLIED


def test_spent_is_told_of_a_run_and_of_a_phase(journal):
    for phase, run in (("one", "r"), ("two", "r"), ("one", "other")):
        journal.settle(journal.intend(call(asking(phase, run=run)), CEILING, Caps()), reply(), {})
    assert journal.spent("r").usd == Decimal("0.04")
    assert journal.spent("r", "two").tokens == 205


def test_a_replayed_call_costs_nothing_and_fills_no_cap(journal):
    journal.replayed(call(), reply(usd=None).model_copy(update={"is_replayed": True}))
    assert journal.spent("r").model_dump() == journal.spent("nothing").model_dump()
    assert journal.stored(asking(), 1)[0].reply is not None
    journal.intend(call(question=2), CEILING, Caps(run_usd=Decimal("0.10")))


@pytest.mark.parametrize(
    ("caps", "reason"),
    [
        (Caps(run_usd=Decimal("0.11")), "usd"),
        (Caps(phase_usd=Decimal("0.11")), "usd"),
        (Caps(run_tokens=1_100), "tokens"),
        (Caps(phase_tokens=1_100), "tokens"),
    ],
)
def test_a_call_that_does_not_fit_leaves_no_row(journal, caps, reason):
    journal.settle(journal.intend(call(), CEILING, caps), reply(), {})
    with pytest.raises(BudgetSpentError) as refused:
        journal.intend(call(question=2), CEILING, caps)
    assert refused.value.reason == reason
    assert journal.stored(asking(), 2) == ()


def test_another_phases_spending_fills_the_runs_cap_but_not_the_phases(journal):
    journal.settle(journal.intend(call(asking("other")), CEILING, Caps()), reply("0.05"), {})
    journal.intend(call(), CEILING, Caps(phase_usd=Decimal("0.10")))
    with pytest.raises(BudgetSpentError):
        journal.intend(call(), CEILING, Caps(run_usd=Decimal("0.20")))


def test_a_cap_in_dollars_is_refused_where_an_earlier_price_is_unknown(journal):
    journal.settle(journal.intend(call(), CEILING, Caps()), reply(usd=None), {})
    with pytest.raises(InvalidInputError, match=r"price of 1 earlier call"):
        journal.intend(call(), CEILING, Caps(run_usd=Decimal(9)))
    with pytest.raises(InvalidInputError, match="price of this model"):
        journal.intend(call(asking(run="new")), Ceiling(tokens=1, usd=None), Caps(run_usd=Decimal(9)))


def test_many_writers_never_pass_a_cap_nor_share_an_ordinal(tmp_path):
    """Each of eight threads has its own connection and tries until it is refused; half of the calls are lost on the way."""
    cap = Caps(run_usd=Decimal("3.00"))
    database = Database.open(tmp_path / "state.db")

    def work(seed: int) -> None:
        mine, chance = CallJournal(Database.open(tmp_path / "state.db"), lambda: 5.0), random.Random(seed)  # noqa: S311 - a repeatable order, no secret
        while True:
            try:
                number = mine.intend(call(), CEILING, cap)
            except BudgetSpentError:
                return
            if chance.random() < 0.5:
                mine.lose(number, CallError("cut", "gone"))
            else:
                mine.settle(number, reply("0.10"), {})

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    journal = CallJournal(database, lambda: 5.0)
    ordinals = [record.ordinal for record in journal.stored(asking(), 1)]
    assert journal.spent("r").held_usd == Decimal("3.00")
    assert ordinals == list(range(1, 31))
    database.close()


def test_replies_come_in_the_order_they_were_asked_for(journal):
    numbers = [journal.intend(call(asking(phase)), CEILING, Caps()) for phase in ("b", "a", "c")]
    for number in reversed(numbers[:2]):
        journal.settle(number, reply(), {})
    assert [record.asking.phase for record in journal.replies("r")] == ["b", "a"]


def test_packed_requests_survive_what_no_encoding_knows():
    value = {"text": "lone \ud800 surrogate ✓"}
    assert unpack(pack(value)) == value
