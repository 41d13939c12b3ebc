"""What streams are told: each event once, whoever comes when, and all of it from one reader."""

import asyncio
import json

import pytest

from autopack.core.live import Live
from autopack.dashboard.access.scope import Scope
from autopack.dashboard.problems import Problem
from autopack.dashboard.streams.feeds import MOST, Feeds
from autopack.dashboard.streams.run_reader import RunReader
from autopack.dashboard.streams.subscription import MOST as WAITING
from autopack.dashboard.streams.subscription import ServerSentEvent, Subscription
from autopack.store.live import put_live


def ever():
    return True


@pytest.fixture
def place(desk):
    return desk.server.places.all[0]


def texts(messages):
    return [json.loads(one.raw_data).get("message") for one in messages if one.id]


def test_a_reader_tells_what_came_since_its_last_look_once(told, place):
    told.tell("note", message="before")
    reader = RunReader(place, "shop-1")
    assert texts(reader.new()) == []
    told.tell("note", message="one")
    told.tell("note", message="two")
    assert texts(reader.new()) == ["one", "two"]
    assert reader.new() == ()
    reader.close()


def test_what_the_run_does_at_this_moment_is_told_as_it_changes_and_when_it_is_over(told, place):
    reader = RunReader(place, "shop-1")
    reader.new()
    put_live(told.database, "shop-1", Live(run_id="shop-1", time=1.0, phase="add-model", model="p/m", characters=12))
    (live,) = reader.new()
    assert (live.event, live.id, json.loads(live.raw_data)["characters"]) == ("live", None, 12)
    assert [one.event for one in reader.first()] == ["state", "live"]
    put_live(told.database, "shop-1", None)
    (over,) = reader.new()
    assert json.loads(over.raw_data)["model"] is None
    reader.close()


def test_a_killed_process_is_told_though_it_writes_no_event(told, place, tmp_path):
    from autopack.executor.lock import run_lock

    told.start()
    locks = told.repo / ".git" / "autopack" / "locks"
    reader = RunReader(place, "shop-1")
    with run_lock(locks, "shop-1"):
        (state,) = [one for one in reader.new() if one.event == "state"]
        assert json.loads(state.raw_data) == {"schema": 1, "run_id": "shop-1", "state": "running"}
    states = [one for _ in range(5) for one in reader.new()]
    assert [json.loads(one.raw_data)["state"] for one in states] == ["interrupted"]
    reader.close()


def test_all_who_watch_are_told_the_same_by_one_reader_and_it_ends_with_the_last(told, place):
    async def watch():
        feeds = Feeds(asyncio.Event())
        async with feeds.watching(place, "shop-1", ever) as first, feeds.watching(place, "shop-1", ever) as second:
            (feed,) = feeds._feeds.values()
            told.tell("note", message="news")
            heard = [await _first_event(one) for one in (first, second)]
        await feed._task
        return heard, feeds._feeds

    heard, feeds = asyncio.run(watch())
    assert texts(heard) == ["news", "news"]
    assert feeds == {}


def test_streams_end_when_the_server_is_told_to_end(place):
    async def watch():
        closing = asyncio.Event()
        async with Feeds(closing).watching(place, "shop-1", ever) as mine:
            closing.set()
            return [one.event async for one in mine.messages()]

    assert asyncio.run(watch()) in (["state"], [])


@pytest.mark.parametrize("rotates", [False, True], ids=["as it expires", "as all tokens are ended"])
def test_a_stream_ends_with_its_readers_token(desk, place, rotates):
    access = desk.server.access
    caller = access.judge(access.token("test", Scope.READ, 60))

    async def watch():
        async with Feeds(asyncio.Event()).watching(place, "shop-1", lambda: access.holds(caller)) as mine:
            await anext(mine.messages())
            if rotates:
                access.rotate(ends_all=True)
            else:
                desk.time.pass_s(61)
            return [one.id async for one in mine.messages()]

    assert asyncio.run(watch()) == []


def test_a_stream_goes_on_when_keys_are_rotated_and_old_tokens_hold(desk):
    access = desk.server.access
    caller = access.judge(access.token("test", Scope.READ, 60))
    access.rotate(ends_all=False)
    assert access.holds(caller)


def test_whoever_does_not_read_along_is_cut_off():
    async def lag():
        slow = Subscription(0, ever)
        for number in range(WAITING + 5):
            slow.put(ServerSentEvent(raw_data="{}", id=str(number)))
        return [one async for one in slow.messages()]

    assert asyncio.run(lag()) == []


def test_so_many_streams_are_open_at_most():
    feeds = Feeds(asyncio.Event())
    opened = [feeds.stream() for _ in range(MOST)]
    for one in opened:
        one.__enter__()
    with pytest.raises(Problem, match="50 streams are open"), feeds.stream():
        pass
    opened[0].__exit__(None, None, None)
    with feeds.stream():
        assert feeds.streams == MOST


async def _first_event(subscription):
    async for message in subscription.messages():
        if message.id:
            return message
    raise AssertionError("the stream ended without an event")
