import pytest

from autopack.core.error_report import Component
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.redaction import Redactor
from autopack.reporting.error_report import Circumstances, as_text, report_of

CANARY = "canary-key-0123456789"
NOON = 1_700_000_000.0


def broken(run_id, size, api_key):
    is_ready, text, path = True, "some words", f"a/{CANARY}.py"
    raise ValueError(f"no {CANARY} for {size} {text[:0]}{api_key[:0]}{path[:0]}{is_ready and ''}")


def reported(**more):
    try:
        broken("run-1", 42, CANARY)
    except ValueError as error:
        return report_of(error, Circumstances("defect", **more), Redactor([CANARY]), NOON)


def test_a_report_says_what_was_said_and_done_where_and_by_which_versions():
    told = reported(component=Component.CHECKS, run_id="run-1", phase="add", attempt=2, request=f"autopack run --x {CANARY}")
    assert (told.run_id, told.phase, told.attempt, told.time, told.kind) == ("run-1", "add", 2, "2023-11-14T22:13:20Z", "defect")
    assert set(told.versions) == {"autopack", "python", "platform"}
    assert "Traceback" in told.traceback
    assert told.request == "autopack run --x ⟦redacted:1⟧"
    assert "ValueError: no ⟦redacted:1⟧ for 42" in as_text(told)
    assert told.stem == "20231114_221320_checks_ValueError"


def test_locals_are_shown_by_allow_list_and_keys_nowhere():
    told = reported()
    (frame,) = [frame for frame in told.frames if frame.function == "broken"]
    assert frame.locals == {"run_id": "run-1", "size": 42, "is_ready": True, "path": "a/⟦redacted:1⟧.py"}
    assert CANARY not in told.model_dump_json() + as_text(told)


def test_the_component_is_that_of_the_room_that_raised():
    from autopack.settings.yaml_text import resolve
    from autopack.worktree.git import Git

    for broken_call, component in ((lambda: resolve(5), "executor"), (lambda: Git(None, None).run(), "worktree")):
        with pytest.raises((TypeError, AttributeError)) as caught:
            broken_call()
        assert report_of(caught.value, Circumstances("defect"), Redactor(), NOON).component == component


def test_a_failed_attempt_brings_its_evidence():
    failed = AttemptFailed(FailureKind.CHECKS_RED, "one of two tests fails", f"expected 1\x1b[2J {CANARY}")
    told = report_of(failed, Circumstances("checks_red", error_type="ChecksRed"), Redactor([CANARY]), NOON)
    assert (told.error_type, told.evidence, told.traceback, told.frames) == ("ChecksRed", "expected 1⟦U+001B⟧[2J ⟦redacted:1⟧", "", ())


def test_a_deep_stack_and_a_long_message_make_a_bounded_report():
    def deeper(number):
        return deeper(number + 1)

    with pytest.raises(RecursionError) as caught:
        deeper(0)
    told = report_of(caught.value, Circumstances("defect", request="x" * 10**6), Redactor(), NOON)
    assert len(told.model_dump_json()) < 150_000
    assert len(told.frames) == 60


def test_an_errors_words_forge_no_row_of_its_report():
    error = ValueError("no\nphase: other\x1b[2J\u2028run: done")
    told = report_of(error, Circumstances("defect", phase="add", request="a\nrun: b"), Redactor(), NOON)
    text = as_text(told)
    assert [line for line in text.splitlines() if line.startswith(("phase: ", "run: "))] == ["phase: add"]
    assert not any(odd in text + told.model_dump_json() for odd in ("\x1b", "\u2028"))
    assert told.message.startswith("no\nphase: other")
