from decimal import Decimal

import pytest

from autopack.core.budget import Caps, Ceiling, Spent, fits, misfit

CALL = Ceiling(tokens=100, usd=Decimal("0.50"))


@pytest.mark.parametrize(
    ("caps", "run", "phase", "is_fit"),
    [
        (Caps(), Spent(usd=Decimal(9_999), tokens=10**9), Spent(), True),
        (Caps(run_usd=Decimal(1)), Spent(usd=Decimal("0.50")), Spent(), True),
        (Caps(run_usd=Decimal(1)), Spent(usd=Decimal("0.50"), reserved_usd=Decimal("0.01")), Spent(), False),
        (Caps(phase_usd=Decimal(1)), Spent(usd=Decimal(50)), Spent(usd=Decimal("0.5")), True),
        (Caps(phase_usd=Decimal(1)), Spent(), Spent(reserved_usd=Decimal("0.51")), False),
        (Caps(run_tokens=100), Spent(), Spent(), True),
        (Caps(run_tokens=100), Spent(tokens=1), Spent(), False),
        (Caps(phase_tokens=100), Spent(tokens=500), Spent(reserved_tokens=1), False),
    ],
)
def test_a_call_fits_if_even_its_ceiling_stays_under_every_cap(caps, run, phase, is_fit):
    assert fits(CALL, caps, run, phase) is is_fit


def test_the_sentence_says_what_is_spent_what_is_held_and_what_to_do():
    found = misfit(CALL, Caps(run_usd=Decimal(1)), Spent(usd=Decimal("0.4"), reserved_usd=Decimal("0.2512")), Spent())
    assert found is not None
    assert found.message == (
        "The next call may cost up to $0.50, more than the run's cap of $1.00 leaves ($0.40 spent and $0.2512 held for calls whose end "
        "is not known); nothing was sent. Go on with a higher --max-usd."
    )


def test_an_unknown_price_refuses_a_cap_in_dollars_and_no_other():
    unpriced = Ceiling(tokens=100, usd=None)
    refused = misfit(unpriced, Caps(phase_usd=Decimal(5)), Spent(), Spent())
    assert refused is not None
    assert refused.reason == "price"
    assert misfit(unpriced, Caps(run_tokens=100), Spent(unknown_prices=3), Spent()) is None
