import pytest

from autopack.core.rules import Rule, RuleOrigin, RuleState
from autopack.core.scope import overlap


def rule(**keys):
    return Rule.model_validate({"name": "r-1", "project": "shop", "text": "t", "origin": "run", **keys})


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        ({"runs": ("one",)}, RuleState.HINT),
        ({"runs": ("one", "two")}, RuleState.RULE),
        ({"runs": ("one",), "is_promoted": True}, RuleState.RULE),
        ({"origin": RuleOrigin.PERSON}, RuleState.RULE),
        ({"origin": RuleOrigin.FILE}, RuleState.RULE),
        ({"runs": ("one", "two"), "helped_not": 1}, RuleState.RULE),
        ({"runs": ("one", "two"), "helped_not": 2}, RuleState.SUNK),
        ({"origin": RuleOrigin.PERSON, "is_deprecated": True}, RuleState.DEPRECATED),
    ],
)
def test_the_state_of_a_rule_follows_from_what_became_of_it(keys, state):
    assert rule(**keys).state is state


def test_a_hint_holds_in_its_run_and_a_rule_everywhere():
    assert rule(runs=("one",)).holds_in("one")
    assert not rule(runs=("one",)).holds_in("two")
    assert rule(runs=("one", "two")).holds_in("three")
    assert not rule(runs=("one", "two"), helped_not=2).holds_in("one")


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        ("src/", "src/a.py", True),
        ("src", "src/a.py", True),
        ("src/a.py", "src/a.py", True),
        ("src/a.py", "src/b.py", False),
        ("src/", "srcs/a.py", False),
        ("./", "anything", True),
        ("docs/**/*.md", "docs/a/b.md", True),
        ("docs/**/*.md", "docs/a/b.txt", False),
        ("docs/**/*.md", "docs/", True),
        ("docs/*.md", "src/", False),
    ],
)
def test_entries_overlap_where_a_path_may_match_both(one, other, is_so):
    assert overlap(one, other) is is_so
    assert overlap(other, one) is is_so
