"""The tools that a model is offered, as it is told of them, and what its calls say: a model is told what is wrong with one."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from autopack.core.call import ToolCall, ToolSpec
from autopack.core.exploring import ToolName

_WHOLE: Final = {"type": "integer"}
_TEXT: Final = {"type": "string"}


def _spec(name: ToolName, description: str, required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> ToolSpec:
    properties = {**required, **(optional or {})}
    parameters = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return ToolSpec(name=name, description=description, parameters=parameters)


SPECS: Final[dict[ToolName, ToolSpec]] = {
    ToolName.READ: _spec(
        ToolName.READ,
        "Lines of a file, numbered. Look at what the task depends on and was not shown before you answer; make several calls at once.",
        {"path": _TEXT},
        {"first": _WHOLE, "last": _WHOLE},
    ),
    ToolName.SEARCH: _spec(
        ToolName.SEARCH,
        "Lines that match a POSIX extended regular expression.",
        {"pattern": _TEXT},
        {"paths": {"type": "array", "items": _TEXT}},
    ),
    ToolName.LIST: _spec(ToolName.LIST, "What lies in a folder.", {"path": _TEXT}),
    ToolName.SYMBOLS: _spec(ToolName.SYMBOLS, "Where a name is defined, and where it is used.", {"name": _TEXT}),
    ToolName.RUN: _spec(
        ToolName.RUN,
        "Runs a shell command in a scratch copy of the repository, set up as for its checks, without network and git: to reproduce, to "
        "run tests, to compare. What it writes there stays for your later commands and is then thrown away; to hand in a file as it "
        'stands there, answer {"path": "a.py", "action": "take"}.',
        {"command": _TEXT},
    ),
}


def specs_of(tools: Sequence[ToolName], characters: int) -> tuple[ToolSpec, ...]:
    """``characters`` are what the calls of one reply share; the first tool's description says so."""
    specs = [SPECS[tool] for tool in tools]
    limit = f" The results of one reply's calls have {characters:,} characters together."
    return tuple(one.model_copy(update={"description": one.description + limit * (one is specs[0])}) for one in specs)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")


class ReadSaid(_Said):
    path: str
    first: int = 1
    last: int | None = None


class SearchSaid(_Said):
    pattern: Annotated[str, Field(min_length=1)]
    paths: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()


class ListSaid(_Said):
    path: str = ""


class SymbolsSaid(_Said):
    name: Annotated[str, Field(min_length=1)]


class RunSaid(_Said):
    command: Annotated[str, Field(min_length=1)]


class CallUnreadable(Exception):  # noqa: N818 - what became of a call
    """The message tells the model what is wrong with its call."""


Said = TypeVar("Said", bound=_Said)


def read_call(call: ToolCall, kind: type[Said]) -> Said:
    """What the call says. Raises CallUnreadable."""
    try:
        given = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError) as error:
        raise CallUnreadable("The arguments are no JSON.") from error
    if not isinstance(given, dict):
        raise CallUnreadable("The arguments are no JSON object.")
    try:
        return kind.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise CallUnreadable(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}.") from error
