import json
import re

import pytest

from autopack.core.call import Reply, StopReason, Usage
from autopack.core.plan import Checks, CheckStep, PhaseScope, PhaseSpec
from autopack.recovery.advice_reply import AdviceUnusable
from autopack.recovery.replan import read_replan

PHASE = PhaseSpec(
    id="one",
    description="d",
    scope=PhaseScope(paths=("a.py",)),
    ci=Checks(steps=(CheckStep(command="true"),)),
    acceptance_criteria=("Prices are whole cents.", "No price is negative."),
)
SOUND = {
    "description": "The same in clearer words.",
    "acceptance_criteria": ["prices are  whole cents.", "No price is negative."],
    "builder_mode": "diff",
    "approach": "Begin with the parser.",
}


def reply(text, stop=StopReason.END):
    text = text if isinstance(text, str) else json.dumps(text)
    return Reply(text=text, stop=stop, usage=Usage(), provider="p", requested_model="m", answering_model="m", received_at=0)


def test_a_sound_replan_says_how_and_in_which_form():
    replan = read_replan(reply(SOUND), PHASE)
    assert (replan.mode, replan.refused) == ("diff", None)
    assert replan.advice == "The same in clearer words.\nBegin with the parser."


def test_further_criteria_are_told_to_the_builder_besides():
    replan = read_replan(reply({**SOUND, "acceptance_criteria": [*PHASE.acceptance_criteria, "Zero is a price."]}), PHASE)
    assert "- Zero is a price." in replan.advice


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"scope": {"paths": ["./"]}}, "It would change the scope"),
        ({"may_add": ["lib/"]}, "It would change the scope"),
        ({"ci": {"command": "true"}}, "It would touch the check"),
        ({"check": "true"}, "It would touch the check"),
        ({"goal": "Another."}, "It would change the goal"),
        ({"allow_mass_deletion": True}, "It sets what it was not asked for"),
        ({"acceptance_criteria": ["Prices are whole cents."]}, "drop or reword a criterion (No price is negative.)"),
        ({"acceptance_criteria": None}, "drop or reword a criterion"),
        ({"approach": " "}, "nothing of how to go about it"),
        ({"approach": 3}, "does not have the shape"),
        ({"builder_mode": "poem"}, "does not have the shape"),
    ],
)
def test_what_is_not_a_replanners_is_refused(change, sentence):
    with pytest.raises(AdviceUnusable, match=re.escape(sentence)):
        read_replan(reply({**SOUND, **change}), PHASE)


@pytest.mark.parametrize("text", ["", "Let me think.", "[]", json.dumps(SOUND)[:-9]])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(AdviceUnusable, match="not the one JSON object"):
        read_replan(reply(text), PHASE)


def test_a_cut_and_a_declined_reply_are_refused():
    with pytest.raises(AdviceUnusable, match="cut off"):
        read_replan(reply(SOUND, StopReason.MAX_TOKENS), PHASE)
    with pytest.raises(AdviceUnusable, match="declined"):
        read_replan(reply(SOUND, StopReason.REFUSAL), PHASE)
