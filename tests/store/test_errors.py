from autopack.core.error_report import ErrorReport
from autopack.core.events import Event
from autopack.core.failure import FailureKind
from autopack.core.transitions import RunEvent
from autopack.store.attempts import Failed
from autopack.store.errors import add_error, errors_of
from autopack.store.phase_changes import Approved


def report(run_id="r", **keys):
    given = {"time": "2026-11-30T03:15:09Z", "component": "checks", "error_type": "ChecksRed", "kind": "checks_red", "message": "m"}
    return ErrorReport.model_validate({**given, "versions": {}, "run_id": run_id, **keys})


STEM = "20261130_031509_checks_ChecksRed"


def test_reports_are_numbered_by_run_and_no_two_of_a_run_share_a_name(kept):
    kept.create("s")
    given = [report(), report(phase="one"), report("s"), report(error_type="ChecksRedder"), report(phase="two", message="other")]
    with kept.database.write() as session:
        added = [add_error(session.connection(), one) for one in given]
    assert [(one.run_id, one.number, one.name) for one in added][:4] == [
        ("r", 1, STEM),
        ("r", 2, f"{STEM}-2"),
        ("s", 1, STEM),
        ("r", 3, f"{STEM}der"),
    ]
    names = [one.name for one in added if one.run_id == "r"]
    assert len(set(names)) == len(names)
    assert errors_of(kept.database, "r") == tuple(one for one in added if one.run_id == "r")
    assert errors_of(kept.database, "nobody") == ()


def test_a_report_is_written_with_what_fails(kept):
    kept.start()
    key = kept.begin()
    kept.fail(key, Failed(FailureKind.CHECKS_RED, "m", report=report(message="an attempt")))
    kept.phases.record_step(key, "doctor", "{}", None, Approved(note="", override=None, error=report(message="a step")))
    kept.events.tell(Event(run_id="r", event="note", time=1.0), report(message="an event"))
    kept.runs.move("r", RunEvent.STOP, report(message="the end"))
    assert [one.message for one in errors_of(kept.database, "r")] == ["an attempt", "a step", "an event", "the end"]


def test_the_log_does_not_hold_the_report_a_second_time(kept):
    kept.start()
    key = kept.begin()
    kept.phases.record_step(key, "doctor", "{}", None, Approved(note="n", override=None, error=report()))
    assert kept.seen[-1].data == {"note": "n", "override": None}
