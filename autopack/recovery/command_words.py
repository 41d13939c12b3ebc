"""Splits a command into words as a shell would, without doing anything that a shell does: what would be expanded is refused."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LENGTH_MAX: Final = 16_384
WORDS_MAX: Final = 500

_SPECIAL: Final = frozenset("\\;&|<>()$`*?")
_BRACKETS: Final = frozenset("[]{}")
_QUOTES: Final = frozenset("'\"")
_ESCAPED_IN_DOUBLE_QUOTES: Final = frozenset('\\"$`')
_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


class CommandRefused(Exception):  # noqa: N818 - a public name of the contract
    """A command of a fix is not run; the message is a sentence that says why."""


@dataclass(frozen=True)
class Word:
    """``is_plain``: written without a quote or an escape. ``has_brackets``: one stands outside of quotes, which a shell might expand."""

    text: str
    is_plain: bool = True
    has_brackets: bool = False


def words_of(command: str | Sequence[str]) -> tuple[Word, ...]:
    """The words of a text, or of an argument list, in which nothing has a special meaning. Raises CommandRefused."""
    if isinstance(command, str):
        _judge_text(command)
        words = _split(command)
    elif isinstance(command, (list, tuple)) and all(isinstance(word, str) for word in command):
        words = [Word(word) for word in command]
        _judge_text("".join(command))
    else:
        raise CommandRefused("A command is a text or a list of texts.")
    if not words:
        raise CommandRefused("The command is empty.")
    if len(words) > WORDS_MAX:
        raise CommandRefused(f"The command has more than {WORDS_MAX} words.")
    return tuple(words)


def _judge_text(text: str) -> None:
    if len(text) > LENGTH_MAX:
        raise CommandRefused(f"The command is longer than {LENGTH_MAX} characters.")
    unseen = next((character for character in text if not character.isprintable() and unicodedata.category(character) in _UNSEEN), None)
    if unseen is not None and unseen != "\t":
        raise CommandRefused(f"The command holds the invisible or control character U+{ord(unseen):04X}.")


def _split(text: str) -> list[Word]:
    words, position = [], 0
    while position < len(text):
        if text[position] in " \t":
            position += 1
            continue
        word, position = _word(text, position)
        words.append(word)
    return words


def _word(text: str, start: int) -> tuple[Word, int]:
    if text[start] == "#":
        raise CommandRefused("A comment has no place in a command.")
    found: list[str] = []
    is_plain, has_brackets, position = True, False, start
    while position < len(text) and text[position] not in " \t":
        character = text[position]
        if character in _QUOTES:
            part, position = _quoted(text, position)
            found.append(part)
            is_plain = False
            continue
        if character == "\\":
            character, position, is_plain = _escaped(text, position), position + 1, False
        elif character in _SPECIAL:
            raise CommandRefused(f"{character!r} outside of quotes is a shell's, and no shell runs the command.")
        else:
            has_brackets = has_brackets or character in _BRACKETS
        found.append(character)
        position += 1
    return Word("".join(found), is_plain, has_brackets), position


def _quoted(text: str, start: int) -> tuple[str, int]:
    """What stands between the quote at ``start`` and the next one, and the place after that."""
    quote, found, position = text[start], [], start + 1
    while position < len(text) and text[position] != quote:
        character = text[position]
        if quote == '"' and character in "$`":
            raise CommandRefused(f"{character!r} in double quotes is a shell's, and no shell runs the command.")
        if quote == '"' and character == "\\" and text[position + 1 : position + 2] in _ESCAPED_IN_DOUBLE_QUOTES:
            position += 1
            character = text[position]
        found.append(character)
        position += 1
    if position >= len(text):
        raise CommandRefused("A quote is not closed.")
    return "".join(found), position + 1


def _escaped(text: str, position: int) -> str:
    """The character after a backslash; one that needs no escape hides what the word is."""
    character = text[position + 1 : position + 2]
    if not character or (character.isalnum() or character in "./-_"):
        raise CommandRefused("A backslash stands before a character that needs none.")
    return character
