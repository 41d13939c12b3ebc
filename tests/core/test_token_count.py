import pytest

from autopack.core.token_count import Counted, estimated_tokens


def test_a_token_is_four_characters_and_one_for_each_outside_ascii():
    assert estimated_tokens(("x" * 400, "漢" * 10)) == 110


@pytest.mark.parametrize(
    ("estimated", "reported", "characters"),
    [(0, 0, 4.0), (1_000_000, 1_000_000, 4.0), (1_000_000, 1_330_000, 3.0), (1_000_000, 800_000, 5.0), (1_000_000, 1_020_000, 4.0)],
)
def test_what_replies_report_says_how_many_characters_a_token_has(estimated, reported, characters):
    assert Counted(estimated=estimated, reported=reported).characters_per_token == characters


def test_one_short_prompt_changes_little():
    assert Counted(estimated=100, reported=300).characters_per_token == 3.75


@pytest.mark.parametrize(("reported", "characters"), [(1, 8.0), (10**9, 1.5)])
def test_no_report_is_believed_beyond_reason(reported, characters):
    assert Counted(estimated=100_000, reported=reported).characters_per_token == characters
