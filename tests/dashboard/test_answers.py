import pytest

from autopack.core.status import HeldStatus, PhaseStatus
from autopack.dashboard.pages.answers import Facts, answers_to

FACTS = Facts("autopack/r", "aaaaaaaaaa", "cccccccccc")


def answers(state, facts=FACTS, **keys):
    return {one.verb: one for one in answers_to(PhaseStatus(id="one", state=state, attempts=1, **keys), facts)}


@pytest.mark.parametrize(
    ("state", "held", "verbs"),
    [
        ("held", "review", ["approve", "reject", "skip"]),
        ("held", "question", ["retry", "adopt", "skip"]),
        ("failed", None, ["retry"]),
        ("skipped", None, ["retry"]),
        ("rolled_back", None, ["retry"]),
        ("queued", None, []),
        ("building", None, []),
        ("complete", None, []),
    ],
)
def test_each_state_offers_the_verbs_that_are_taken_there(state, held, verbs):
    assert list(answers(state, held=held)) == verbs


def test_a_button_says_what_it_does_and_to_which_commit():
    review, question = answers("held", held="review"), answers("held", held="question")
    assert review["approve"].does == "Approve: cccccccccc lands on autopack/r at aaaaaaaaaa"
    assert review["reject"].does == "Reject cccccccccc: the builder tries again and reads the note"
    assert question["retry"].does == "Retry: one gets fresh attempts on autopack/r at aaaaaaaaaa"
    assert all("autopack/r at aaaaaaaaaa" in one.does for one in question.values())


def test_what_only_the_auditor_is_against_is_approved_by_a_word_more():
    against = answers("held", Facts("autopack/r", "a", "c", is_auditor_against=True), held="review")["approve"]
    assert "override" in against.fields
    assert against.does.endswith("although the auditor is against it")
    assert "override" not in answers("held", held="review")["approve"].fields


def test_paths_are_offered_where_the_builder_asks_for_them():
    asks = HeldStatus(reason="builder_blocked", message="", paths=("docs/a.txt",))
    assert "paths" in answers("held", held="question", held_because=asks)["retry"].fields
    assert "paths" not in answers("held", held="question")["retry"].fields
