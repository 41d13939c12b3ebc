import pytest

from autopack.core.held import HELD, HeldReason, held_commands
from autopack.core.states import Hold


def test_every_reason_has_a_row_with_commands_that_lead_on():
    assert set(HELD) == set(HeldReason)
    assert all(rule.commands and "{found}" in rule.sentence for rule in HELD.values())


@pytest.mark.parametrize("reason", HeldReason)
def test_a_review_is_approved_or_rejected_and_a_question_answered(reason):
    verbs = [command.split()[1] for command in held_commands(reason, "r one")]
    assert verbs == (["diff", "approve", "reject"] if HELD[reason].asks is Hold.REVIEW else ["retry", "adopt", "skip"])
    assert all("r one" in command and "{" not in command for command in held_commands(reason, "r one", ("a b.py",)))


def test_paths_that_are_asked_for_come_first_and_an_auditor_is_overruled_by_name():
    commands = held_commands(HeldReason.BUILDER_BLOCKED, "r one", ("a b.py", "c.py"))
    assert commands[0] == "autopack retry r one --add-scope 'a b.py' --add-scope c.py"
    assert held_commands(HeldReason.AUDITOR_AGAINST, "r one", is_auditor_against=True)[1] == "autopack approve r one --override audit"
