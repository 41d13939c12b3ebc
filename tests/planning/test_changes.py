from autopack.planning.changes import differences
from tests.support.plans import FULL, plan


def told(before, after, text=FULL):
    assert before in text
    return differences(plan(text), plan(text.replace(before, after)))


def test_the_same_plan_written_otherwise_is_no_change():
    assert differences(plan(FULL), plan("# a comment\n" + FULL.replace("[AGENTS.md]", "\n  - AGENTS.md"))) == ()


def test_changed_keys_are_named_with_both_values():
    assert told("complexity: low", "complexity: high") == ("phase 'add-parser', `complexity`: low -> high",)
    assert told("max_attempts: 5", "max_attempts: 7") == ("phase 'add-parser', `max_attempts`: 5 -> 7",)
    assert told("baseline: strict", "baseline: parent") == ("phase 'add-parser', `ci.baseline`: strict -> parent",)
    assert told("description: The model.", "description: Another model.") == (
        "phase 'add-model', `description`: The model. -> Another model.",
    )
    assert told("max_usd: null, max_tokens", "max_usd: 5, max_tokens") == ("`budget.max_usd`: nothing -> 5.0",)


def test_lists_tell_what_came_and_went():
    assert told("[src/, tests/test_a.py", "[tests/test_a.py, lib/") == ("phase 'add-parser', `scope.paths`: without src/ and with lib/",)
    assert told("pytest -q", "pytest -x") == ("phase 'add-model', `ci.steps`: without pytest -q and with pytest -x",)


def test_a_long_text_is_not_repeated():
    long = "word " * 50
    assert told(
        "description: The model.", f"description: {long}", FULL.replace("The model.", long + "x").replace(long + "x", "The model.")
    )[0].endswith("…")


def test_phases_that_came_went_or_moved_are_named():
    text = (
        "version: 1\ngoal: g\ndefaults: {scope: {paths: [x]}, ci: {command: x}}\nphases:\n"
        "  - {id: a, description: d, depends_on: []}\n  - {id: b, description: d, depends_on: []}\n"
    )
    moved = text.replace("id: a", "id: z").replace("id: b", "id: a").replace("id: z", "id: b")
    assert differences(plan(text), plan(moved)) == ("the phases stand in another order: b, a",)
    assert differences(plan(text), plan(text.replace("id: b", "id: c"))) == ("phase 'b' was removed", "phase 'c' was added")
