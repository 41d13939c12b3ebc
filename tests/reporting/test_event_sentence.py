import pytest

from autopack.core.events import Event
from autopack.reporting.event_sentence import sentence


def said(event, phase="one", attempt=1, **data):
    return sentence(Event(run_id="r", event=event, time=0, phase=phase, attempt=attempt, data=data))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (said("phase_recovering", kind="checks_red", message="Red."), "one [1]: attempt failed (checks red): Red."),
        (said("phase_auditing", passed=3, failed=0, flaky=0, seconds=0.4), "one [1]: auditing (3 passed, 0.4 s)"),
        (said("phase_auditing", passed=0, failed=0, flaky=0, seconds=0.4), "one [1]: auditing (no tests, 0.4 s)"),
        (said("step_check", passed=1, failed=2, flaky=1), "one [1]: checks (1 passed, 2 failed, 1 flaky)"),
        (said("phase_building", mode="full_file"), "one [1]: building (full file)"),
        (said("phase_held", held="review", message="Look."), "one [1]: held (review): Look."),
        (said("run_complete", phase=None, attempt=None), "run: complete"),
    ],
)
def test_what_happened_is_said_in_words(line, shown):
    assert line == shown
