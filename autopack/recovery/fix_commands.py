"""Which commands a fix may run: one table of forms of git, rm, mkdir, cp and mv. What is in no form is refused, and no shell runs any."""

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from autopack.core.models_settings import FixType
from autopack.recovery.command_words import CommandRefused, Word, words_of
from autopack.recovery.operands import Operands

__all__ = ["CommandRefused", "FixCommand", "parse_fix_command"]


@dataclass(frozen=True)
class FixCommand:
    """An argument list whose paths were judged; they stand behind ``--``, relative to the root and without ``.`` or ``..``."""

    type: FixType
    argv: tuple[str, ...]

    @property
    def text(self) -> str:
        return shlex.join(self.argv)


def parse_fix_command(command: str | Sequence[str], root: str | os.PathLike[str]) -> FixCommand:
    """Judges a command that would run in ``root``, a work tree. Nothing is run or changed.

    Args:
        command: an argument list, or a text that is split into one; quoted metacharacters are text.
        root: where the paths are looked up: none may lead through a link, into another repository, or to a protected file.

    Raises:
        CommandRefused: its sentence says why.
    """
    words = words_of(command)
    name, form = _form_of(words)
    given = _given(form, words[len(name) :], " ".join(name))
    _judge_given(form, given, " ".join(name))
    _judge_brackets(given, root)
    paths = Operands(root).judged(name[-1], tuple(word.text for word in given.operands), is_git=form.type == "git")
    return FixCommand(form.type, (*name, *given.options, *given.revision, *(("--", *paths) if paths else ())))


class _Paths(Enum):
    NONE = auto()
    AFTER_DASHES = auto()  # git takes a word before them for a branch
    FREE = auto()


@dataclass(frozen=True)
class _Form:
    """``flags`` are letters, each taken once; ``valued`` is an option with a value; ``needs``: one of these has to be there."""

    type: FixType
    paths: _Paths = _Paths.NONE
    flags: str = ""
    long: tuple[str, ...] = ()
    valued: str | None = None
    revision: re.Pattern[str] | None = None
    needs: frozenset[str] = frozenset()
    least: int = 0
    without_paths: str | None = None


_HEAD: Final = re.compile("HEAD")
_HEAD_OR_OLDER: Final = re.compile(r"HEAD(?:~\d{1,4})?")

_FORMS: Final[dict[tuple[str, ...], _Form]] = {
    ("git", "checkout"): _Form("git", _Paths.AFTER_DASHES, "qf", revision=_HEAD_OR_OLDER, least=1),
    ("git", "reset"): _Form("git", _Paths.AFTER_DASHES, "q", ("--hard",), revision=_HEAD, without_paths="--hard"),
    ("git", "stash"): _Form("git"),
    ("git", "stash", "push"): _Form("git", _Paths.AFTER_DASHES, "u", valued="-m"),
    ("git", "stash", "pop"): _Form("git"),
    ("git", "stash", "list"): _Form("git"),
    ("git", "clean"): _Form("git", _Paths.FREE, "fdn", needs=frozenset("fn")),
    ("git", "merge"): _Form("git", long=("--abort",), needs=frozenset(("--abort",))),
    ("rm",): _Form("file", _Paths.FREE, "frRv", least=1),
    ("mkdir",): _Form("file", _Paths.FREE, "pv", least=1),
    ("cp",): _Form("file", _Paths.FREE, "frRnpv", least=2),
    ("mv",): _Form("file", _Paths.FREE, "fnv", least=2),
}


@dataclass
class _Given:
    """What stands behind the command's name."""

    options: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    revision: list[str] = field(default_factory=list)
    operands: list[Word] = field(default_factory=list)
    has_dashes: bool = False


def _form_of(words: tuple[Word, ...]) -> tuple[tuple[str, ...], _Form]:
    """The longest form whose name the command begins with. The words of a name are written plainly."""
    for length in (3, 2, 1):
        name = tuple(word.text for word in words[:length])
        if len(name) == length and name in _FORMS:
            if not all(word.is_plain for word in words[:length]):
                raise CommandRefused("The name of a command is written without quotes and escapes.")
            return name, _FORMS[name]
    allowed = sorted({" ".join(name[:2]) for name in _FORMS})
    raise CommandRefused(f"{shlex.join(word.text for word in words[:2])!r} is not one of {', '.join(allowed)}.")


def _given(form: _Form, words: Sequence[Word], name: str) -> _Given:
    given, rest = _Given(), iter(words)
    for word in rest:
        if given.has_dashes:
            given.operands.append(word)
        elif word.text == "--" and form.paths is not _Paths.NONE:
            given.has_dashes = True
        elif word.text.startswith("-") and word.text != "-":
            _take_option(form, given, word, name)
            if word.text == form.valued:
                given.options.append(_value(next(rest, None), word))
        elif form.paths is _Paths.FREE:
            given.operands.append(word)
        elif form.revision is not None and not given.revision and form.revision.fullmatch(word.text):
            given.revision.append(word.text)
        else:
            hint = "; paths stand behind `--`" if form.paths is _Paths.AFTER_DASHES else ""
            raise CommandRefused(f"`{name}` does not take {word.text!r} here{hint}.")
    return given


def _take_option(form: _Form, given: _Given, word: Word, name: str) -> None:
    if given.operands or given.revision:
        raise CommandRefused(f"The option {word.text!r} stands behind what is no option.")
    is_whole = word.text in (*form.long, form.valued)
    names = {word.text} if is_whole else set(word.text[1:])
    is_known = word.is_plain and (is_whole or (names <= set(form.flags) and len(names) == len(word.text) - 1))
    if not is_known or names & given.names:
        raise CommandRefused(f"`{name}` may not be given {word.text!r} here.")
    given.names |= names
    given.options.append(word.text)


def _value(word: Word | None, option: Word) -> str:
    if word is None or word.text.startswith("-"):
        raise CommandRefused(f"{option.text!r} has no value.")
    return word.text


def _judge_given(form: _Form, given: _Given, name: str) -> None:
    if form.needs and not form.needs & given.names:
        raise CommandRefused(f"`{name}` needs one of: {', '.join(sorted(form.needs))}.")
    if len(given.operands) < max(form.least, int(given.has_dashes)):
        raise CommandRefused(f"`{name}` names too few paths.")
    if given.operands and form.without_paths in given.names:
        raise CommandRefused(f"`{name} {form.without_paths}` takes no paths.")


def _judge_brackets(given: _Given, root: str | os.PathLike[str]) -> None:
    """A name with brackets may stand without quotes where a file is called just so: a shell would mean that one, too."""
    for word in given.operands:
        if word.has_brackets and not os.path.lexists(os.path.join(root, word.text)):  # noqa: PTH118 - a name from outside, only looked up
            raise CommandRefused(f"{word.text!r} is a pattern for a shell; put a name with brackets in quotes.")
