from datetime import datetime, timedelta

import pytest

from autopack.cli.times import moment_of, seconds_of
from autopack.core.errors import UsageError

NOON = datetime(2026, 11, 30, 12, 0).astimezone().timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"), [("8h", 28_800), ("90m", 5_400), ("1h30m", 5_400), ("1 h 30 min", 5_400), ("45s", 45), ("0", 0), ("0.5h", 1_800)]
)
def test_durations_are_read_as_people_write_them(text, seconds):
    assert seconds_of(text, "--max-wait") == seconds


@pytest.mark.parametrize("text", ["8", "", "8x", "h", "-1h", "8h later"])
def test_what_is_no_duration_is_said_with_one_that_is(text):
    with pytest.raises(UsageError, match="such as 8h, 90m"):
        seconds_of(text, "--max-wait")


@pytest.mark.parametrize(("text", "hours"), [("13:00", 1), ("07:00", 19), ("12:00", 24), ("7:30", 19.5), ("2026-12-01T12:00", 24)])
def test_a_time_is_the_next_one_that_the_clock_shows(text, hours):
    assert moment_of(text, "--until", NOON) == NOON + timedelta(hours=hours).total_seconds()


@pytest.mark.parametrize("text", ["7", "24:00", "12:60", "tomorrow", ""])
def test_what_is_no_time_is_said_with_one_that_is(text):
    with pytest.raises(UsageError, match="such as 07:00"):
        moment_of(text, "--until", NOON)


def test_a_date_that_is_over_is_refused():
    with pytest.raises(UsageError, match="over already"):
        moment_of("2026-11-30T11:59", "--until", NOON)
