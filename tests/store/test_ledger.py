import multiprocessing
import threading
from contextlib import contextmanager
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopack.core.budget import Caps, Ceiling, DayCaps
from autopack.core.call import Asking, Reply, Role, StopReason, Usage
from autopack.core.errors import BudgetSpentError, EnvironmentBlockedError, InvalidInputError
from autopack.store.call_records import CallError, NewCall
from autopack.store.calls import CallJournal
from autopack.store.database import Database
from autopack.store.ledger import Ledger

NOON = 1_800_000_000.0
DAY = 86_400
CAPS = Caps(day=DayCaps(tokens=1_000))


@contextmanager
def kept(folder, name="one", *, now=lambda: NOON, is_needed=True):
    """The journal of one repository, beside the ledger of the user."""
    database = Database.open(folder / name / "state.db")
    ledger = Ledger.open(folder / "ledger.db", str(database.path), now(), is_needed=is_needed)
    try:
        journal = CallJournal(database, now, ledger)
        yield journal
    finally:
        if ledger is not None:
            ledger.close()
        database.close()


def call(run="r", attempt=1, provider="corp"):
    return NewCall(Asking(run=run, phase="one", attempt=attempt, role=Role.BUILDER), 1, provider, "m", {"form": 1}, "sha")


def reply(tokens, usd="0"):
    return Reply(
        text="t",
        stop=StopReason.END,
        usage=Usage(output_tokens=tokens),
        provider="corp",
        requested_model="m",
        answering_model="m",
        usd=None if usd is None else Decimal(usd),
        received_at=NOON,
    )


def ceiling(tokens, usd="0"):
    return Ceiling(tokens=tokens, usd=None if usd is None else Decimal(usd))


def spent(journal, now=NOON):
    return journal.ledger.spent_on_day(now)


def test_a_day_holds_over_all_repositories_of_a_user(tmp_path):
    with kept(tmp_path) as mine, kept(tmp_path, "two") as other:
        mine.settle(mine.intend(call(), ceiling(900), CAPS), reply(500), {})
        number = other.intend(call(), ceiling(400), CAPS)
        with pytest.raises(BudgetSpentError, match="more than the day's cap of 1,000 leaves") as refused:
            mine.intend(call(), ceiling(101), CAPS)
        assert (refused.value.reason, refused.value.cap_by) == ("tokens", "day")
        other.settle(number, reply(100), {})
        mine.intend(call(), ceiling(400), CAPS)
        assert (spent(mine).tokens, spent(mine).reserved_tokens) == (600, 400)


def test_what_is_refused_is_written_nowhere(tmp_path):
    with kept(tmp_path) as journal:
        with pytest.raises(BudgetSpentError):
            journal.intend(call(), ceiling(1_001), CAPS)
        assert journal.stored(call().asking, 1) == ()
        assert spent(journal).held_tokens == 0


def test_dollars_are_kept_to_the_last_digit_and_an_unknown_price_refuses_the_cap(tmp_path):
    caps = Caps(day=DayCaps(usd=Decimal(1)))
    with kept(tmp_path) as journal:
        for _ in range(3):
            journal.settle(journal.intend(call(), ceiling(1, "0.1"), caps), reply(1, "0.0000003"), {})
        assert spent(journal).usd == Decimal("0.0000009")
        with pytest.raises(InvalidInputError, match="the price of this model is not known"):
            journal.intend(call(), ceiling(1, None), caps)
        journal.settle(journal.intend(call(), ceiling(1, None), Caps()), reply(1, None), {})
        with pytest.raises(InvalidInputError, match=r"1 earlier call\(s\) of today"):
            journal.intend(call(run="another"), ceiling(1, "0.1"), caps)


def test_a_call_that_bought_nothing_gives_its_reserve_back_and_one_whose_end_nobody_knows_keeps_it(tmp_path):
    with kept(tmp_path) as journal:
        journal.fail(journal.intend(call(), ceiling(400), CAPS), CallError("overloaded", "busy"))
        assert spent(journal).held_tokens == 0
        journal.lose(journal.intend(call(), ceiling(300), CAPS), CallError("cut", "gone"))
        assert (spent(journal).tokens, spent(journal).reserved_tokens) == (0, 300)


def test_a_reservation_ends_with_its_day(tmp_path):
    with kept(tmp_path) as journal:
        journal.intend(call(), ceiling(900), CAPS)
    with kept(tmp_path, now=lambda: NOON + DAY) as journal:
        journal.intend(call(), ceiling(1_000), CAPS)


