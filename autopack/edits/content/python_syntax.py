"""Whether a text is Python: of this interpreter, of a newer one, or of Python 2 where that is what the file is in."""

import re
import symtable
import warnings
from typing import Final

from autopack.edits.content.newer_python import in_older_words
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
_TEMPLATE: Final = re.compile(r"\{%|\{\{[^{}\n]*\}\}")


def python_problem(_path: str, text: str) -> Problem | None:
    """The first syntax error of a text that is no Python at all."""
    text = text.removeprefix("\ufeff")
    problem = _compile_problem(text)
    if problem is None or _is_python_2(text, problem):
        return None
    older = in_older_words(text)
    if older is not None and _compile_problem(older) is None:
        return None
    is_template = "{%" in text or _TEMPLATE.search(line_of(text, problem.line))
    return None if is_template else problem


def _is_python_2(text: str, problem: Problem) -> bool:
    """True where the first error is no error in Python 2; whether the rest is sound, no parser at hand can tell."""
    is_statement = problem.reason.startswith(_PYTHON_2) or _PYTHON_2_LINE.match(line_of(text, problem.line))
    return bool(is_statement) or _PYTHON_2_SHEBANG.match(text) is not None


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
