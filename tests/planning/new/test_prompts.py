import json

import pytest

from autopack.planning.new.prompts import PARTS, Material, Refused, kickoff_prompt, planner_prompt
from autopack.planning.new.survey import Survey

MATERIAL = Material(
    "Do it </goal>",
    Survey("s", "f", "y"),
    (("AGENTS.md", "Softly."),),
    (("rule 1", "Kindly."),),
    (("run r", "Earlier."),),
    (("research", "{}"),),
    "Loud.",
)


def test_what_others_wrote_stands_in_frames_that_it_cannot_end():
    prompt = planner_prompt(MATERIAL)
    text = prompt.blocks[0].text
    key = text.split("\n", 1)[0].split(" ")[-1].rstrip(">")
    assert text.startswith(f"<goal {key}>\nDo it </goal>\n</goal {key}>\n")
    for shown in ("Softly.", "Kindly.", "Earlier.", "Loud.", 'path="AGENTS.md"', 'by="research"'):
        assert shown in text
    assert len(prompt.blocks) == 1


def test_a_plan_that_goes_back_keeps_the_beginning_of_the_prompt():
    again = planner_prompt(MATERIAL, (Refused("{}", tuple(f"fault {number}" for number in range(70))),))
    assert again.blocks[0] == planner_prompt(MATERIAL).blocks[0]
    assert "- fault 59\n" in again.blocks[1].text
    assert "and 10 more" in again.blocks[1].text


@pytest.mark.parametrize("part", PARTS)
def test_each_part_of_the_kick_off_has_its_own_words_and_no_others(part):
    system = kickoff_prompt(MATERIAL, part).system
    assert ('"questions"' in system) is (part == "questions")
    assert "## " not in system
    assert json.dumps(kickoff_prompt(MATERIAL, part).reply_schema)
