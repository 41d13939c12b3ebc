"""A plan file on its way to a plan: defaults merged, short forms spelled out, every value still knowing its line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from autopack.core.plan import CheckStep
from autopack.settings.node import Node, Path, merge, node_of
from autopack.settings.problem import Problem, problem_at
from autopack.settings.validation import dotted

STEP_KEYS: Final = tuple(key for key in CheckStep.model_fields if key != "name")
"""Keys that stand in ``ci`` itself where it is short for one step."""

_OF_ITS_COMMAND: Final = ("results", "tests")
"""What a command reports and whether it runs tests: of the defaults' command, nothing of another one."""

NOT_IN_DEFAULTS: Final = ("id", "description", "depends_on")
Change = Callable[[Node], Node]
_SPARE: Final = {"id": "defaults", "description": "defaults", "scope": {"paths": ["."]}, "ci": {}}


@dataclass(frozen=True)
class Draft:
    """``root`` has the shape of ``core.plan.Plan``; ``spare`` is a phase made of the defaults alone."""

    root: Node
    spare: Node
    shortened: frozenset[str | int]
    default_nodes: frozenset[int]

    def phases(self) -> Iterator[tuple[Path, Node]]:
        """Every phase with its path; what is no mapping has no entries."""
        listed = self.root.child("phases")
        for index, node in enumerate(listed.items if listed else ()):
            yield ("phases", index), node

    def label(self, path: Path, node: Node) -> str:
        """How a person is told about the value at a path, for which a node is to blame: ``phase 'a': `ci.timeout_s```."""
        if path[:1] != ("phases",) or len(path) < len(("phases", 0)):
            return f"`{dotted(path)}`" if path else ""
        rest = self._as_written(path)
        where = "defaults" if id(node) in self.default_nodes else self._phase_name(path)
        return f"{where}: `{dotted(rest)}`" if rest else where

    def spare_label(self, path: Path, _node: Node) -> str:
        return f"defaults: `{dotted(path)}`" if path else "defaults"

    def _phase_name(self, path: Path) -> str:
        return _name_of(self.root.at(path[:2]), int(path[1]))

    def _as_written(self, path: Path) -> Path:
        rest = path[2:]
        is_short = path[1] in self.shortened and rest[:3] == ("ci", "steps", 0)
        return ("ci", *rest[3:]) if is_short else rest


def draft_of(document: Node, default_project: str, problems: list[Problem]) -> Draft:
    """Spells a plan file out; what contradicts itself on the way is added to ``problems``."""
    defaults = _defaults(document, problems)
    default_nodes = frozenset(id(node) for node in _walk(defaults))
    listed = document.child("phases")
    phases: list[Node] = []
    shortened: set[str | int] = set()
    for index, node in enumerate(listed.items if listed else ()):
        phase = _phase(node, defaults, phases[-1] if phases else None)
        phase, is_short = _spelled_out(phase, _name_of(phase, index), problems)
        shortened |= {index} if is_short else set()
        phases.append(phase)
    root = document.with_entries({"defaults": None})
    if listed is not None and isinstance(listed.value, tuple):
        root = root.with_entries({"phases": Node(tuple(phases), listed.source, listed.line)})
    if "project" not in root.mapping:
        root = root.with_entries({"project": node_of(default_project, document.source)})
    root = _set(root, "workspace", _workspace)
    spare, _ = _spelled_out(_merged(node_of(_SPARE, document.source), defaults), "defaults", [])
    return Draft(root, spare, frozenset(shortened), default_nodes)


def _name_of(phase: Node, index: int) -> str:
    name = phase.child("id")
    return f"phase '{name.text}'" if name and name.text else f"phase {index + 1}"


