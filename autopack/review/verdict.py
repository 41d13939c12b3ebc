"""The auditor's reply, read strictly: one JSON object of the contract's shape, or the audit does not count."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from autopack.core.call import Reply, StopReason
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.refusal import RefusalCode
from autopack.core.reviewing import Criterion, Demand, Issue, Verdict
from autopack.edits.model import EditRefused
from autopack.edits.strict_json import read_object
from autopack.review.gate import issue_text

_NUMBER: Final = re.compile(r"(?:criterion\s*)?#?(\d{1,4})(?:[.):]\s+.*|[.):])?", re.IGNORECASE | re.DOTALL)
_ISSUES_SHOWN: Final = 20
_MESSAGE_CHARACTERS: Final = 1_000
_ORDER: Final = ("critical", "major", "minor")


def read_verdict(reply: Reply, phase: PhaseSpec) -> Verdict:
    """The verdict, with criteria that were answered by number in the plan's words.

    Keys that the contract does not have are passed over, and ``null`` counts as left out; everything else has to fit.

    Raises:
        AttemptFailed: of the kind ``audit_unreadable``, with the reason.
    """
    if reply.stop is StopReason.CONTEXT_EXCEEDED and not reply.text:
        raise _unreadable("The change was too long for the auditor's model")
    if reply.is_cut:
        raise _unreadable("The auditor's reply was cut off before it ended")
    if reply.stop is StopReason.REFUSAL:
        raise _unreadable("The model declined to review the change")
    known = _known(_json_object(reply.text), Verdict)
    for key, model in (("issues", Issue), ("criteria", Criterion), ("changed_tests", Demand)):
        if isinstance(known.get(key), list):
            known[key] = [_known(item, model) if isinstance(item, dict) else item for item in known[key]]
    try:
        verdict = Verdict.model_validate_json(json.dumps(known), strict=True)
    except ValidationError as error:
        raise _unreadable(f"The auditor's reply does not have the shape of a verdict: {_told(error)}") from error
    named = tuple(answer.model_copy(update={"criterion": _named(answer.criterion, phase)}) for answer in verdict.criteria)
    demands = tuple(answer.model_copy(update={"criterion": _named(answer.criterion, phase)}) for answer in verdict.changed_tests)
    return verdict.model_copy(update={"criteria": named, "changed_tests": demands, "audits": (), "note": ""})


def _json_object(text: str) -> dict[str, Any]:
    """The one object of the reply, read as strictly as a builder's."""
    try:
        return read_object(text)
    except EditRefused as error:
        ending = (
            "ends before its JSON does" if error.code is RefusalCode.CUT else "is not one JSON object, bare or in its only ```json fence"
        )
        raise _unreadable(f"The auditor's reply {ending}") from error


def _known(data: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in model.model_fields and value is not None}


def _told(error: ValidationError) -> str:
    return "; ".join(_problem(problem["loc"], problem["msg"]) for problem in error.errors()[:3])


def _problem(place: Iterable[int | str], message: str) -> str:
    return f"{'.'.join(str(part) for part in place)}: {message}"


def _named(criterion: str, phase: PhaseSpec) -> str:
    """The plan's words where the auditor gave a criterion's number, alone or before the text."""
    match = _NUMBER.fullmatch(criterion.strip())
    if match is None or criterion in phase.acceptance_criteria:
        return criterion
    index = int(match[1]) - 1
    return phase.acceptance_criteria[index] if 0 <= index < len(phase.acceptance_criteria) else criterion


def _unreadable(reason: str) -> AttemptFailed:
    return AttemptFailed(FailureKind.AUDIT_UNREADABLE, f"{reason}.")


def rejection_evidence(verdict: Verdict) -> str:
    """The worst issues first, a line each; bounded."""
    issues = sorted(verdict.issues, key=lambda issue: _ORDER.index(issue.severity))
    lines = [_issue_line(issue) for issue in issues[:_ISSUES_SHOWN]]
    if len(issues) > _ISSUES_SHOWN:
        lines.append(f"and {len(issues) - _ISSUES_SHOWN} lesser issues")
    lines += [f"not met: {_short(answer.criterion)} ({_short(answer.evidence)})" for answer in verdict.criteria if not answer.met]
    return "\n".join(lines)


def _issue_line(issue: Issue) -> str:
    return f"{issue.severity}: {_short(issue_text(issue))}"


def _short(text: str) -> str:
    return text if len(text) <= _MESSAGE_CHARACTERS else text[:_MESSAGE_CHARACTERS] + " …"
