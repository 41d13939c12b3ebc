import json

import pytest

from autopack.core.call import Reply, StopReason, Usage
from autopack.planning.new.judge import Bench, judge_reply
from autopack.planning.new.write import draft_of_reply
from autopack.planning.phase_draft import plan_text
from autopack.planning.surroundings import PlanSurroundings

PHASE = {
    "id": "one",
    "description": "Change a.py.",
    "acceptance_criteria": ["c"],
    "scope": {"paths": ["a.py"], "read_only_context": []},
    "max_attempts": 3,
    "max_tokens": 1000,
}
SURROUNDINGS = PlanSurroundings(paths=frozenset(("a.py", "docs/b.md")), variables=frozenset())
BENCH = Bench("shop", {"defaults": {"ci": {"command": "pytest"}}}, SURROUNDINGS, frozenset())


def judged(*phases, stop=StopReason.END, text=None, **keys):
    said = text if text is not None else json.dumps({"goal": "g", "phases": list(phases), **keys})
    reply = Reply(text=said, stop=stop, usage=Usage(), provider="p", requested_model="m", answering_model="m", received_at=0)
    return judge_reply(reply, BENCH)


def faults(*phases, **keys):
    return [(fault.phase, fault.message) for fault in judged(*phases, **keys).faults]


def test_a_sound_plan_gets_version_and_check_by_itself():
    found = judged(PHASE)
    assert found.faults == ()
    assert (found.document["version"], found.document["defaults"]) == (1, {"ci": {"command": "pytest"}})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"acceptance_criteria": []}, "phase 'one' has no `acceptance_criteria`; it is asked of every phase."),
        ({"max_tokens": None}, "phase 'one' has no `max_tokens`; it is asked of every phase."),
        ({"scope": {"paths": ["a.py"]}}, "phase 'one' says nothing of `scope.read_only_context`; write [] if it needs none."),
        ({"ci": {"skip": True, "reason": "r"}}, "phase 'one': it skips its check, which this project has."),
        ({"depends_on": ["x"]}, "phase 'one' depends on 'x', which is no phase; name a phase of this plan."),
        ({"scope": {"paths": [".git/x"], "read_only_context": []}}, "phase 'one': `scope.paths`: `.git/x` can never be changed"),
        ({"ci": {"command": "c", "env_from": ["OPENAI_API_KEY"]}}, "holds a provider's key"),
    ],
)
def test_every_fault_is_told_at_its_phase(change, sentence):
    found = faults({**PHASE, "id": "zero"}, {**PHASE, **change})
    assert [number for number, message in found if sentence in message] == [1]


@pytest.mark.parametrize(
    ("entry", "description", "is_sound"),
    [
        ("new.py", "Make new.py.", True),
        ("new.py", "Make it.", False),
        ("src/", "Make the folder src.", True),
        ("src/", "Make it.", False),
        ("*.js", "Make *.js.", False),
        ("b.py", "Make b.py.", False),
    ],
)
def test_what_a_scope_names_exists_or_is_named_as_new(entry, description, is_sound):
    scope = {"paths": [entry], "read_only_context": []}
    assert (faults({**PHASE, "description": description, "scope": scope}) == []) is is_sound


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"stop": StopReason.REFUSAL}, "declines"),
        ({"stop": StopReason.MAX_TOKENS}, "cut off"),
        ({"text": "Sure!"}, "not the one JSON object"),
        ({"text": '{"goal": "g", "phases": 1}'}, "`phases` must be a list"),
    ],
)
def test_a_reply_that_is_no_plan_says_why(keys, sentence):
    assert any(sentence in message for message in judged(**keys).sentences)


def test_faults_are_written_where_they_are():
    found = judged(PHASE, {**PHASE, "id": "two", "max_tokens": 0}, budget={"max_usd": -1})
    text = plan_text(draft_of_reply(found.document, found.faults, SURROUNDINGS))
    head, last = text.split("  - id: one")
    assert "# WRONG: `budget.max_usd` must be above 0, not `-1`." in head
    assert "# WRONG: phase 'two' has no `max_tokens`; it is asked of every phase." in last
    assert last.index("WRONG") < last.index("id: two")
