"""Rules of a project: what runs learned is counted by their notes, what persons said holds, and what was taken back is gone."""

import pytest

from autopack.core.rules import InVain, Lesson, Rule, RuleOrigin, RuleState
from autopack.store.rules import DEPRECATED, MOST, PROMOTED, add_rule, learn, note_rule, note_unhelpful, rule_name, rules_of, unlearn_phase

FAILURE = "1 of 12 tests fails: tests/test_basket.py::test_sorted, the basket is not sorted"
PERSONS = Rule(name=rule_name("Cents."), project="shop", text="Cents.", origin=RuleOrigin.PERSON)


def lesson(run="r", phase="one", text="Sort the lines.", failure=FAILURE, **keys):
    given = {"kind": "ci_fail", "category": "feature", "paths": ("shop.py",), "project": "shop", "attempt": 2}
    return Lesson(run=run, phase=phase, text=text, failure=failure, **{**given, **keys})


@pytest.fixture
def state(kept):
    """The rules of one database."""

    class State:
        def __init__(self):
            self.at = 0.0

        def write(self, do, *given):
            self.at += 1
            with kept.database.write() as session:
                return do(session.connection(), *given, self.at)

        def learn(self, *lessons):
            self.write(learn, lessons)

        def all(self, project="shop"):
            return rules_of(kept.database, project)

        def unlearn(self, run, phase):
            with kept.database.write() as session:
                unlearn_phase(session.connection(), run, phase)

    return State()


def test_a_lesson_of_one_run_is_a_hint_and_of_two_a_rule(state):
    state.learn(lesson())
    (hint,) = state.all()
    assert (hint.state, hint.runs, hint.source, hint.paths) == (RuleState.HINT, ("r",), "r/one/2", ("shop.py",))
    state.learn(lesson(run="s", failure=FAILURE.replace("12", "13"), text="Other words."))
    (rule,) = state.all()
    assert (rule.state, rule.runs, rule.text) == (RuleState.RULE, ("r", "s"), "Sort the lines.")


@pytest.mark.parametrize("other", [{"kind": "scope_violation"}, {"category": "docs"}, {"failure": "The port is taken, by another server."}])
def test_another_kind_category_or_failure_is_another_rule(state, other):
    state.learn(lesson(), lesson(**other))
    assert len(state.all()) == 2


def test_each_project_has_its_own(state):
    state.learn(lesson(), lesson(project="shed"))
    assert [rule.project for rule in state.all("shed")] == ["shed"]
    assert len(state.all()) == 1


def test_a_rule_that_failed_twice_since_it_was_learned_has_sunk_until_it_is_learned_again(state):
    state.learn(lesson())
    in_vain = InVain(project="shop", names=(state.all()[0].name,))
    state.write(note_unhelpful, in_vain, ("r", "two", 1))
    assert (state.all()[0].helped_not, state.all()[0].state) == (1, RuleState.HINT)
    state.write(note_unhelpful, in_vain, ("r", "two", 2))
    assert state.all()[0].state is RuleState.SUNK
    state.learn(lesson(run="s"))
    assert (state.all()[0].helped_not, state.all()[0].state) == (0, RuleState.RULE)


def test_nothing_is_noted_where_no_rule_was_shown(state):
    state.learn(lesson())
    state.write(note_unhelpful, None, ("r", "two", 1))
    state.write(note_unhelpful, InVain(project="shop", names=("r-00000000",)), ("r", "two", 1))
    assert state.all()[0].helped_not == 0


def test_what_a_person_says_of_a_rule_last_holds(state):
    state.learn(lesson())
    name = state.all()[0].name
    state.write(note_rule, "shop", name, DEPRECATED)
    assert state.all()[0].state is RuleState.DEPRECATED
    state.write(note_rule, "shop", name, PROMOTED)
    assert state.all()[0].state is RuleState.RULE


def test_a_persons_rule_is_kept_once_whoever_adds_it(state):
    assert state.write(add_rule, PERSONS) == state.write(add_rule, PERSONS) == PERSONS.name
    (rule,) = state.all()
    assert (rule.text, rule.state, rule.is_learned) == ("Cents.", RuleState.RULE, False)


def test_a_phase_that_is_taken_back_takes_back_what_it_alone_taught(state):
    state.write(add_rule, PERSONS)
    state.learn(lesson(), lesson(failure="The port is taken, by another server.", text="Ask for a free one."))
    state.learn(lesson(run="s"))
    state.unlearn("r", "one")
    assert [(rule.text, rule.runs) for rule in state.all()] == [("Cents.", ()), ("Sort the lines.", ("s",))]
    state.unlearn("s", "one")
    assert [rule.text for rule in state.all()] == ["Cents."]


def test_the_oldest_that_was_learned_leaves_for_one_too_many_and_never_a_persons(state):
    state.write(add_rule, PERSONS)
    names = [f"{chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(MOST + 1)]
    state.learn(*(lesson(failure=f"{name * 20} is not {name[::-1] * 9}", kind=name) for name in names))
    found = state.all()
    assert len(found) == MOST + 1
    assert found[0].text == "Cents."
    assert found[1].kind == names[1]
