"""What is wrong with a file, one sentence each, with the place where it stands."""

from collections.abc import Iterable

from autopack.core.model import Frozen
from autopack.settings.node import Node


class Problem(Frozen):
    """``line`` is None where no line is to blame: a missing file, a flag."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class UnreadableDocumentError(Exception):
    """The text is no usable YAML or JSON document, so nothing in it can be looked at."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def problem_at(node: Node, message: str) -> Problem:
    return Problem(file=node.source, line=node.line or None, message=message)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Without repetitions, by file and line."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line or 0)))
