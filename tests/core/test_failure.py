import pytest

from autopack.core.failure import RULES, FailureKind


def test_every_kind_has_its_rule():
    assert set(RULES) == set(FailureKind)


@pytest.mark.parametrize("kind", FailureKind)
def test_every_rule_opens_the_feedback_with_a_sentence(kind):
    assert RULES[kind].lead.endswith(".")
    assert RULES[kind].label
