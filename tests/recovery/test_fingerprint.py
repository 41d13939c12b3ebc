import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopack.core.context import Feedback
from autopack.core.failure import FailureKind as Kind
from autopack.core.fingerprint import fingerprint
from autopack.core.models_settings import ReplanSettings
from autopack.recovery.fingerprint import FailedAttempt, are_alike, is_progress

SETTINGS = ReplanSettings()


def lesson(message, kind=Kind.CHECKS_RED):
    return Feedback(attempt=1, kind=kind, message=message)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Check failed in src/shop/a.py, line 12.", "Check failed in lib/b_c.py, line 907."),
        ("It took 1.5 s at 2026-11-29T22:01:07Z.", "It took 12,75 s at 2025-01-02T03:04:05Z."),
        ("Object at 0x7fe3aa is gone.", "Object at 0xdeadbeef12 is gone."),
        ("Commit 1a2b3c4d5e is gone.", "Commit 99ff00aa77bb is gone."),
        ("Row 6f9619ff-8b86-d011-b42d-00c04fc964ff is gone.", "Row 11111111-2222-3333-4444-555555555555 is gone."),
        ("name 'price' is not defined", 'name "total" is not defined'),
        ("`a` is missing", "`some longer name` is missing"),
    ],
)
def test_what_changes_from_time_to_time_is_taken_out(one, other):
    assert fingerprint(one) == fingerprint(other)


def test_words_stay():
    assert fingerprint("A test fails.") != fingerprint("No test ran.")


def test_short_messages_are_compared_exactly_and_long_ones_nearly():
    long = "The check fails since the module that is under test cannot be loaded"
    assert are_alike(lesson(f"{long} today."), lesson(f"{long} again."), SETTINGS)
    assert not are_alike(lesson("It fails today."), lesson("It fails again."), SETTINGS)
    strict = ReplanSettings(similarity_threshold=1)
    assert not are_alike(lesson(f"{long} today."), lesson(f"{long} again."), strict)
    assert are_alike(
        lesson("It fails today now."), lesson("It fails again now."), ReplanSettings(min_message_length=5, similarity_threshold=0.6)
    )


def test_kinds_are_never_mixed_and_without_similarity_they_are_all_that_counts():
    assert not are_alike(lesson("It fails."), lesson("It fails.", Kind.AUDIT_REJECTED), SETTINGS)
    loose = ReplanSettings(message_similarity_enabled=False)
    assert are_alike(lesson("One thing."), lesson("Quite another."), loose)
    assert not are_alike(lesson("It fails."), lesson("It fails.", Kind.AUDIT_REJECTED), loose)


def test_progress_is_fewer_failing_tests_or_a_later_step():
    def failed(kind, *ids):
        return FailedAttempt(lesson("m", kind), frozenset(ids))

    assert is_progress(failed(Kind.CHECKS_RED, "a", "b"), failed(Kind.CHECKS_RED, "c"))
    assert not is_progress(failed(Kind.CHECKS_RED, "a"), failed(Kind.CHECKS_RED, "b"))
    assert not is_progress(failed(Kind.CHECKS_RED, "a", "b"), failed(Kind.CHECKS_RED)), "a check that tells no tests tells of no progress"
    assert is_progress(failed(Kind.EDIT_REFUSED), failed(Kind.CHECKS_RED, "a"))
    assert is_progress(failed(Kind.CHECKS_RED, "a"), failed(Kind.AUDIT_REJECTED))
    assert not is_progress(failed(Kind.AUDIT_REJECTED), failed(Kind.CHECKS_RED, "a"))


@given(st.text(max_size=400), st.text(max_size=400))
def test_likeness_is_the_same_both_ways_and_a_message_is_like_itself(one, other):
    assert are_alike(lesson(one), lesson(one), SETTINGS)
    assert are_alike(lesson(one), lesson(other), SETTINGS) == are_alike(lesson(other), lesson(one), SETTINGS)


@given(st.text(max_size=200))
def test_a_fingerprint_is_its_own_fingerprint(message):
    assert fingerprint(fingerprint(message)) == fingerprint(message)
