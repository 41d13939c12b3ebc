"""Whether a text is JSON; comments and trailing commas pass in the files whose readers take them."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from autopack.edits.content.problem import Problem

JSON_SUFFIXES: Final = (".json", ".jsonc", ".ipynb", ".webmanifest", ".geojson", ".code-snippets", ".code-workspace")
DEPTH_MAX: Final = 500

_TAKES_COMMENTS: Final = re.compile(
    r"(?:.*[/.-])?(?:ts|js)config[^/]*\.json|(?:.*/)?tsconfig/[^/]*\.json|.*\.(?:jsonc|code-snippets|code-workspace)|(?:.*/)?\.(?:vscode|zed|devcontainer)/.*"
    r"|(?:.*/)?(?:\.?devcontainer|tslint|deno|api-extractor[^/]*|\.eslintrc|\.jshintrc|\.jscsrc|\.swcrc|\.babelrc|babel\.config|\.oxlintrc|biome|turbo|nx|rush"
    r"|version-policies|common-versions|wrangler|typedoc|\.?cspell|angular|language-configuration|launchsettings|appsettings[^/]*|renovate|\.renovaterc"
    r"|pyrightconfig|\.prettierrc|\.stylelintrc|\.markdownlint|settings|keybindings)\.json"
)
_COMMENT_KEYS: Final = frozenset({"", "//", "#", "_comment", "$comment", "comment"})  # said more than once where JSON has no comments
_TRIVIA: Final = re.compile(
    r'("(?:[^"\\]++|\\.)*+"?)|//[^\n]*|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)|,(?=(?:\s++|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+[}\]])',
    re.DOTALL,
)
_TEMPLATE: Final = re.compile(r"\{\{|\{%|<%|\$\{")
_KEY_OR_BRACKET: Final = re.compile(r'("(?:[^"\\]++|\\.)*+")(\s*+:)?|[{}\[\]]', re.DOTALL)
_BRACKETS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


class _UnsoundError(ValueError):
    """Something that the standard parser takes and a strict reader does not."""


class _TwiceError(_UnsoundError):
    """A key that an object has twice; up to the end of that object the text is JSON."""


def json_problem(path: str, text: str) -> Problem | None:
    """The first error of a text that is no JSON."""
    text = text.removeprefix("\ufeff")
    deep = too_deep_at(text, DEPTH_MAX)
    if deep is not None:
        return Problem(text.count("\n", 0, deep) + 1, f"it is nested more than {DEPTH_MAX} levels deep", "make it flatter")
    problem = _parse_problem(text)
    if problem is None:
        return None
    if _TAKES_COMMENTS.fullmatch(path.lower()):
        return _parse_problem(_TRIVIA.sub(_blanked, text))
    is_template = "{%" in text or bool(_TEMPLATE.search(text.split("\n")[problem.line - 1]))
    return None if is_template else problem


def _parse_problem(text: str) -> Problem | None:
    try:
        json.loads(text, object_pairs_hook=_judge_keys, parse_constant=_refuse_constant, parse_int=str)
    except json.JSONDecodeError as error:
        return Problem(error.lineno, _reason(text, error))
    except _TwiceError as error:
        return _duplicate(text) or Problem(1, str(error))
    except _UnsoundError as error:
        return Problem(1, str(error))
    except RecursionError:
        return Problem(1, "it is nested too deeply", "make it flatter")
    return None


def _reason(text: str, error: json.JSONDecodeError) -> str:
    rest = text[error.pos :].lstrip()
    if not text.strip():
        return "the file is empty"
    if not rest:
        return "it stops in the middle"
    if rest.startswith(("//", "/*", "#")):
        return "a comment stands there, which JSON does not have"
    if rest[0] in "}]" and text[: error.pos].rstrip().endswith(","):
        return "a comma stands before a closing bracket"
    return error.msg[0].lower() + error.msg[1:]


def _judge_keys(pairs: list[tuple[str, Any]]) -> None:
    keys = [key for key, _ in pairs if key not in _COMMENT_KEYS]
    if len(set(keys)) != len(keys):
        raise _TwiceError("a key is given twice")


def _refuse_constant(name: str) -> NoReturn:
    raise _UnsoundError(f"{name} is no number that JSON has")


def _duplicate(text: str) -> Problem | None:
    """Where a key stands for the second time in one object."""
    levels: list[set[str]] = []
    for match in _KEY_OR_BRACKET.finditer(text):
        if match[0][0] in "{[":
            levels.append(set())
        elif match[0] in "}]":
            levels.pop()
        elif match[2]:
            key = json.loads(match[1], strict=False)
            if key in levels[-1] and key not in _COMMENT_KEYS:
                return Problem(
                    text.count("\n", 0, match.start()) + 1, f"the key {key!r} is given twice in one object", "give each key once"
                )
            levels[-1].add(key)
    return None


def _blanked(match: re.Match[str]) -> str:
    return match[0] if match[1] else re.sub(r"[^\n]", " ", match[0])


def too_deep_at(text: str, limit: int) -> int | None:
    """The offset of the first bracket that opens a level below ``limit``; brackets in double-quoted strings do not count."""
    if text.count("[") + text.count("{") <= limit:
        return None
    depth = 0
    for bracket, offset in _brackets(text):
        depth += 1 if bracket in "[{" else -1
        if depth > limit:
            return offset
    return None


def _brackets(text: str) -> Iterator[tuple[str, int]]:
    return ((match[0], match.start()) for match in _BRACKETS.finditer(text) if match[0][0] != '"')
