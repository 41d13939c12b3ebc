"""Whether a text is Python: of this interpreter, of a newer one, or of Python 2 where that is what the file is in."""

import re
import symtable
import sys
import warnings
from typing import Final

from autopack.edits.content.problem import Problem, line_of

COMPILED_MAX: Final = 64 * 1024  # the compiler compares equal functions with each other; beyond this the parser has to do

_PYTHON_2: Final = (  # how the parser names statements that are sound in Python 2
    "Missing parentheses in call to 'print'",
    "Missing parentheses in call to 'exec'",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer literals are not permitted",
)
_PYTHON_2_LINE: Final = re.compile(
    r"[ \t]*(?:raise[ \t]+[\w.]+[ \t]*,|print[ \t]*(?:>>|\Z|\"|')|exec[ \t]+\w)"
    r"|.*(?:\b[uU][rR][\"']|\b(?:0[xX][\da-fA-F]+|\d+)[lL]\b|<>|`[^`]+`)"
)
_PYTHON_2_SHEBANG: Final = re.compile(r"#!.*\bpython2")
NEWER_LINE_MAX: Final = 1000  # characters of a line that are looked at
_NEWER_REASON: Final = "f-string expression part cannot include"  # how 3.11 refuses what 3.12 takes
_NEWER_LINE: Final = (  # the first Python that reads such a line
    (
        (3, 12),
        re.compile(
            r"[ \t]*type[ \t]+\w+[ \t]*[=\[]"
            r"|[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+[ \t]*\[(?:.*\]|[ \t]*\Z)"
            r"|.*(?<![\w\"'])(?:[fF][rR]?|[rR][fF])([\"'])(?:(?!\1).)*?\{(?:(?:(?!\1)[^}])*+\1(?:(?!\1)[^}])*+\1[^}]*+\}|[ \t]*\Z)"
        ),
    ),
    ((3, 14), re.compile(r".*(?<![\w\"'])(?:[tT][rR]?|[rR][tT])[\"'][^\"']*\{")),
    ((3, 15), re.compile(r"[ \t]*lazy[ \t]+(?:import|from)\b")),
)
_TEMPLATE: Final = re.compile(r"\{%|\{\{[^{}\n]*\}\}")


def python_problem(_path: str, text: str) -> Problem | None:
    """The first syntax error of a text that is no Python at all."""
    text = text.removeprefix("\ufeff")
    problem = _compile_problem(text)
    if problem is None or _is_python_2(text, problem) or _is_newer(text, problem):
        return None
    is_template = "{%" in text or _TEMPLATE.search(line_of(text, problem.line))
    return None if is_template else problem


def _is_python_2(text: str, problem: Problem) -> bool:
    """True where the first error is no error in Python 2; whether the rest is sound, no parser at hand can tell."""
    is_statement = problem.reason.startswith(_PYTHON_2) or _PYTHON_2_LINE.match(line_of(text, problem.line))
    return bool(is_statement) or _PYTHON_2_SHEBANG.match(text) is not None


def _is_newer(text: str, problem: Problem) -> bool:
    """True where the first error stands on a line that a newer Python than this one reads: the rest is left to the project's check."""
    line = line_of(text, problem.line).rstrip("\r")[:NEWER_LINE_MAX]
    return problem.reason.startswith(_NEWER_REASON) or any(sys.version_info < first and sign.match(line) for first, sign in _NEWER_LINE)


def _compile_problem(text: str) -> Problem | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if len(text) <= COMPILED_MAX:
                compile(text, "<edit>", "exec", dont_inherit=True)
            else:
                symtable.symtable(text, "<edit>", "exec")
    except SyntaxError as error:
        return Problem(error.lineno or 1, (error.msg or "invalid syntax").rstrip("."))
    except (RecursionError, MemoryError):
        return Problem(1, "it is nested too deeply", "split the expression up")
    except ValueError as error:
        return Problem(1, str(error))
    except OverflowError:
        return Problem(1, "a line is too long", "split the line up")
    return None
