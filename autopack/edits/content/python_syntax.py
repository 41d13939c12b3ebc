"""Whether a text is Python: of this interpreter, of a newer one, or of Python 2 where that is what the file is in."""

import re
import warnings
from typing import Final

from autopack.edits.content.newer_python import in_older_words
from autopack.edits.content.problem import Problem

_PYTHON_2: Final = (  # how the parser names statements that are sound in Python 2
    "Missing parentheses in call to 'print'",
    "Missing parentheses in call to 'exec'",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer literals are not permitted",
)
_PYTHON_2_SHEBANG: Final = re.compile(r"#!.*\bpython2")
_TEMPLATE: Final = re.compile(r"\{%|\{\{[^{}\n]*\}\}")


def python_problem(_path: str, text: str) -> Problem | None:
    """The first syntax error of a text that is no Python at all."""
    text = text.removeprefix("\ufeff")
    problem = _compile_problem(text)
    if problem is None or _PYTHON_2_SHEBANG.match(text) or problem.reason.startswith(_PYTHON_2):
        return None
    older = in_older_words(text)
    if older is not None and _compile_problem(older) is None:
        return None
    lines = text.split("\n")
    is_template = "{%" in text or (0 < problem.line <= len(lines) and _TEMPLATE.search(lines[problem.line - 1]))
    return None if is_template else problem


def _compile_problem(text: str) -> Problem | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<edit>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Problem(error.lineno or 1, (error.msg or "invalid syntax").rstrip("."))
    except (RecursionError, MemoryError):
        return Problem(1, "it is nested too deeply", "split the expression up")
    except ValueError as error:
        return Problem(1, str(error))
    except OverflowError:
        return Problem(1, "a line is too long", "split the line up")
    return None
