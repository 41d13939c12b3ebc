import pytest

from autopack.core.asked import DIGITS, asked_digest
from autopack.core.plan import PhaseSpec

PHASE = {
    "id": "one",
    "description": "Make the change.",
    "acceptance_criteria": ["It is made.", "It is green."],
    "scope": {"paths": ["a.txt", "b/"], "read_only_context": ["c.txt"]},
    "ci": {"steps": [{"command": "true", "tests": "none"}]},
}


def digest(**changed):
    return asked_digest(PhaseSpec.model_validate({**PHASE, **changed}))


def test_the_digest_is_short_and_the_same_everywhere():
    assert digest() == "bdb038ccef238af8"
    assert len(digest()) == DIGITS


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "  Make\n  the change.\n"},
        {"scope": {"paths": ["b/", "a.txt", "a.txt"], "read_only_context": ["c.txt"]}},
        {"max_attempts": 2},
        {"ci": {"steps": [{"command": "false", "tests": "none"}]}},
        {"id": "two"},
    ],
)
def test_how_it_is_written_and_how_it_is_worked_on_do_not_count(changed):
    assert digest(**changed) == digest()


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "Make the other change."},
        {"acceptance_criteria": ["It is made."]},
        {"acceptance_criteria": ["It is made. It is green."]},
        {"scope": {"paths": ["a.txt", "b/", "c.txt"]}},
        {"scope": {"paths": ["a.txt", "b/"], "read_only_context": ["c.txt"], "may_add": ["d/"]}},
    ],
)
def test_what_is_asked_for_counts(changed):
    assert digest(**changed) != digest()


def test_an_accent_is_the_same_in_either_form():
    assert digest(description="Caf\u00e9") == digest(description="Cafe\u0301")
