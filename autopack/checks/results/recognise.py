"""Finds whether a command runs pytest, and where it already tells pytest to leave a report."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from autopack.core.plan import Command

_BETWEEN: Final = frozenset({"&&", "||", ";", "|", "&", "|&", "(", ")", ";;", "{", "}", "!"})
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_PYTHON: Final = re.compile(r"(?:python|pypy)(?:\d+(?:\.\d+)*)?")
_PYTEST: Final = frozenset({"pytest", "py.test"})

_UV_OPTIONS: Final = frozenset(
    {
        *("--with", "--with-editable", "--with-requirements", "--extra", "--group", "--only-group", "--no-group", "--package"),
        *("--python", "-p", "--project", "--directory", "--env-file", "--index", "--default-index", "--index-url"),
        *("--extra-index-url", "--find-links", "-f", "--cache-dir", "--color", "--config-file", "--refresh-package"),
    }
)

_WRAPPERS: Final[dict[str, frozenset[str]]] = {
    "env": frozenset({"-u", "--unset", "-C", "--chdir"}),
    "exec": frozenset(),
    "time": frozenset(),
    "nice": frozenset({"-n"}),
    "nohup": frozenset(),
    "timeout": frozenset({"-k", "--kill-after", "-s", "--signal"}),
    "xvfb-run": frozenset({"-s", "--server-args", "-n"}),
    "uv run": _UV_OPTIONS,
    "poetry run": frozenset(),
    "pdm run": frozenset({"-p", "--project"}),
    "pipenv run": frozenset(),
    "hatch run": frozenset(),
    "rye run": frozenset(),
    "pixi run": frozenset({"-e", "--environment", "--manifest-path"}),
    "conda run": frozenset({"-n", "--name", "-p", "--prefix", "--cwd"}),
    "coverage run": frozenset({"--rcfile", "--source", "--include", "--omit", "--data-file", "--context", "--concurrency", "--debug"}),
}
"""Programs that run another one, with their options that take a word of their own."""

_POSITIONAL: Final = {"timeout": 1}
_PYTHON_VALUES: Final = frozenset({"-W", "-X", "--check-hash-based-pycs"})


@dataclass(frozen=True)
class PytestCall:
    """``report`` is the path after ``--junitxml``, seen from the command's directory, if the command has one."""

    report: str | None


def pytest_call(command: Command) -> PytestCall | None:
    """The one pytest call of a command; None where there is none, or several, whose reports would replace each other."""
    calls = list(_calls(command))
    return calls[0] if len(calls) == 1 else None


def words(command: Command) -> tuple[str, ...]:
    """The words of a command; none of a string that no shell could split."""
    if not isinstance(command, str):
        return command
    try:
        lexer = shlex.shlex(command.replace("\n", " ; "), posix=True, punctuation_chars=True)
        lexer.commenters = ""
        lexer.whitespace_split = True
        return tuple(lexer)
    except ValueError:
        return ()


def simple_commands(command: Command) -> Iterator[tuple[str, ...]]:
    """The single commands of a shell line, e.g. two of ``cd a && pytest``; an argument list is one."""
    if not isinstance(command, str):
        yield command
        return
    current: list[str] = []
    for word in words(command):
        if word in _BETWEEN:
            if current:
                yield tuple(current)
            current = []
        else:
            current.append(word)
    if current:
        yield tuple(current)


def unwrapped(simple: Sequence[str]) -> tuple[str, ...]:
    """The program that is meant and its arguments: without assignments, ``env``, ``uv run`` and the like."""
    rest = tuple(simple)
    while rest:
        while rest and _ASSIGNMENT.fullmatch(rest[0]):
            rest = rest[1:]
        if not rest:
            break
        name = _name(rest[0])
        two = f"{name} {rest[1]}" if len(rest) > 1 else ""
        wrapper = two if two in _WRAPPERS else name
        if wrapper not in _WRAPPERS:
            break
        if wrapper == "coverage run" and "-m" in rest:
            return ("python", *rest[rest.index("-m") :])
        rest = _after_options(rest[len(wrapper.split()) :], _WRAPPERS[wrapper])[_POSITIONAL.get(wrapper, 0) :]
    return rest


def module_of(program: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """The module of ``python -m module`` and its arguments."""
    if not program or not _PYTHON.fullmatch(_name(program[0])):
        return None
    rest = _after_options(tuple(program[1:]), _PYTHON_VALUES, stop="-m")
    return (rest[1], rest[2:]) if len(rest) > 1 and rest[0] == "-m" else None


def _calls(command: Command) -> Iterator[PytestCall]:
    directory = "."
    for simple in simple_commands(command):
        if simple[0] == "cd" and len(simple) == 2:  # noqa: PLR2004 - the word and its one argument
            directory = str(PurePosixPath(directory) / simple[1])
            continue
        program = unwrapped(simple)
        module = module_of(program)
        if module is not None and module[0] in {"pytest", "py.test"}:
            yield PytestCall(_report(module[1], directory))
        elif program and _name(program[0]) in _PYTEST:
            yield PytestCall(_report(program[1:], directory))


def _report(arguments: Sequence[str], directory: str) -> str | None:
    found = None
    for index, argument in enumerate(arguments):
        name, is_joined, value = argument.partition("=")
        if name in {"--junitxml", "--junit-xml"}:
            found = value if is_joined else next(iter(arguments[index + 1 :]), None)
    return str(PurePosixPath(directory) / found) if found else None


def _after_options(rest: tuple[str, ...], with_value: frozenset[str], stop: str = "") -> tuple[str, ...]:
    while rest and rest[0].startswith("-") and rest[0] != stop:
        if rest[0] == "--":
            return rest[1:]
        rest = rest[2:] if rest[0] in with_value else rest[1:]
    return rest


def _name(word: str) -> str:
    return word.rpartition("/")[2]
