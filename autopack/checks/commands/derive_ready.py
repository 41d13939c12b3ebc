"""Looks up whether the derive steps of a plan could be started; does not run them, since they have no edit to work on yet."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.unstartable import Missing, as_places, cannot_start, may_be_made
from autopack.checks.processes.command import shown
from autopack.checks.results.recognise import simple_commands, words
from autopack.core.plan import Command, DeriveStep, PhaseSpec, Plan

_UNSURE: Final = frozenset({"||", "(", ")", "{", "}", "!", ";;", "if", "for", "while", "until", "case", "function", "command", "type"})
"""A line with these words may expect that a program is missing."""

_OPENING: Final = frozenset({".", "source", "eval", "export", "alias", "hash", "exec", "trap"})
"""After these a shell may find what is not found now."""

_BUILT_IN: Final = frozenset({"cd", "set", "unset", "umask", "ulimit", "wait", "read", "exit", "shift", ":", "[", "test", "true", "false"})
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_PLAIN: Final = re.compile(r"[\w.+/-]+")


def judge_derive(plan: Plan, done: frozenset[str], context_of: Callable[[PhaseSpec, DeriveStep], CommandContext]) -> None:
    """``place_of`` gives the tree that the run starts from, set up, and the step's environment; phases in ``done`` are not looked at.

    Raises:
        EnvironmentBlockedError: a program is not there, and no phase may make it.
    """
    for position, phase in enumerate(plan.phases):
        for step in phase.derive if phase.id not in done else ():
            missing = missing_program(step.command, context_of(phase, step))
            if missing is not None and not may_be_made(missing, plan.phases[: position + 1]):
                raise cannot_start(f"phase '{phase.id}': the derive step", shown(step.command), missing)


def missing_program(command: Command, context: CommandContext) -> Missing | None:
    """The first word that should be a program and is not; None also where only a shell could tell."""
    for word, is_at_root in _programs(command):
        if "/" in word:
            is_there = (context.root / word).exists() or not (is_at_root or word.startswith("/"))
            sentence = f"'{word}' is not there."
        else:
            is_there = shutil.which(word, path=_path(context)) is not None
            sentence = f"'{word}' is not found on PATH."
        if not is_there:
            return Missing(word, sentence, as_places(word))
    return None


def _programs(command: Command) -> Iterator[tuple[str, bool]]:
    """Each program of the line, and whether the line is still in the root of the tree there (no ``cd`` before it)."""
    if not isinstance(command, str):
        yield command[0], True
        return
    if _UNSURE & set(words(command)):
        return
    is_at_root = True
    for simple in simple_commands(command):
        program = next((word for word in simple if not _ASSIGNMENT.fullmatch(word)), None)
        if program in _OPENING or any(word.startswith("PATH=") for word in simple):
            return
        is_at_root = is_at_root and program != "cd"
        if program is not None and program not in _BUILT_IN and _PLAIN.fullmatch(program):
            yield program, is_at_root


def _path(context: CommandContext) -> str:
    folders = context.environment.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(str(context.root / Path(folder)) for folder in folders)
