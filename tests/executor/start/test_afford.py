"""A cap under which a phase can never be paid is refused before anything is bought, with one that would do."""

from decimal import Decimal

import pytest

from autopack.core.budget import Caps, Ceiling
from autopack.core.errors import BudgetSpentError, InvalidInputError
from autopack.core.plan import Checks, PhaseScope, PhaseSpec
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.estimate import CallCost
from autopack.executor.start.afford import First, judge_caps, judge_phase
from tests.support.command import phase_of
from tests.support.run_context import opened

PHASE = PhaseSpec(id="one", description="d", scope=PhaseScope(paths=("a",)), ci=Checks(skip=True, reason="r"))
KEY = {"ANTHROPIC_API_KEY": "k-test"}


def cost(tokens, usd, least=0):
    least_usd = Decimal(0) if usd is not None else None
    return CallCost("m", Ceiling(tokens=tokens, usd=None if usd is None else Decimal(usd)), Ceiling(tokens=least, usd=least_usd))


FIRST = First(builder=cost(1000, "1.00"), auditor=cost(500, "0.50"))


@pytest.mark.parametrize(
    "caps", [Caps(), Caps(run_usd=Decimal("1.00")), Caps(run_tokens=1000), Caps(phase_usd=Decimal("1.00"), phase_tokens=1000)]
)
def test_a_cap_that_fits_the_dearest_single_call_passes(caps):
    judge_phase(PHASE, caps, FIRST)


@pytest.mark.parametrize(
    ("caps", "reason", "by", "enough"),
    [
        (Caps(run_usd=Decimal("0.99"), run_usd_by="option"), "usd", "option", "1.50"),
        (Caps(run_usd=Decimal("0.99"), run_usd_by="plan"), "usd", "plan", "1.50"),
        (Caps(phase_usd=Decimal("0.99")), "usd", "phase", "1.50"),
        (Caps(run_tokens=999, run_tokens_by="configuration"), "tokens", "configuration", "1500"),
        (Caps(phase_tokens=999), "tokens", "phase", "1500"),
    ],
)
def test_a_cap_that_can_never_be_enough_is_refused_with_who_set_it_and_what_would_do(caps, reason, by, enough):
    with pytest.raises(BudgetSpentError) as refused:
        judge_phase(PHASE, caps, FIRST)
    assert (refused.value.reason, refused.value.cap_by) == (reason, by)
    assert "Phase 'one' can never be done under the" in refused.value.message
    assert "nothing was sent" in refused.value.message
    assert enough in refused.value.message


def test_the_audit_counts_on_top_of_the_least_that_the_builder_takes():
    first = First(builder=cost(1000, "1.00", least=600), auditor=cost(500, "0.50"))
    judge_phase(PHASE, Caps(run_tokens=1100), first)
    with pytest.raises(BudgetSpentError):
        judge_phase(PHASE, Caps(run_tokens=1099), first)


def test_a_cap_in_dollars_for_a_model_without_a_price_cannot_be_kept_and_one_in_tokens_can():
    first = First(builder=cost(1000, "1.00"), auditor=cost(500, None))
    with pytest.raises(InvalidInputError, match="no price is known for m"):
        judge_phase(PHASE, Caps(run_usd=Decimal(100)), first)
    judge_phase(PHASE, Caps(run_tokens=1000), first)


def test_a_run_under_a_hopeless_cap_is_refused_for_its_first_phase_that_waits(tmp_path):
    phases = (phase_of("one"), phase_of("two", max_tokens=100))
    with opened(tmp_path, *phases, env=KEY) as run:
        with pytest.raises(BudgetSpentError, match="Phase 'two' can never be done under the phase's cap of 100"):
            judge_caps(run.site, run.ctx.models, run.ctx.state.phases.all())
        run.ctx.state.phases.move("two", PhaseEvent.SKIP)
        judge_caps(run.site, run.ctx.models, run.ctx.state.phases.all())


def test_an_option_counts_for_the_whole_run(tmp_path):
    with opened(tmp_path, env=KEY, options={"max_usd": 0.0001}) as run, pytest.raises(BudgetSpentError) as refused:
        judge_caps(run.site, run.ctx.models, run.ctx.state.phases.all())
    assert refused.value.cap_by == "option"


def test_what_costs_nothing_is_judged_by_no_cap(tmp_path):
    journal = tmp_path / "journal.jsonl"
    journal.write_text('{"journal": 1, "plan_sha256": null, "base_tree": null}\n')
    with opened(tmp_path, phase_of("one", max_tokens=1), options={"replay": journal}) as run:
        judge_caps(run.site, run.ctx.models, run.ctx.state.phases.all())
