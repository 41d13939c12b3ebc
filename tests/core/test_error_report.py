import pytest

from autopack.core.error_report import COMPONENTS, Component, ErrorReport
from autopack.core.failure import FailureKind


def report(**keys):
    given = {"time": "2026-11-30T03:15:09Z", "component": "checks", "error_type": "ChecksRed", "kind": "checks_red", "message": "m"}
    return ErrorReport.model_validate({**given, "versions": {}, **keys})


def test_every_kind_of_failure_is_somebodys():
    assert set(COMPONENTS) == set(FailureKind)


@pytest.mark.parametrize(
    ("keys", "stem"),
    [
        ({}, "20261130_031509_checks_ChecksRed"),
        ({"time": "2026-11-30T04:15:09+01:00"}, "20261130_031509_checks_ChecksRed"),
        ({"component": Component.LLM, "error_type": "../Odd Name"}, "20261130_031509_llm_Odd-Name"),
        ({"error_type": "…"}, "20261130_031509_checks_x"),
    ],
)
def test_files_are_named_by_utc_time_component_and_type(keys, stem):
    assert report(**keys).stem == stem
