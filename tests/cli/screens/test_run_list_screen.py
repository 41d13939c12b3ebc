from autopack.cli.screens.run_list_screen import run_list_lines
from autopack.core.states import RunState
from autopack.store.run_list import RunLine

STARTED = 1_796_000_000.0
CAP = "Phase 'add-model' can never be done under the run's cap of $0.30: nothing was sent. Go on with --max-usd 0.97 or more."


def run(run_id, state, message=None):
    return RunLine(
        run_id=run_id,
        state=state,
        reason=None,
        message=message,
        phases_done=1,
        phases_total=3,
        spent_usd=0.01,
        has_unknown_prices=False,
        started=STARTED,
        ended=STARTED + 60,
        branch=f"autopack/{run_id}",
        goal="g",
        until=None,
        project="shop",
    )


NIGHT = (
    run("shop-2026-11-30-3", RunState.STOPPED, CAP),
    run("shop-2026-11-30-2", RunState.COMPLETE),
    run("shop-2026-11-30-1", RunState.HELD, "waits for a person: add-basket."),
)


def test_after_a_night_80_columns_say_why_each_run_stands_where_it_stands():
    lines = [line.plain for line in run_list_lines(NIGHT, 80)]
    assert max(map(len, lines)) <= 80
    assert [line.split()[1] for line in lines if line[:1].strip()] == [one.run_id for one in NIGHT]
    assert CAP in " ".join(line.strip() for line in lines)
    assert lines[-1] == "   waits for a person: add-basket."


def test_on_a_wide_screen_and_in_a_pipe_the_reason_is_a_column_of_its_row():
    for width in (200, None):
        lines = [line.plain for line in run_list_lines(NIGHT, width)]
        assert "WHY" in lines[0].split()
        assert "waits for a person: add-basket." in lines[-1]
        assert lines[-1].split()[1] == "shop-2026-11-30-1"
