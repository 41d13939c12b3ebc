import json

import pytest

from autopack.core.call import Reply, StopReason, Usage
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.review.verdict import read_verdict
from tests.support.text_tree import phase_of

WHOLE = {
    "verdict": "approve", "confidence": 1, "summary": "Fine.",
    "issues": [{"severity": "minor", "path": None, "line": None, "message": "taste"}],
    "criteria": [{"criterion": "1", "met": True, "evidence": "a.py:3"}], "failure_kind": None,
}  # fmt: skip


def read(text, stop=StopReason.END):
    reply = Reply(
        text=text if isinstance(text, str) else json.dumps(text),
        stop=stop,
        usage=Usage(),
        provider="p",
        requested_model="m",
        answering_model="m",
        received_at=0,
    )
    return read_verdict(reply, phase_of("a.py", acceptance_criteria=("It rounds", "2 seconds at most", "It is documented")))


def reason(text, stop=StopReason.END):
    with pytest.raises(AttemptFailed) as caught:
        read(text, stop)
    assert caught.value.kind is FailureKind.AUDIT_UNREADABLE
    return caught.value.message


def test_a_whole_verdict_is_read():
    verdict = read(WHOLE)
    assert verdict.verdict == "approve"
    assert verdict.issues[0].path is None
    assert verdict.criteria[0].criterion == "It rounds"


def test_a_verdict_in_its_only_fence_is_read():
    assert read(f"Here it is:\n```json\n{json.dumps(WHOLE, indent=1)}\n```\nBye").verdict == "approve"


@pytest.mark.parametrize(
    ("answer", "criterion"),
    [
        ("2", "2 seconds at most"),
        ("#3", "It is documented"),
        ("3. It is documented somewhere", "It is documented"),
        ("Criterion 1:", "It rounds"),
        ("2 seconds at most", "2 seconds at most"),
        ("1.5 seconds at most", "1.5 seconds at most"),
        ("9", "9"),
        ("It rounds", "It rounds"),
    ],
)
def test_criteria_may_be_answered_by_number_or_by_text(answer, criterion):
    assert read({**WHOLE, "criteria": [{"criterion": answer, "met": True, "evidence": ""}]}).criteria[0].criterion == criterion


def test_unknown_keys_and_nulls_are_passed_over():
    verdict = read({**WHOLE, "mood": "good", "summary": None, "issues": [{"severity": "minor", "message": "m", "fix": "x"}]})
    assert verdict.summary == ""
    assert verdict.issues[0].message == "m"


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "maybe"},
        {"verdict": None},
        {"confidence": 1.5},
        {"confidence": "high"},
        {"confidence": True},
        {"issues": {}},
        {"issues": ["bad"]},
        {"issues": [{"severity": "blocker", "message": "m"}]},
        {"issues": [{"severity": "minor", "message": "m", "line": "3"}]},
        {"criteria": [{"criterion": "1", "met": "yes"}]},
        {"criteria": [{"criterion": "1"}]},
        {"failure_kind": "bad_luck"},
    ],
)
def test_what_does_not_have_the_shape_does_not_count(change):
    assert "shape of a verdict" in reason({**WHOLE, **change})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I approve.",
        "[]",
        '"approve"',
        json.dumps(WHOLE) + " fine",
        '{"verdict": "approve", "verdict": "reject"}',
        '{"verdict": "approve", "confidence": NaN}',
        "```json\n{}\n```\n```json\n{}\n```",
        "{" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
    ],
)
def test_what_is_not_one_object_does_not_count(text):
    assert "auditor's reply" in reason(text)


def test_a_cut_or_declined_review_does_not_count_though_it_parses():
    assert "cut off" in reason(WHOLE, StopReason.MAX_TOKENS)
    assert "declined" in reason(WHOLE, StopReason.REFUSAL)
