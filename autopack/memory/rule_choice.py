"""Which rules a builder is shown: those that fit its phase and its last failure, the best first. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from autopack.core.fingerprint import are_near, fingerprint
from autopack.core.rules import Rule, RuleOrigin, Ruling, ShownRule, Situation, touches

SHOWN_MAX: Final = 10
"""Of one phase's prompt, over all its attempts."""

_PERSONS: Final = 8
_ALIKE: Final = 4
_PATH: Final = 2
_CATEGORY: Final = 2
_KIND: Final = 1
_RUNS_COUNTED: Final = 3


def choose_rules(rules: Iterable[Rule], situation: Situation, earlier: Sequence[Ruling], recalled: frozenset[str] = frozenset()) -> Ruling:
    """What an attempt is shown beside what earlier ones of its phase were.

    A rule that was learned from one failure alone is left out where the memory shows that very failure (``recalled`` are its sources).
    """
    held = {rule.name: rule for rule in rules if rule.project == situation.project and rule.holds_in(situation.run)}
    standing = _standing(earlier)
    withdrawn = tuple(name for name, text in standing.items() if name not in held or held[name].text != text)
    known = {name for name in standing if name not in withdrawn}
    fitting = [(score, rule) for rule in held.values() if rule.name not in known and (score := _score(rule, situation)) > 0]
    fitting = [(score, rule) for score, rule in fitting if not (rule.source in recalled and len(rule.runs) == 1)]
    best = sorted(fitting, key=lambda found: -found[0])[: max(0, SHOWN_MAX - sum(len(one.rules) for one in earlier))]
    return Ruling(rules=tuple(shown(rule) for _, rule in best), withdrawn=withdrawn)


def all_rules(learned: Iterable[Rule], of_file: Iterable[Rule]) -> tuple[Rule, ...]:
    """Those of the state and those of the file; what stands in both is as the file has it, and deprecated where the state says so."""
    known = {rule.name: rule for rule in learned}
    for rule in of_file:
        is_off = rule.name in known and known[rule.name].is_deprecated
        known[rule.name] = rule.model_copy(update={"is_deprecated": is_off})
    return tuple(known.values())


def shown(rule: Rule) -> ShownRule:
    return ShownRule(
        name=rule.name,
        text=rule.text,
        failure=rule.failure,
        came_from=rule.came_from,
        is_a_persons=not rule.is_learned,
    )


def unhelpful(rules: Iterable[Rule], names: frozenset[str], kind: str, failure: str) -> tuple[str, ...]:
    """Those that were shown, and did not keep a failure like their own away."""
    mark = fingerprint(failure)
    return tuple(
        rule.name
        for rule in rules
        if rule.name in names and rule.failure and rule.kind == kind and are_near(fingerprint(rule.failure), mark)
    )


def _standing(earlier: Sequence[Ruling]) -> dict[str, str]:
    """Name -> text of what was shown and not withdrawn since."""
    standing: dict[str, str] = {}
    for ruling in earlier:
        for name in ruling.withdrawn:
            standing.pop(name, None)
        standing.update({rule.name: rule.text for rule in ruling.rules})
    return standing


def _score(rule: Rule, situation: Situation) -> float:
    """0 where it does not fit.

    A person's rule has to fit in path and category where it names them; one of a run in path, in a failure like its own or, where several
    runs learned it, in category.
    """
    by_path, by_category = touches(rule, situation), bool(rule.category) and rule.category == situation.category
    is_alike = _is_alike(rule, situation)
    points = _ALIKE * is_alike + _PATH * by_path + _CATEGORY * by_category + _KIND * (bool(rule.kind) and rule.kind == situation.kind)
    if rule.origin is RuleOrigin.RUN:
        fits = is_alike or by_path or (by_category and len(rule.runs) > 1)
        return points + min(len(rule.runs), _RUNS_COUNTED) / 10 - rule.helped_not / 2 if fits else 0
    fits = (by_path or not rule.paths) and (by_category or not rule.category)
    return _PERSONS + points if fits else 0


def _is_alike(rule: Rule, situation: Situation) -> bool:
    if not rule.failure or not situation.failure or rule.kind != situation.kind:
        return False
    return are_near(fingerprint(rule.failure), fingerprint(situation.failure))
