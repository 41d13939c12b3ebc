"""What goes wrong in an attempt is a report: of which component, with what was asked, without secrets, and two files of each."""

from dataclasses import replace

import pytest

from autopack.core.call import Role
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.error_report import Component
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.plan import Checks, CheckStep
from autopack.core.redaction import Redactor
from autopack.executor.attempt.error_reports import of_attempt, of_final_checks, of_provider, of_reply, write_files
from autopack.executor.attempt.recover_phase import record_failure
from autopack.llm.calls.options import Notice
from autopack.llm.wire import WireFailure, WireKind


def failed(kind=FailureKind.CHECKS_RED, message="1 test failed"):
    return AttemptFailed(kind, message, "")


def test_a_red_check_is_reported_with_its_command(run):
    step = run.begin()
    report = of_attempt(run.ctx.state, run.ctx.log, run.phase(), step.key, failed())
    assert (report.component, report.kind, report.phase, report.attempt) == (Component.CHECKS, "checks_red", "one", 1)
    assert report.request == "sh check.sh"
    assert report.message == "1 test failed"


@pytest.mark.parametrize(
    ("kind", "component"),
    [
        (FailureKind.REPLY_MALFORMED, Component.BUILDER),
        (FailureKind.AUDIT_REJECTED, Component.AUDITOR),
        (FailureKind.ENVIRONMENT, Component.CHECKS),
    ],
)
def test_the_component_is_that_of_the_failures_kind(run, kind, component):
    step = run.begin()
    assert of_attempt(run.ctx.state, run.ctx.log, run.phase(), step.key, failed(kind)).component is component


def test_where_nothing_was_asked_a_reply_is_reported_without_a_request(run):
    step = run.begin()
    report = of_reply(run.ctx.state, run.ctx.log, step.key.asking(Role.DOCTOR), failed(), "unusable")
    assert (report.component, report.request, report.call) == (Component.DOCTOR, None, None)


def test_no_secret_is_in_a_report(run):
    step = run.begin()
    log = replace(run.ctx.log, redactor=Redactor(["k-canary-0123456789"]))
    report = of_attempt(run.ctx.state, log, run.phase(), step.key, failed(message="it said k-canary-0123456789"))
    assert "canary" not in report.model_dump_json()


def test_a_provider_is_reported_where_it_was_given_up_and_no_other_notice_is(run):
    step = run.begin()
    assert of_provider(run.ctx.state, run.ctx.log, step.key.asking(Role.BUILDER), Notice("wire_wait", {"until": 1})) is None
    failure = WireFailure(WireKind.OVERLOADED, "busy", is_definite=True)
    notice = Notice("route_given_up", {"message": "anthropic is overloaded"}, failure)
    report = of_provider(run.ctx.state, run.ctx.log, step.key.asking(Role.BUILDER), notice)
    assert (report.component, report.kind, report.message) == (Component.LLM, "overloaded", "anthropic is overloaded")


def test_final_checks_are_reported_where_they_are_red(run):
    checks = Checks(steps=(CheckStep(command="make final"),))
    green = CheckReport(status=CheckStatus.GREEN)
    assert of_final_checks(run.ctx.log, checks, green) is None
    red = CheckReport(status=CheckStatus.RED, failure=FailureKind.CHECKS_RED, message="red")
    report = of_final_checks(run.ctx.log, checks, red)
    assert (report.component, report.request, report.phase) == (Component.CHECKS, "make final", None)


def test_each_report_has_two_files_that_are_made_again_where_they_are_gone(run):
    record_failure(run.site, run.ctx.models, run.phase(), run.begin().key, failed())
    folder = run.ctx.state.records.parent / "r" / "errors"
    names = sorted(path.name for path in folder.iterdir())
    assert [name.rpartition(".")[2] for name in names] == ["json", "txt"]
    for path in folder.iterdir():
        path.unlink()
    write_files(run.ctx.state)
    assert sorted(path.name for path in folder.iterdir()) == names
