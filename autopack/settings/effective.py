"""The effective settings: flags over environment over repository over user over what is shipped, and where each value came from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from autopack.core.errors import InvalidInputError
from autopack.core.settings import Origin, Settings
from autopack.settings.assets import assets
from autopack.settings.environment import environment_layer
from autopack.settings.layers import merged, read_level, with_named_lists, with_plain_lists
from autopack.settings.node import Node, leaves, merge, node_of, plain
from autopack.settings.node import Path as KeyPath
from autopack.settings.paths import repository_config_dir, user_config_dir
from autopack.settings.problem import Problem, in_order
from autopack.settings.repository_rules import judge_repository_file
from autopack.settings.validation import dotted, validate

MASKED: Final = frozenset({"headers"})
"""Mappings whose values may hold a secret: only their last four characters are ever shown."""


_USER_IN_URL: Final = re.compile(r"//[^/@]*@")


@dataclass(frozen=True)
class Effective:
    settings: Settings
    origins: tuple[Origin, ...]


def load_settings(repo: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any] | None = None) -> Effective:
    """Merges all levels.

    Args:
        repo: the root of the user's checkout; None outside of one.
        environment: as ``process_environment`` gives it.
        flags: dotted key -> value, ``{"models.auditor": ["corp/big-1"]}``; None is an option that was not given.

    Raises:
        InvalidInputError: with every fault of every file, variable and flag.
    """
    problems: list[Problem] = []
    node = _merged(repo, environment, flags or {}, problems)
    found: list[Problem] = []
    settings = validate(Settings, node, found)
    if settings is None or problems:
        listed = tuple(str(problem) for problem in in_order([*problems, *found]))
        raise InvalidInputError(f"The configuration has {len(listed)} fault{'s' if len(listed) > 1 else ''}:", listed)
    return Effective(settings, _origins(settings, node))


def without_user(url: str) -> str:
    """An address as it may be shown: no name and password before the ``@``."""
    return _USER_IN_URL.sub("//…@", url)


def _merged(repo: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any], problems: list[Problem]) -> Node:
    node, faults = shipped()
    problems.extend(faults)
    user = user_config_dir(environment)
    node = merged(read_level(user, str(user), problems), node)
    if repo is not None:
        folder = repository_config_dir(repo)
        for name, level in read_level(folder, folder.name, problems).items():
            problems.extend(judge_repository_file(level, node, user / name))
            node = merge(node, level)
    node = merge(node, with_named_lists(environment_layer(environment, problems), problems))
    return with_plain_lists(merge(node, _flag_layer(flags)))


@cache
def shipped() -> tuple[Node, tuple[Problem, ...]]:
    """The configuration that comes with Autopack, read once: it does not change while a process runs."""
    problems: list[Problem] = []
    return merged(read_level(assets("config"), "shipped", problems), Node({}, "default")), tuple(problems)


def _flag_layer(flags: Mapping[str, Any]) -> Node:
    layer = Node({}, "the command line")
    for key, value in flags.items():
        if value is not None:
            node = node_of(value, "the command line")
            for part in reversed(key.split(".")):
                node = Node({part: node}, "the command line")
            layer = merge(layer, node)
    return layer


def _origins(settings: Settings, node: Node) -> tuple[Origin, ...]:
    """Every value that is in force; a value that no file names has the source ``default``."""
    named = with_named_lists(node, [])
    everything = with_named_lists(node_of(settings.model_dump(mode="json"), "default"), [])
    rows = []
    for path, leaf in leaves(everything):
        found = named.at(path)
        is_named = found is not named and _is_at(named, path)
        rows.append(Origin(key=dotted(path), value=_shown(path, leaf), source=found.where if is_named else "default"))
    return tuple(rows)


def _is_at(node: Node, path: KeyPath) -> bool:
    found: Node | None = node
    for key in path:
        found = found.child(key) if found else None
    return found is not None


def _shown(path: KeyPath, leaf: Node) -> str:
    value = plain(leaf)
    if MASKED & set(path[:-1]):
        return f"…{str(value)[-4:]}"
    if path[-1] == "base_url" and isinstance(value, str):
        return without_user(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
