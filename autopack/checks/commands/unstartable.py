"""Finds commands that could never have started: a mistyped word, a missing script, a tool that is not installed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from autopack.checks.processes.command import CommandEnd, EndKind
from autopack.checks.results.recognise import module_of, simple_commands, unwrapped, words
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.plan import Command, PhaseSpec
from autopack.core.scope import matches

_NOT_FOUND: Final = 127
_NOT_EXECUTABLE: Final = 126

_SPOKEN: Final = r"^(?:\S*sh|\S+): (?:line )?(?:\d+: )?(?:eval: )?(?P<word>[^:\n]{1,200}): "
_SHELL_SAYS: Final = re.compile(_SPOKEN + r"(?:command )?(?:not found|No such file or directory)\s*$", re.MULTILINE)
_SHELL_REFUSES: Final = re.compile(
    _SPOKEN + r"(?:Permission denied|cannot execute[^\n]*|Exec format error|Is a directory)\s*$", re.MULTILINE
)
_MODULES: Final = (
    *("pytest", "unittest", "nose2", "coverage", "tox", "nox", "mypy", "pyright", "ruff", "black", "isort", "flake8", "pylint", "bandit"),
    *("pip", "build", "compileall", "doctest", "django", "sphinx", "mkdocs", "pre_commit", "hypothesis"),
)
"""Tools that are run as modules."""

_NO_MODULE: Final = re.compile(
    r"^(?:[^\n:]{1,400}/)?\S*(?:python|pypy)\S*: "
    r"(?:Error while finding [^\n(]{1,300}\(ModuleNotFoundError: )?No module named '?(?P<word>[\w.]+)'?",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Missing:
    """``word`` is what is not there; ``places`` are paths or patterns that a phase could still make it with."""

    word: str
    sentence: str
    places: tuple[str, ...] = ()


_TOOLS: Final[tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...]] = (
    (re.compile(r"can't open file '(?P<word>[^'\n]+)': \[Errno 2\]"), "there is no file '{word}'", ("{word}",)),
    (re.compile(r"^\S*sh: \d+: cannot open (?P<word>[^:\n]+): No such file", re.MULTILINE), "there is no file '{word}'", ("{word}",)),
    (re.compile(r"[Mm]issing script:? [\"']?(?P<word>[^\s\"']+)", re.MULTILINE), "package.json has no script '{word}'", ("package.json",)),
    (re.compile(r"Command \"(?P<word>[^\"\n]+)\" not found"), "there is no script or program '{word}'", ("package.json",)),
    (re.compile(r"Couldn't find a script named \"(?P<word>[^\"\n]+)\""), "package.json has no script '{word}'", ("package.json",)),
    (
        re.compile(r"No rule to make target [`'\"](?P<word>[^'\"\n]+)'\.\s"),
        "the makefile has no target '{word}'",
        ("Makefile", "makefile", "GNUmakefile"),
    ),
    (re.compile(r"no such (?:sub)?command: [`'](?P<word>[^`'\n]+)"), "cargo has no command '{word}'", ()),
    (re.compile(r"^go (?P<word>[\w-]+): unknown command", re.MULTILINE), "go has no command '{word}'", ()),
    (re.compile(r"Failed to spawn: `(?P<word>[^`\n]+)`"), "there is no program '{word}'", ()),
    (re.compile(r"^Command not found: (?P<word>\S+)", re.MULTILINE), "there is no program '{word}'", ()),
    (
        re.compile(r"[Jj]ustfile does not contain recipe `(?P<word>[^`\n]+)`"),
        "the justfile has no recipe '{word}'",
        ("justfile", "Justfile"),
    ),
)


def missing(command: Command, end: CommandEnd) -> Missing | None:
    """What is missing, or None where the command did start."""
    if end.kind is EndKind.NOT_STARTED:
        word = command.split()[0] if isinstance(command, str) else command[0]
        return Missing(word, end.detail, as_places(word))
    if end.kind is not EndKind.EXITED or not end.exit_code:
        return None
    if end.exit_code == _NOT_FOUND:
        return _by_shell(command, end, _SHELL_SAYS, "is not found")
    if end.exit_code == _NOT_EXECUTABLE:
        return _by_shell(command, end, _SHELL_REFUSES, "cannot be executed")
    return _by_module(command, end) or _by_tool(command, end)


def may_be_made(lacking: Missing, phases: Iterable[PhaseSpec]) -> bool:
    """Whether one of the phases could make it."""
    entries = [entry for phase in phases for entry in phase.scope.paths]
    return any(matches(entry, place) or matches(place, entry) for place in lacking.places for entry in entries)


def cannot_start(where: str, command: str, lacking: Missing) -> EnvironmentBlockedError:
    advice = "Correct the command in the plan, or install what it needs in 'workspace.setup'."
    return EnvironmentBlockedError(
        f"{where} '{command}' cannot be started: {lacking.sentence} {advice}", next_command="autopack plan check"
    )


def as_places(word: str) -> tuple[str, ...]:
    """A phase may still make a relative path, but no program on PATH."""
    return (word.removeprefix("./"),) if "/" in word and not word.startswith(("/", "../")) else ()


def _by_shell(command: Command, end: CommandEnd, says: re.Pattern[str], what: str) -> Missing:
    said = list(says.finditer(end.output))
    if said:
        word = said[-1]["word"]
        return Missing(word, f"'{word}' {what}.", as_places(word))
    first = next((program[0] for simple in simple_commands(command) if (program := unwrapped(simple))), "")
    return Missing(
        first, f"the command ended with exit code {end.exit_code}, by which a shell says that a program {what}.", as_places(first)
    )


def _by_module(command: Command, end: CommandEnd) -> Missing | None:
    named = {module[0] for simple in simple_commands(command) if (module := module_of(unwrapped(simple)))}
    for said in _NO_MODULE.finditer(end.output):
        word = said["word"].removesuffix(".__main__")
        if any(module == word or module.startswith(word + ".") for module in named):
            meant = _meant(word)
            hint = f" Did you mean '{meant}'?" if meant else ""
            return Missing(word, f"python has no module '{word}'.{hint}", () if meant else _module_files(word))
    return None


def _meant(module: str) -> str | None:
    """The tool whose name is one typing error away from the module's; then no phase is about to make that module."""
    from difflib import get_close_matches

    near = get_close_matches(module, [tool for tool in _MODULES if tool[0] == module[0]], n=1, cutoff=0.75)
    return near[0] if near else None


def _module_files(module: str) -> tuple[str, ...]:
    path = module.replace(".", "/")
    return tuple(f"{folder}{path}{end}" for folder in ("", "src/") for end in (".py", "/__main__.py", "/__init__.py"))


def _by_tool(command: Command, end: CommandEnd) -> Missing | None:
    typed = set(words(command))
    for pattern, sentence, places in _TOOLS:
        for said in pattern.finditer(end.output):
            word = said["word"]
            if word in typed or any(word.endswith("/" + one) for one in typed):
                return Missing(
                    word, sentence.format(word=word) + ".", tuple(place.format(word=word).removeprefix("./") for place in places)
                )
    return None
