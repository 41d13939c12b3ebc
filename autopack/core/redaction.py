"""The one redactor: exact values of keys and known shapes of keys, never entropy. It stands where text leaves the process."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

PLACEHOLDER: Final = re.compile(r"⟦redacted:\d+⟧")

SHAPES: Final[tuple[re.Pattern[str], ...]] = (
    re.compile(r"\bsk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{20,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    re.compile(r"\bgithub_pat_[A-Za-z0-9_]{50,}\b"),
    re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    re.compile(r"\bxox[abposr]-[A-Za-z0-9-]{10,}"),
    re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    re.compile(r"\bpypi-[A-Za-z0-9_-]{50,}"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
    re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:[^-<>(){}]|-(?!----))*+-----END (?:[A-Z]+ )?PRIVATE KEY-----"),
)
"""Between the two lines of a key stands no bracket: neither code nor a prompt's frame vanishes between two forged ones."""

_SHAPE_WORDS: Final = ("sk-", "AKIA", "ASIA", "gh", "github_pat_", "glpat-", "xox", "npm_", "pypi-", "AIza", "-----BEGIN ")
"""One of these stands in every match of SHAPES: looking for them first is forty times quicker than the patterns (a test holds it)."""

_SHORTEST_VALUE: Final = 6


class Redactor:
    """Replaces secrets by ``⟦redacted:N⟧``; the same secret always gets the same N within one redactor."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = sorted({value for value in values if len(value) >= _SHORTEST_VALUE}, key=lambda value: (-len(value), value))
        self._numbers = {form: number for number, value in enumerate(known, 1) for form in _forms(value)}
        exact = [re.escape(form) for form in sorted(self._numbers, key=lambda form: (-len(form), form))]
        self._exact = re.compile("|".join(exact) or r"(?!)")
        self._pattern = re.compile("|".join((*exact, *(f"(?:{shape.pattern})" for shape in SHAPES))), re.DOTALL)

    def redact(self, text: str) -> str:
        return self._pattern.sub(self._placeholder, text) if self._is_worth_a_look(text) else text

    def redact_within(self, value: Any) -> Any:  # noqa: ANN401 - what JSON can hold
        """The same value with every text in it redacted; names of keys stay."""
        return _within(value, self.redact)

    def redact_exact(self, value: Any) -> Any:  # noqa: ANN401 - what JSON can hold
        """As ``redact_within``, but only exact values: for replies, in which what merely looks like a key may be a file's content."""
        return _within(value, lambda text: self._exact.sub(self._placeholder, text) if self.known_values_in(text) else text)

    def finds_in(self, text: str) -> bool:
        return self._is_worth_a_look(text) and self._pattern.search(text) is not None

    def known_values_in(self, text: str) -> bool:
        """Whether an exact key value (not just something of a key's shape) stands in the text."""
        return any(value in text for value in self._numbers)

    def _is_worth_a_look(self, text: str) -> bool:
        return any(word in text for word in _SHAPE_WORDS) or self.known_values_in(text)

    def _placeholder(self, match: re.Match[str]) -> str:
        number = self._numbers.get(match[0]) or max(self._numbers.values(), default=0) + 1
        return f"⟦redacted:{number}⟧" + "\n" * match[0].count("\n")  # line numbers behind it stay right


def _forms(value: str) -> set[str]:
    """The value as it is, and as it stands in JSON."""
    return {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}


def _within(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - what JSON can hold
    match value:
        case str():
            return change(value)
        case dict():
            return {key: _within(item, change) for key, item in value.items()}
        case list() | tuple():
            return [_within(item, change) for item in value]
        case _:
            return value
