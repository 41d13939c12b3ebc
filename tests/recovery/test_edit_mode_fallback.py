import pytest

from autopack.core.context import Feedback
from autopack.core.failure import FailureKind as Kind
from autopack.recovery.edit_mode_fallback import next_mode, wants_higher_cap


def history(*kinds, mode="full_file"):
    return tuple(Feedback(attempt=number, kind=kind, message="m", mode=mode) for number, kind in enumerate(kinds, 1))


def test_nothing_is_forced_before_anything_failed():
    assert next_mode((), is_small=True) is None


def test_a_refused_edit_is_asked_for_again_in_the_same_mode():
    assert next_mode(history(Kind.EDIT_REFUSED), is_small=True) is None


@pytest.mark.parametrize("mode", ["full_file", "diff", "structured_edit"])
def test_a_cut_reply_asks_for_structured_edits_and_more_room(mode):
    cut = history(Kind.REPLY_CUT, mode=mode)
    assert next_mode(cut, is_small=True) == "structured_edit"
    assert wants_higher_cap(cut)
    assert not wants_higher_cap(history(Kind.EDIT_REFUSED))


def test_a_whole_file_reply_that_does_not_parse_asks_for_structured_edits():
    assert next_mode(history(Kind.REPLY_MALFORMED), is_small=True) == "structured_edit"
    assert next_mode(history(Kind.REPLY_MALFORMED, mode="diff"), is_small=True) is None


@pytest.mark.parametrize(
    ("mode", "is_small", "expected"),
    [
        ("full_file", True, "structured_edit"),
        ("diff", False, "structured_edit"),
        ("structured_edit", True, "full_file"),
        ("structured_edit", False, "diff"),
    ],
)
def test_two_refusals_in_one_mode_ask_for_another(mode, is_small, expected):
    assert next_mode(history(Kind.EDIT_REFUSED, Kind.SYNTAX, mode=mode), is_small=is_small) == expected


def test_a_mode_once_forced_stays_so_that_the_prompt_stays():
    lessons = (*history(Kind.REPLY_CUT), *history(Kind.CHECKS_RED, Kind.AUDIT_REJECTED, mode="structured_edit"))
    assert next_mode(lessons, is_small=True) == "structured_edit"


def test_edits_that_could_be_placed_clear_the_count():
    assert next_mode(history(Kind.EDIT_REFUSED, Kind.CHECKS_RED, Kind.EDIT_REFUSED), is_small=True) is None


def test_a_failure_that_says_nothing_of_the_mode_leaves_the_count():
    assert next_mode(history(Kind.EDIT_REFUSED, Kind.SCOPE_VIOLATION, Kind.EDIT_REFUSED), is_small=True) == "structured_edit"


def test_after_a_cut_reply_whole_files_are_not_tried_again():
    lessons = (*history(Kind.REPLY_CUT), *history(Kind.EDIT_REFUSED, Kind.EDIT_REFUSED, mode="structured_edit"))
    assert next_mode(lessons, is_small=True) == "diff"


def test_every_second_refusal_changes_the_mode_for_as_long_as_it_goes_on():
    seen, lessons = [], ()
    for attempt in range(1, 9):
        mode = next_mode(lessons, is_small=True) or "diff"
        seen.append(mode)
        lessons = (*lessons, Feedback(attempt=attempt, kind=Kind.EDIT_REFUSED, message="m", mode=mode))
    assert seen == ["diff", "diff", "structured_edit", "structured_edit", "full_file", "full_file", "structured_edit", "structured_edit"]
