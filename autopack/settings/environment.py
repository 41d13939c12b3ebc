"""The environment: read once, in one place, and what its ``AUTOPACK_...`` variables set."""

import os
from collections.abc import Mapping
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel

from autopack.core.names import nearest
from autopack.core.settings import Settings
from autopack.settings.node import Node, Path
from autopack.settings.problem import Problem, UnreadableDocumentError
from autopack.settings.server_variables import OWN
from autopack.settings.withdrawn import withdrawn

PREFIX: Final = "AUTOPACK_"
BETWEEN_LEVELS: Final = "__"
NOT_SETTINGS: Final = frozenset({"AUTOPACK_DATABASE_URL", "AUTOPACK_RUN", "AUTOPACK_PHASE", "AUTOPACK_OUT", "AUTOPACK_TEST_PASS"}) | OWN
"""Where the state lies, what Autopack tells the commands that it starts itself, what its crash tests hand through to them; the server's."""


def process_environment() -> Mapping[str, str]:
    """The environment of this process, its keys among it; everything else takes it as an argument."""
    return {**withdrawn(), **os.environ}


def inherited_environment() -> Mapping[str, str]:
    """What a program inherits that Autopack starts for itself, git: everything but the keys."""
    return dict(os.environ)


def variable_of(path: Path) -> str:
    """``("git", "branch")`` -> ``AUTOPACK_GIT__BRANCH``."""
    return PREFIX + BETWEEN_LEVELS.join(str(key).upper() for key in path)


def environment_layer(environment: Mapping[str, str], problems: list[Problem]) -> Node:
    """The settings that variables make: ``AUTOPACK_MODELS__TIMEOUTS__IDLE_S=60``; an empty variable sets nothing."""
    root = Node({}, "the environment")
    for variable in sorted(environment):
        value = environment[variable]
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS or value == "":
            continue
        path: Path = tuple(variable.removeprefix(PREFIX).lower().split(BETWEEN_LEVELS))
        wrong = _unknown(path)
        if wrong:
            problems.append(Problem(file=variable, line=None, message=wrong))
        else:
            root = _put(root, path, _value(path, value, variable, problems))
    return root


def _unknown(path: Path) -> str | None:
    """A sentence about the first name on the way that no setting has."""
    kind: Any = Settings
    for depth, key in enumerate(path):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            known = list(kind.model_fields)
            if key not in known:
                meant = nearest(str(key), known)
                every = variable_of((*path[:depth], meant)) if meant else ", ".join(variable_of((*path[:depth], name)) for name in known)
                return f"no setting has this name; did you mean `{every}`?" if meant else f"no setting has this name; there are {every}."
        elif get_origin(kind) is not dict:
            return f"`{path[depth - 1]}` is set as a whole, as `{variable_of(path[:depth])}`; nothing lies below it."
        kind = _below(kind, str(key))
    return None


def _below(kind: Any, key: str) -> Any:  # noqa: ANN401 - a type annotation is of no one type
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    return kind.model_fields[key].annotation


def _value(path: Path, text: str, variable: str, problems: list[Problem]) -> Node:
    """Text where the setting is text, else what YAML makes of it: ``60``, ``true``, ``[a, b]``."""
    kind: Any = Settings
    for key in path:
        kind = _below(kind, str(key))
    if kind is str or (get_origin(kind) in (Union, UnionType) and str in get_args(kind)):
        return Node(text, variable)
    from autopack.settings.yaml_text import read_yaml

    try:
        node = read_yaml(text, variable, problems)
    except UnreadableDocumentError as error:
        problems.extend(Problem(file=variable, line=None, message=problem.message) for problem in error.problems)
        node = None
    return _without_lines(node, variable)


def _without_lines(node: Node | None, variable: str) -> Node:
    if node is None:
        return Node(None, variable)
    if isinstance(node.value, dict):
        return Node({key: _without_lines(item, variable) for key, item in node.value.items()}, variable)
    if isinstance(node.value, tuple):
        return Node(tuple(_without_lines(item, variable) for item in node.value), variable)
    return Node(node.value, variable)


def _put(root: Node, path: Path, leaf: Node) -> Node:
    key, rest = str(path[0]), path[1:]
    below = root.child(key) or Node({}, root.source)
    return root.with_entries({key: _put(below, rest, leaf) if rest else leaf})