def test_what_a_killed_process_left_is_put_right_when_its_run_goes_on(tmp_path):
    with kept(tmp_path) as journal:
        replied = journal.intend(call(), ceiling(400), CAPS)
        open_call = journal.intend(call(attempt=2), ceiling(200), CAPS)
    with kept(tmp_path, is_needed=False) as without:  # killed between the two files: the state knows, the ledger does not
        without.ledger.reconcile("r", ())
        without.ledger = None
        without.settle(replied, reply(50), {})
    with kept(tmp_path) as journal:
        assert spent(journal).held_tokens == 0
        journal.enter("r")
        assert (spent(journal).tokens, spent(journal).reserved_tokens) == (50, 200)
        journal.settle(open_call, reply(20), {})
        assert (spent(journal).tokens, spent(journal).reserved_tokens) == (70, 0)


def test_a_week_is_counted_by_provider(tmp_path):
    at = [NOON]
    with kept(tmp_path, now=lambda: at[0]) as journal:
        for provider, tokens in (("corp", 10), ("corp", 20), ("other", 5)):
            journal.settle(journal.intend(call(provider=provider), ceiling(100), CAPS), reply(tokens), {})
            at[0] += DAY
        assert journal.ledger.week_tokens(NOON + 6 * DAY) == {"corp": 30, "other": 5}
        assert journal.ledger.week_tokens(NOON + 7 * DAY) == {"corp": 20, "other": 5}


def test_a_place_that_cannot_be_written_stops_only_whoever_needs_it(tmp_path):
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(EnvironmentBlockedError), kept(tmp_path):
        pass
    with kept(tmp_path, is_needed=False) as journal:
        journal.intend(call(), ceiling(9), Caps())


MOVES = st.tuples(st.integers(0, 1), st.sampled_from(["settle", "fail", "lose", "kill"]), st.integers(1, 600), st.floats(0, 1))


@settings(max_examples=25, deadline=None)
@given(st.lists(MOVES, min_size=1, max_size=14))
def test_whatever_is_reported_up_to_the_ceiling_and_whoever_is_killed_no_cap_is_passed(tmp_path_factory, moves):
    """Two repositories; a kill leaves a call open, and its run goes on later. What may have been charged is counted in full."""
    folder, charged = tmp_path_factory.mktemp("ledger"), 0
    for place, end, most, share in moves:
        with kept(folder, ("one", "two")[place]) as journal:
            journal.enter("r")
            try:
                number = journal.intend(call(), ceiling(most), CAPS)
            except BudgetSpentError:
                continue
            used = int(most * share)
            if end == "settle":
                journal.settle(number, reply(used), {})
            elif end == "fail":
                journal.fail(number, CallError("overloaded", "busy"))
            elif end == "lose":
                journal.lose(number, CallError("cut", "gone"))
            charged += {"settle": used, "fail": 0, "lose": most, "kill": most}[end]
            assert charged <= 1_000
            assert spent(journal).held_tokens >= charged


def _spend(folder, name, cap, done):
    caps = Caps(day=DayCaps(tokens=cap))
    with kept(folder, name) as journal:
        used = 0
        for number in range(40):
            try:
                one = journal.intend(call(attempt=number), ceiling(30), caps)
            except BudgetSpentError:
                break
            journal.settle(one, reply(number % 31), {})
            used += number % 31
        done.put(used)


def test_two_processes_at_once_share_one_cap(tmp_path):
    context = multiprocessing.get_context("spawn")
    done = context.Queue()
    workers = [context.Process(target=_spend, args=(tmp_path, name, 400, done)) for name in ("one", "two")]
    for worker in workers:
        worker.start()
    used = [done.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert sum(used) <= 400
    assert sum(used) > 400 - 2 * 30, "and it is used up"


def test_many_calls_at_once_of_one_repository_share_it_too(tmp_path):
    refused, numbers = [], []
    with kept(tmp_path) as journal:

        def ask(attempt):
            try:
                numbers.append(journal.intend(call(attempt=attempt), ceiling(300), CAPS))
            except BudgetSpentError as error:
                refused.append(error)

        threads = [threading.Thread(target=ask, args=(attempt,)) for attempt in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(numbers), len(refused)) == (3, 5)
