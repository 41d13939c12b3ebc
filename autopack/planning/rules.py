"""What a plan must keep to beyond its types: a check for every phase, sound paths and patterns, no provider's key handed on."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from autopack.edits.protected import never_allowed
from autopack.planning.draft import Draft
from autopack.planning.order import fault_of_id
from autopack.planning.patterns import fault_of_entry, fault_of_path
from autopack.settings.key_variables import PROVIDER_KEYS
from autopack.settings.node import Node, Path
from autopack.settings.problem import Problem, problem_at
from autopack.settings.validation import shown

PATTERNS: Final[tuple[Path, ...]] = (("scope", "paths"), ("scope", "read_only_context"), ("scope", "may_add"))
OPENED: Final[tuple[Path, ...]] = (("scope", "paths"), ("scope", "may_add"))
TEXTS: Final[tuple[Path, ...]] = (("description",), ("acceptance_criteria",))
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REVISION: Final = re.compile(r"[^\s\x00-\x1f\x7f~^:?*\[\\-][^\s\x00-\x1f\x7f?*\[\\]*")
Judge = Callable[[str], str | None]


def judge_rules(draft: Draft, provider_variables: frozenset[str]) -> Iterator[Problem]:
    """Every breach; what is of a wrong type is left to the type check."""
    keys = PROVIDER_KEYS | provider_variables
    yield from _judge_head(draft)
    for path, phase in draft.phases():
        if phase.mapping:
            yield from _judge_phase(draft, path, phase, keys)
    workspace = draft.root.at(("workspace",))
    for step in workspace.at(("setup",)).items:
        yield from _judge_words(step.at(("command",)), "a `setup` command", _fault_of_blank)
        yield from _judge_words(step.child("again_when"), "`again_when`", fault_of_entry)
        yield from _judge_words(step.child("env_from"), "`env_from`", _hands_on(keys))
    for link in workspace.at(("link",)).items:
        yield from _judge_words(link.child("path"), "`link`", fault_of_path)
    for step in draft.root.at(("final", "steps")).items:
        yield from _judge_words(step.child("command"), "a `final` command", _fault_of_blank)


def _judge_head(draft: Draft) -> Iterator[Problem]:
    root = draft.root
    yield from _judge_words(root.child("goal"), "`goal`", _fault_of_blank)
    yield from _judge_words(root.child("instructions"), "`instructions`", fault_of_path)
    yield from _judge_words(root.child("base"), "`base`", lambda text: None if _REVISION.fullmatch(text) else "is no name of a commit")
    yield from _judge_words(root.child("project"), "`project`", fault_of_id)


def _judge_phase(draft: Draft, path: Path, phase: Node, keys: frozenset[str]) -> Iterator[Problem]:
    for part in PATTERNS:
        found = _found(phase, part)
        yield from _judge_words(found, draft.label((*path, *part), found or phase), fault_of_entry)
    for part in OPENED:
        found = _found(phase, part)
        yield from _judge_words(found, draft.label((*path, *part), found or phase), _fault_of_protected)
    for part in TEXTS:
        found = _found(phase, part)
        yield from _judge_words(found, draft.label((*path, *part), found or phase), _fault_of_blank)
    for step in phase.at(("derive",)).items:
        for key in ("when", "writes"):
            yield from _judge_words(step.child(key), f"{draft.label(path, phase)}: `{key}`", fault_of_entry)
        yield from _judge_words(step.child("writes"), f"{draft.label(path, phase)}: `writes`", _fault_of_protected)
        yield from _judge_words(step.child("command"), f"{draft.label(path, phase)}: a `derive` command", _fault_of_blank)
        yield from _judge_words(step.child("env_from"), f"{draft.label(path, phase)}: `env_from`", _hands_on(keys))
    yield from _judge_checks(draft, path, phase, keys)


def _judge_checks(draft: Draft, path: Path, phase: Node, keys: frozenset[str]) -> Iterator[Problem]:
    checks, name = phase.child("ci"), draft.label(path, phase)
    if checks is None or not isinstance(checks.value, dict):
        return
    steps, is_skipped = checks.at(("steps",)).items, _says(checks, "skip", value=True)
    reason = checks.child("reason")
    if is_skipped and not (reason and reason.text and reason.text.strip()):
        yield problem_at(checks.at(("skip",)), f"{name} skips its check without saying why; write `reason: ...` beside `skip`.")
    if not is_skipped and not steps and _may_lack_steps(checks):
        advice = "write `ci: {command: ...}` here or under `defaults`, or `ci: {skip: true, reason: ...}`"
        yield problem_at(phase, f"{name} has no check; {advice}.")
    if _says(checks, "expect", value="red") and (is_skipped or any(_says(step, "tests", value="none") for step in steps)):
        advice = "it needs a check that tells its tests apart (no `skip`, no `tests: none`)"
        yield problem_at(checks.at(("expect",)), f"{name} expects red tests, so {advice}.")
    for step in steps:
        yield from _judge_words(step.child("command"), f"{name}: the `ci` command", _fault_of_blank)
        yield from _judge_words(_found(step, ("results", "path")), f"{name}: the path of `results`", _fault_of_results)
    cwd = checks.child("cwd")
    yield from _judge_words(cwd, f"{name}: `cwd`", fault_of_path)
    yield from _judge_words(checks.child("env_from"), f"{name}: `env_from`", _hands_on(keys))
    judge = _hands_on(keys)
    for variable, value in checks.at(("env",)).mapping.items() if checks.child("env") else ():
        if fault := judge(variable):
            yield problem_at(value, f"{name}: `env` names `{shown(variable)}`, which {fault}.")


def _may_lack_steps(checks: Node) -> bool:
    """False where ``steps`` is there in a wrong type, of which the type check speaks."""
    steps = checks.child("steps")
    return steps is None or steps.value == ()


def _judge_words(node: Node | None, where: str, fault_of: Judge) -> Iterator[Problem]:
    """Judges a text, or each text of a list; an argument list counts as one text."""
    if node is None:
        return
    for item in node.items or (node,):
        if item.text is not None and (fault := fault_of(item.text)):
            yield problem_at(item, f"{where}: `{shown(item.text)}` {fault}." if item.text.strip() else f"{where} {fault}.")


def _fault_of_blank(text: str) -> str | None:
    return None if text.strip() else "is empty; write it out"


def _fault_of_protected(text: str) -> str | None:
    name = never_allowed(text.rstrip("/"))
    return f"can never be changed: `{name}` belongs to git or to Autopack; take it out" if name is not None else None


def _fault_of_results(text: str) -> str | None:
    return fault_of_path(text.replace("*", "x"))


def _hands_on(keys: frozenset[str]) -> Judge:
    def fault_of(variable: str) -> str | None:
        if {variable, variable.upper()} & keys:
            return "holds a provider's key, which no command of a plan is ever given"
        return None if _VARIABLE.fullmatch(variable) else "is no name of a variable"

    return fault_of


def _found(node: Node, path: Path) -> Node | None:
    found: Node | None = node
    for key in path:
        found = found.child(key) if found else None
    return found


def _says(node: Node, key: str, *, value: object) -> bool:
    found = node.child(key)
    return found is not None and found.value == value and type(found.value) is type(value)
