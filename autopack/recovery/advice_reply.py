"""Replies of replanners and doctors, read as strictly as a builder's."""

from typing import Any

from autopack.core.call import Reply, StopReason
from autopack.edits.model import EditRefused
from autopack.edits.strict_json import read_object


class AdviceUnusable(Exception):  # noqa: N818 - no defect: an answer that leads no further; its sentence is told
    """Counts as a call, and the next row of the policy applies."""


def advice_object(reply: Reply) -> dict[str, Any]:
    """The one object of the reply, without what is null. Raises AdviceUnusable."""
    if reply.stop is StopReason.REFUSAL:
        raise AdviceUnusable("The model declined to answer.")
    if reply.stop is StopReason.CONTEXT_EXCEEDED:
        raise AdviceUnusable("What it was to be told is too long for the model.")
    if reply.is_cut:
        raise AdviceUnusable("The reply was cut off before it ended.")
    try:
        found = read_object(reply.text)
    except EditRefused as error:
        raise AdviceUnusable("The reply is not the one JSON object that was asked for.") from error
    return {key: value for key, value in found.items() if value is not None}


def problem_of(problems: list[Any]) -> str:
    """The first fault of a pydantic error, in words."""
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems[:3])
