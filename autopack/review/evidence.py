"""What the next attempt is told of a rejection: the issues with their places, the criteria that are not met."""

from typing import Final

from autopack.core.reviewing import Issue, Verdict
from autopack.review.gate import issue_text

_ISSUES_SHOWN: Final = 20
_MESSAGE_CHARACTERS: Final = 1_000
_ORDER: Final = ("critical", "major", "minor")


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