def _defaults(document: Node, problems: list[Problem]) -> Node:
    node = document.child("defaults")
    if node is None or node.value is None:
        return Node({}, document.source)
    if not isinstance(node.value, dict):
        problems.append(problem_at(node, "`defaults` must be a mapping of phase keys."))
        return Node({}, document.source)
    own = [key for key in NOT_IN_DEFAULTS if key in node.mapping]
    problems.extend(problem_at(node.mapping[key], f"`{key}` cannot stand in `defaults`; it is each phase's own.") for key in own)
    return node.with_entries(dict.fromkeys(NOT_IN_DEFAULTS))


def _phase(node: Node, defaults: Node, before: Node | None) -> Node:
    if not isinstance(node.value, dict):
        return node
    phase = _merged(defaults, node)
    if "depends_on" not in node.mapping:
        name = before.child("id") if before else None
        phase = phase.with_entries({"depends_on": Node((name,) if name else (), node.source, node.line)})
    return phase if "ci" in phase.mapping else phase.with_entries({"ci": Node({}, node.source, node.line)})


def _merged(defaults: Node, phase: Node) -> Node:
    """The phase over the defaults; a check of its own replaces the defaults' check (and its ``skip``), not only parts of it."""
    own, below = phase.child("ci"), defaults.child("ci")
    if own is None or below is None or not below.mapping:
        return merge(defaults, phase)
    replaced: set[str] = set()
    if "steps" in own.mapping:
        replaced = {*STEP_KEYS, "skip", "reason"}
    elif "command" in own.mapping:
        replaced = {"steps", "skip", "reason", *_OF_ITS_COMMAND}
    elif (skip := own.child("skip")) is not None and skip.value is True:
        replaced = {*STEP_KEYS, "steps"}
    kept = defaults.with_entries({"ci": below.with_entries(dict.fromkeys(replaced))})
    return merge(kept, phase)


def _spelled_out(phase: Node, name: str, problems: list[Problem]) -> tuple[Node, bool]:
    """The phase with one-step checks as steps and single words as lists; and whether its check was short."""
    phase = _set(phase, "derive", lambda node: _each(node, _derive_step))
    checks = phase.child("ci")
    if checks is None or not checks.mapping:
        return phase, False
    beside = {key: checks.mapping[key] for key in STEP_KEYS if key in checks.mapping}
    if not beside:
        return phase, False
    if "steps" in checks.mapping:
        names = " and ".join(f"`{key}`" for key in beside)
        first = next(iter(beside.values()))
        problems.append(problem_at(first, f"{name}: {names} and `steps` stand in the same `ci`; put {names} into the steps."))
        return phase.with_entries({"ci": checks.with_entries(dict.fromkeys(beside))}), False
    if "command" not in beside:
        return phase.with_entries({"ci": checks.with_entries(dict.fromkeys(beside))}), False
    step = Node(beside, checks.source, checks.line)
    steps = Node((step,), checks.source, checks.line)
    return phase.with_entries({"ci": checks.with_entries({**dict.fromkeys(beside), "steps": steps})}), True


def _workspace(node: Node) -> Node:
    node = _set(node, "setup", lambda setup: _each(_listed(setup), lambda step: _under("command", step)))
    return _set(node, "link", lambda link: _each(_listed(link), lambda item: _under("path", item)))


def _derive_step(node: Node) -> Node:
    node = _set(node, "when", _listed)
    return _set(node, "writes", lambda writes: writes if writes.value == "changed" else _listed(writes))


def _set(node: Node, key: str, change: Change) -> Node:
    found = node.child(key)
    return node if found is None else node.with_entries({key: change(found)})


def _each(node: Node, change: Change) -> Node:
    return Node(tuple(change(item) for item in node.items), node.source, node.line) if isinstance(node.value, tuple) else node


def _listed(node: Node) -> Node:
    """One string stands for a list of one."""
    return Node((node,), node.source, node.line) if isinstance(node.value, str) else node


def _under(key: str, node: Node) -> Node:
    """A string stands for a mapping with this one key."""
    return Node({key: node}, node.source, node.line) if isinstance(node.value, str) else node


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for item in (*node.mapping.values(), *node.items):
        yield from _walk(item)
