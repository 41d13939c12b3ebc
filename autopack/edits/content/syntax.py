"""Whether a result parses as what its name says it is, compared with how it parsed before."""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.content.compose import compose_problem, is_compose
from autopack.edits.content.json_syntax import JSON_SUFFIXES, json_problem
from autopack.edits.content.kinds import SCRIPT_SUFFIXES, Kind, suffix_of
from autopack.edits.content.literals import spans
from autopack.edits.content.problem import Problem, refuse, was_there
from autopack.edits.content.python_syntax import python_problem
from autopack.edits.content.toml_syntax import toml_problem
from autopack.edits.content.yaml_syntax import yaml_problem

_Find = Callable[[str, str], Problem | None]  # (path, text) -> the first breakage

_FINDERS: Final[Mapping[str, tuple[str, _Find]]] = {
    **dict.fromkeys((".py", ".pyi", ".pyw"), ("Python", python_problem)),
    **dict.fromkeys(JSON_SUFFIXES, ("JSON", json_problem)),
    **dict.fromkeys((".toml",), ("TOML", toml_problem)),
    **dict.fromkeys((".yaml", ".yml"), ("YAML", yaml_problem)),
}
_IS_MEANT_TO_BE_BROKEN: Final = re.compile(  # what a parser's own tests are fed with
    r"(?:^|/)(?:tests?|testdata|test[_-]data|__tests__|specs?|fixtures?|__fixtures__)/(?:.*[/_.-])?(?:bad|broken|invalid|malformed|corrupt|syntax[_-]?error)"
)
_CHECKED: Final = SCRIPT_SUFFIXES | {".java", ".go", ".rs", ".cs", ".css", ".scss", ".less", ".kt", ".swift", ".php", ".dart", ".scala"}
_OPEN_END: Final = re.compile(r"[ \t].*|.*(?:[{(\[,=+*&|?:<.]|=>|->)", re.DOTALL)


def judge_syntax(path: str, before: str | None, after: str) -> None:
    """Refuses a text that is broken, unless the old text was broken in the same way.

    Raises:
        EditRefused: code ``syntax``, or ``truncated`` where the text stops in the middle.
    """
    if before is None and not after.strip():
        return  # a new empty file is a start
    language, find = _FINDERS.get(PurePosixPath(path).suffix.lower(), ("", truncation_problem))
    problem = find(path, after)
    if problem is None and is_compose(path):
        language, find = "a compose file", _compose_problem
        problem = compose_problem(path, after)
    if problem is None or (_IS_MEANT_TO_BE_BROKEN.search(path.lower()) and not problem.is_unsafe):
        return
    old = None if before is None else find(path, before)
    if before is not None and old is not None and was_there(problem, after, before, old):
        return
    if not language:
        raise refuse(path, RefusalCode.TRUNCATED, problem.line, f"{problem.reason}; {problem.fix}")
    raise refuse(path, RefusalCode.SYNTAX, problem.line, f"this is not {language}: {problem.reason}; {problem.fix}")


def _compose_problem(path: str, text: str) -> Problem | None:
    return yaml_problem(path, text) or compose_problem(path, text)


def truncation_problem(path: str, text: str) -> Problem | None:
    """A file of which braces stay open, and whose last line is indented or ends in something that needs a sequel."""
    if suffix_of(path) not in _CHECKED:
        return None
    body = text.rstrip()
    last = body[body.rfind("\n") + 1 :]
    if not _OPEN_END.fullmatch(last):
        return None
    missing = _open_braces(body, suffix_of(path))
    if missing <= 0:
        return None
    reason = f"the file stops here with {missing} brace{'s' if missing > 1 else ''} still open"
    return Problem(body.count("\n") + 1, reason, "give the file to its end")


def _open_braces(text: str, suffix: str) -> int:
    count, position = 0, 0
    for span in spans(text, Kind.BRACES, suffix):
        count += _balance(text, position, span.start)
        position = span.end
    return count + _balance(text, position, len(text))


def _balance(text: str, start: int, end: int) -> int:
    return text.count("{", start, end) - text.count("}", start, end)
