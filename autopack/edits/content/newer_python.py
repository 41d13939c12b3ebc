"""Syntax newer than the interpreter that Autopack runs on, put into older words, so that the rest can be checked."""

import re
from typing import Final

_HINT: Final = re.compile(
    r"^[ \t]*(?:type\s+\w|lazy\s+(?:import|from)\b)|\b(?:def|class)\s+\w+\s*\[|\bexcept\*?\s[^:\n]*,|\b[fFtT][rR]?[\"']|\b[rR][fFtT][\"']",
    re.MULTILINE,
)
_TYPE_ALIAS: Final = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(?=[=\[])", re.MULTILINE)
_LAZY: Final = re.compile(r"^([ \t]*)lazy[ \t]+(?=(?:import|from)\b)", re.MULTILINE)
_BARE_EXCEPT: Final = re.compile(r"^([ \t]*except\*?[ \t]+)(?!\()((?:[\w.]+[ \t]*,[ \t]*)+[\w.]+)[ \t]*:", re.MULTILINE)
_GENERIC: Final = re.compile(r"(\b(?:def|class)[ \t]+\w+[ \t]*|^[ \t]*\w+[ \t]*(?=\[[^\]\n]*\][ \t]*=))\[", re.MULTILINE)
_TOKEN: Final = re.compile(r"#[^\n]*|(?P<prefix>\b[A-Za-z]{1,2})?(?P<quote>\"\"\"|'''|\"|')")
_STRING_END: Final = {
    quote: re.compile(
        rf"(?:[^{quote[0]}\\]++|\\.|{quote[0]}(?!{quote[1:]}))*+{quote}" if len(quote) > 1 else rf"(?:[^{quote}\\\n]++|\\.)*+{quote}",
        re.DOTALL,
    )
    for quote in ('"""', "'''", '"', "'")
}
_IN_FIELD: Final = re.compile(r"[{}\[\]()]|\"\"\"|'''|\"|'|#[^\n]*|!=|[!:]|\n")
NESTING_MAX: Final = 50
TYPE_PARAMETERS_MAX: Final = 500  # characters of them


def in_older_words(text: str) -> str | None:
    """The text with type parameters, type aliases, bare ``except A, B`` and new f- and t-strings put plainly; ``None`` if it has none."""
    if not _HINT.search(text):
        return None
    plain = _without_new_strings(text)
    plain = _LAZY.sub(r"\1", _TYPE_ALIAS.sub(r"\1\2 ", plain))
    return _BARE_EXCEPT.sub(r"\1(\2):", _without_type_parameters(plain))


def _without_type_parameters(text: str) -> str:
    parts: list[str] = []
    position = 0
    while match := _GENERIC.search(text, position):
        end = _closing_bracket(text, match.end())
        parts.append(text[position : match.end() if end is None else match.end(1)])
        position = match.end() if end is None else end
    return "".join(parts) + text[position:]


def _closing_bracket(text: str, position: int) -> int | None:
    """Past the bracket that closes the one before ``position``; type parameters do not nest deep or last for pages."""
    depth = 1
    for match in re.compile(r"[\[\]]").finditer(text, position, position + TYPE_PARAMETERS_MAX):
        depth += 1 if match[0] == "[" else -1
        if not depth:
            return match.end()
    return None


def _without_new_strings(text: str) -> str:
    """Every f- and t-string as an empty string over as many lines, if its braces and inner strings are sound."""
    parts: list[str] = []
    position = 0
    while match := _TOKEN.search(text, position):
        if match["quote"] is None:
            end: int | None = match.end()
            parts.append(text[position:end])
        elif {*(match["prefix"] or "").lower()} & {"f", "t"}:
            end = _field_string_end(text, match.end(), match["quote"], 0)
            if end is not None:
                parts.append(text[position : match.start()] + _empty_string(text.count("\n", match.start(), end)))
        else:
            closing = _STRING_END[match["quote"]].match(text, match.end())
            end = closing.end() if closing else None
            parts.append(text[position:end] if closing else "")
        if end is None:
            break
        position = end
    return "".join(parts) + text[position:]


def _empty_string(line_ends: int) -> str:
    return "''" if not line_ends else "'''" + "\n" * line_ends + "'''"


def _field_string_end(text: str, position: int, quote: str, depth: int) -> int | None:
    """Past the end of an f-string whose opening quote ends at ``position``."""
    stop = re.compile(r"\\.|\{\{|\}\}|\{|" + re.escape(quote) + ("" if len(quote) > 1 else r"|\n"), re.DOTALL)
    while depth < NESTING_MAX and (match := stop.search(text, position)):
        position = match.end()
        if match[0] == quote:
            return position
        if match[0] == "\n":
            return None
        if match[0] == "{":
            end = _field_end(text, position, quote, depth + 1)
            if end is None:
                return None
            position = end
    return None


def _field_end(text: str, position: int, quote: str, depth: int) -> int | None:
    """Past the brace that closes a replacement field: an expression with strings and brackets, then perhaps a format."""
    brackets = 0
    while match := _IN_FIELD.search(text, position):
        sign, position = match[0], match.end()
        if sign in "([{":
            brackets += 1
        elif sign in ")]}" and brackets:
            brackets -= 1
        elif sign == "}":
            return position
        elif sign == ":" and not brackets:
            return _format_end(text, position, quote, depth)
        elif sign[0] in "\"'":
            end = _inner_string_end(text, match.start(), depth)
            if end is None:
                return None
            position = end
    return None


def _inner_string_end(text: str, start: int, depth: int) -> int | None:
    match = re.compile(r"\"\"\"|'''|\"|'").match(text, start)
    if match is None:
        return None
    before = text[max(0, start - 2) : start].lower()
    if depth < NESTING_MAX and before[-1:].isalpha() and {*re.sub(r".*[^a-z]", "", before)} & {"f", "t"}:
        return _field_string_end(text, match.end(), match[0], depth + 1)
    closing = _STRING_END[match[0]].match(text, match.end())
    return closing.end() if closing else None


def _format_end(text: str, position: int, quote: str, depth: int) -> int | None:
    stop = re.compile(r"[{}]|" + re.escape(quote))
    while match := stop.search(text, position):
        position = match.end()
        if match[0] == "}":
            return position
        if match[0] == quote or depth >= NESTING_MAX:
            return None
        end = _field_end(text, position, quote, depth + 1)
        if end is None:
            return None
        position = end
    return None
