from autopack.core.rules import Rule, Ruling, Situation
from autopack.memory.rule_choice import SHOWN_MAX, all_rules, choose_rules, unhelpful

FAILURE = "1 of 214 tests fails: the basket forgets its voucher when it is sorted"


def rule(name, **keys):
    given = {"project": "shop", "text": name, "origin": "run", "runs": ("one", "two"), "kind": "ci_fail", "is_learned": True}
    return Rule.model_validate({"name": name, **given, **keys})


def of_person(name, **keys):
    return rule(name, origin="person", runs=(), kind="", is_learned=False, **keys)


def situation(**keys):
    return Situation.model_validate({"project": "shop", "run": "now", "category": "feature", "paths": ("src/",), **keys})


def names(ruling):
    return [one.name for one in ruling.rules]


def test_the_best_come_first_and_what_does_not_fit_not_at_all():
    rules = [
        rule("category", category="feature"),
        rule("path", paths=("src/a.py",)),
        rule("alike", failure=FAILURE),
        of_person("person"),
        rule("strange", category="docs", paths=("docs/a.md",)),
        rule("other project", project="elsewhere", paths=("src/a.py",)),
        of_person("of docs", paths=("docs/",)),
        rule("hint of another run", runs=("one",), paths=("src/a.py",)),
    ]
    found = choose_rules(rules, situation(kind="ci_fail", failure=FAILURE.replace("214", "7")), ())
    assert names(found)[:2] == ["person", "alike"]
    assert set(names(found)) == {"person", "alike", "path", "category"}


def test_a_category_alone_fits_only_what_several_runs_learned():
    assert names(choose_rules([rule("hint", runs=("now",), category="feature")], situation(), ())) == []


def test_at_most_ten_are_shown_over_all_attempts_and_none_twice():
    rules = [of_person(f"r{number}") for number in range(14)]
    first = choose_rules(rules[:7], situation(), ())
    second = choose_rules(rules, situation(), (first,))
    assert len(first.rules) + len(second.rules) == SHOWN_MAX
    assert not set(names(first)) & set(names(second))
    assert choose_rules(rules, situation(), (first, second)) == Ruling()


def test_what_changed_or_went_is_withdrawn_and_what_is_new_is_shown():
    first = choose_rules([of_person("kept"), of_person("gone"), of_person("edited")], situation(), ())
    edited = of_person("edited").model_copy(update={"text": "now otherwise"})
    second = choose_rules([of_person("kept"), edited], situation(), (first,))
    assert set(second.withdrawn) == {"gone", "edited"}
    assert [(one.name, one.text) for one in second.rules] == [("edited", "now otherwise")]
    assert choose_rules([of_person("kept"), edited], situation(), (first, second)) == Ruling()


def test_what_the_memory_shows_is_not_said_twice():
    once = rule("once", runs=("now",), paths=("src/a.py",), source="one/basket/1")
    assert names(choose_rules([once], situation(), (), frozenset({"one/basket/1"}))) == []
    assert names(choose_rules([once], situation(), ())) == ["once"]


def test_only_a_rule_that_speaks_of_the_failure_did_not_help():
    rules = [rule("alike", failure=FAILURE), rule("other", failure="the wall is painted in another colour altogether"), of_person("person")]
    shown = frozenset({"alike", "other", "person"})
    assert unhelpful(rules, shown, "ci_fail", FAILURE) == ("alike",)
    assert unhelpful(rules, shown, "auditor_reject", FAILURE) == ()
    assert unhelpful(rules, frozenset(), "ci_fail", FAILURE) == ()


def test_a_rule_of_the_file_is_as_the_file_has_it_unless_it_is_deprecated_here():
    state = [rule("a"), rule("b", is_deprecated=True)]
    merged = all_rules(state, [of_person("a").model_copy(update={"text": "new"}), of_person("b")])
    assert [(one.text, one.is_deprecated) for one in merged] == [("new", False), ("b", True)]
