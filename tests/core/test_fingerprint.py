import pytest

from autopack.core.fingerprint import are_near, fingerprint

LONG = "the check of the basket is red since a voucher is missing"


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (LONG, LONG, True),
        (LONG, LONG.replace("basket", "bucket"), True),
        (LONG, "another thing altogether went wrong with the weather report", False),
        ("red", "rod", False),
        ("", "", True),
    ],
)
def test_only_long_texts_need_not_be_the_same(one, other, near):
    assert are_near(one, other) is near
    assert are_near(other, one) is near


def test_a_fingerprint_has_no_line_number_path_or_quote():
    assert fingerprint("app.py:12: 'x' is\n 3 not 4") == fingerprint("lib/b.py:99: `y` is 5 not 6")
