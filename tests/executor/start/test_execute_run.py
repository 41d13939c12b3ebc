"""A start drives its run to an end, and the end is in the run's row: how it ended, why, and with which exit code."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from autopack.core.budget import HoursCap
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.redaction import Redactor
from autopack.executor.start.end_reports import EndReports
from autopack.executor.start.execute_run import Start, execute_run
from autopack.reporting.error_files import errors_folder
from autopack.store.errors import errors_of
from tests.support.command import ONE, oracle_of, phase_of
from tests.support.run_context import CLOCK, opened
from tests.support.server import scripted_server


def start(run, redactor=None, **ctx):
    redactor = redactor or run.ctx.log.redactor
    context = replace(run.ctx, site=replace(run.site, log=replace(run.ctx.log, redactor=redactor)), **ctx)
    reports = EndReports(run.project, "r", redactor, CLOCK.now)
    opens = (run.project.runs, run.project.database.reserve, "r", lambda: nullcontext(context), reports, redactor.redact)
    return Start(*opens, run.ctx.stop, CLOCK.now)


def reported(run):
    """The reports of the run, each of which has its file."""
    reports = errors_of(run.project.database, "r")
    assert all((errors_folder(run.project.records, "r") / f"{report.name}.json").is_file() for report in reports)
    return reports


def ended(run):
    row = run.project.run("r")
    return row.state, row.exit_code


@pytest.fixture
def keyed(tmp_path):
    """Opens runs whose builder and auditor know the answer."""
    with scripted_server(oracle_of({"red": {"docs/notes.txt": "four\n"}, **ONE})) as server:
        yield lambda *phases, **plan: opened(tmp_path, *phases, env=server.environment(), **plan)


def test_a_run_whose_phases_land_is_complete_and_its_work_tree_is_gone(keyed):
    with keyed() as run:
        assert execute_run(start(run)) == "complete"
        assert ended(run) == ("complete", 0)
        assert run.git("show", "autopack/r:app.txt") == "two"
        assert not run.site.slot.folders.root.exists()
        assert run.project.run("r").ended_at is not None


def test_a_run_that_waits_for_a_person_keeps_its_work_tree(keyed):
    with keyed(phase_of("one", gate="hold")) as run:
        execute_run(start(run))
        assert ended(run) == ("held", 4)
        assert run.site.slot.work_tree.place.is_dir()


def test_a_phase_that_fails_takes_those_that_need_it_with_it_and_no_other(keyed):
    red = {"command": "grep three app.txt", "tests": "none"}
    phases = [phase_of("red", "docs/", max_attempts=1, ci=red), phase_of("needs", depends_on=["red"]), phase_of("one", depends_on=[])]
    with keyed(*phases) as run:
        execute_run(start(run))
        assert {row.phase_id: row.state for row in run.ctx.state.phases.all()}["needs"] == "skipped"
        assert run.state("one") == "complete"
        assert ended(run) == ("failed", 1)


def test_a_machine_that_is_not_fit_blocks_the_run_and_says_why_without_secrets(run):
    def unfit():
        raise EnvironmentBlockedError("no room for k-canary-0123456789")

    this = start(run, redactor=Redactor(["k-canary-0123456789"]))
    assert execute_run(replace(this, open_context=unfit)) == "blocked"
    row = run.project.run("r")
    assert row.exit_code == 7
    assert "no room for" in row.message
    assert "canary" not in row.message
    assert "canary" not in "".join(report.model_dump_json() for report in reported(run))


def test_a_defect_is_reported_raised_and_recorded(run):
    def broken():
        raise ZeroDivisionError("of Autopack's own")

    this = start(run)
    with pytest.raises(ZeroDivisionError):
        execute_run(replace(this, open_context=broken))
    assert [report.error_type for report in reported(run)] == ["ZeroDivisionError"]
    assert ended(run)[1] == 70


def test_a_run_that_has_used_up_its_hours_begins_no_attempt(keyed):
    with keyed() as run:
        execute_run(start(run, hours=HoursCap(hours=0, by="plan")))
        row = run.project.run("r")
        assert (row.exit_code, row.cap_by) == (5, "plan")
        assert "it does not begin another attempt" in row.message
        assert run.ctx.state.phases.last_attempt("one") is None


def test_a_wish_to_stop_ends_the_start_before_the_next_phase(keyed):
    with keyed() as run:
        this = start(run)
        this = replace(this, open_context=lambda: _asked_to_stop(run))
        assert execute_run(this) == "interrupted"
        assert run.project.run("r").reason == "stop"
        assert reported(run) == ()
        assert run.state() == "queued"


def _asked_to_stop(run):
    run.project.runs.change("r", stop_requested=True)
    return nullcontext(run.ctx)


def test_each_start_forgets_how_the_last_one_ended(keyed):
    with keyed() as run:
        run.project.runs.change("r", reason="usd", message="too dear", exit_code=5)
        execute_run(start(run))
        row = run.project.run("r")
        assert (row.reason, row.message, row.exit_code) == (None, None, 0)
