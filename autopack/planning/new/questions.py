"""The questions of a kick-off as a file to fill in, and the answers as they come back."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from autopack.core.call import Reply
from autopack.core.errors import InvalidInputError
from autopack.core.model import Frozen
from autopack.edits.model import EditRefused
from autopack.edits.strict_json import read_object
from autopack.planning.yaml_writing import Remarked, comment_lines, yaml_lines
from autopack.settings.document import read_mapping
from autopack.settings.problem import Problem, UnreadableDocumentError
from autopack.settings.validation import validate

HEAD = "Fill in the answers, and give this file back with --answers. What is left empty is answered by its default."


class Question(Frozen):
    id: str
    question: str
    why: str = ""
    default: str = ""


class Answer(Frozen):
    id: str
    question: str
    default: str = ""
    answer: str | None = None


class Answers(Frozen):
    answers: Annotated[tuple[Answer, ...], Field(min_length=1)]

    @property
    def text(self) -> str:
        """What the planner reads."""
        return "\n".join(f"{one.question}\n  {(one.answer or '').strip() or f'(by default) {one.default}'}" for one in self.answers)


class _Asked(Frozen):
    questions: tuple[Question, ...] = ()


def findings_of(reply: Reply) -> dict[str, Any]:
    """What a part of the kick-off said; nothing where it cannot be read, since the plan can do without."""
    try:
        return {} if reply.is_cut else read_object(reply.text)
    except EditRefused:
        return {}


def questions_of(reply: Reply) -> tuple[Question, ...]:
    try:
        return _Asked.model_validate(findings_of(reply)).questions
    except ValidationError:
        return ()


def questions_text(questions: tuple[Question, ...]) -> str:
    items = [
        Remarked({"id": one.id, "question": one.question, "default": one.default, "answer": ""}, one.why or "asked by the kick-off")
        for one in questions
    ]
    return "\n".join([*comment_lines(HEAD), *yaml_lines({"answers": items})]) + "\n"


def read_answers(path: Path, name: str) -> Answers:
    """Raises InvalidInputError with every fault of the file."""
    problems: list[Problem] = []
    try:
        found = validate(Answers, read_mapping(path, name), problems)
    except UnreadableDocumentError as error:
        raise InvalidInputError(f"{name} cannot be read:", tuple(map(str, error.problems))) from error
    if found is None:
        raise InvalidInputError(f"{name} holds no answers:", tuple(map(str, problems)))
    return found
