"""What the files of a repository may not set: whoever can push a file must not redirect keys, open doors or raise a cap."""

from pathlib import Path
from typing import Final

from autopack.core.models_settings import HealthBudget
from autopack.settings.node import Node, leaves
from autopack.settings.node import Path as KeyPath
from autopack.settings.problem import Problem, problem_at
from autopack.settings.validation import dotted

USER_ONLY: Final[frozenset[str]] = frozenset(
    {
        *("providers", "base_url", "base_url_env", "api_key_env", "headers", "headers_env", "ca_file", "notify", "provider_quotas"),
        *("qdrant", "local_model"),
        *("sandbox", "sandbox_read", "env_keep", "memory_bytes", "processes"),
    }
)
USER_ONLY_IN: Final[dict[str, tuple[str, ...]]] = {"doctor": ("allow",), "quality": ("by_category", "high_risk_categories")}
"""Below the first name, keys that begin with one of the second."""

CAPS: Final[tuple[KeyPath, ...]] = (
    *(("quality", name) for name in ("review_at", "refuse_at")),
    *(("max_usd",), ("max_tokens",), ("max_hours",), ("max_wait_hours",)),
    *((f"max_{unit}_per_{of}",) for unit in ("usd", "tokens") for of in ("day", "call")),
    ("models", "complexity_escalation", "max_attempts_per_phase"),
    *(("models", "replan", name) for name in ("max_replans_per_phase", "max_replans_per_run")),
    *(("models", "doctor", name) for name in ("max_execute_fix_per_phase", "max_calls_per_phase", "max_calls_per_run")),
    *(("models", "health_budget", name) for name in HealthBudget.model_fields),
    *(("explore", name) for name in ("max_rounds", "auditor_rounds", "characters", "seconds")),
)
"""Limits that a repository may lower and never raise; an absent one is no limit."""


def judge_repository_file(node: Node, below: Node, user_file: Path) -> list[Problem]:
    """The entries of a repository's file that only its user may make.

    Args:
        node: what the file sets, at its place in the settings.
        below: the settings as they are without the repository's files.
        user_file: where such an entry may stand.
    """
    refused: dict[KeyPath, Problem] = {}
    for path, _leaf in leaves(node):
        found = _user_only(path)
        if found and found not in refused:
            refused[found] = problem_at(
                node.at(found), f"a repository may not set `{dotted(found)}`; if you want it, write it into {user_file}."
            )
    return [*refused.values(), *_raised_caps(node, below, user_file)]


def _user_only(path: KeyPath) -> KeyPath | None:
    for position, key in enumerate(path):
        parent = str(path[position - 1]) if position else ""
        is_door = parent in USER_ONLY_IN and str(key).startswith(USER_ONLY_IN[parent])
        if is_door or (key in USER_ONLY and _is_setting(path[: position + 1])):
            return path[: position + 1]
    return None


def _is_setting(path: KeyPath) -> bool:
    """False for a free name that a mapping such as ``aliases`` gives."""
    return "aliases" not in path[:-1]


def _raised_caps(node: Node, below: Node, user_file: Path) -> list[Problem]:
    problems = []
    for path in CAPS:
        mine, theirs = below.at(path).value if _has(below, path) else None, node.at(path).value
        if not _has(node, path) or not isinstance(mine, (int, float)) or isinstance(mine, bool):
            continue
        if theirs is None or (isinstance(theirs, (int, float)) and theirs > mine):
            sentence = f"a repository may not raise `{dotted(path)}` above your {mine:g}; if you want it, change it in {user_file}."
            problems.append(problem_at(node.at(path), sentence))
    return problems


def _has(node: Node, path: KeyPath) -> bool:
    found: Node | None = node
    for key in path:
        found = found.child(key) if found else None
    return found is not None
