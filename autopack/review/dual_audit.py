"""Two audits of one candidate as one verdict: what either is against blocks, and both can be read in it. Pure."""

from typing import Final

from autopack.core.reviewing import AuditBy, Criterion, Verdict

ALONE: Final = "This category asks for two auditors, and only one model can be asked: it was audited once."


def both(first: tuple[str, Verdict], second: tuple[str, Verdict]) -> Verdict:
    """``provider/model`` and its verdict, twice. What only one demands of a test, nobody demands."""
    (_, one), (_, other) = first, second
    return Verdict(
        verdict="approve" if one.verdict == other.verdict == "approve" else "reject",
        confidence=min(one.confidence, other.confidence),
        summary=" ".join(f"{model}: {verdict.summary or verdict.verdict}" for model, verdict in (first, second)),
        issues=tuple(dict.fromkeys((*one.issues, *other.issues))),
        criteria=_criteria(one.criteria, other.criteria),
        changed_tests=tuple(demand for demand in one.changed_tests if demand in other.changed_tests),
        failure_kind=one.failure_kind or other.failure_kind,
        audits=tuple(_by(model, verdict) for model, verdict in (first, second)),
    )


def alone(model: str, verdict: Verdict) -> Verdict:
    return verdict.model_copy(update={"audits": (_by(model, verdict),), "note": ALONE})


def _by(model: str, verdict: Verdict) -> AuditBy:
    return AuditBy(model=model, verdict=verdict.verdict, confidence=verdict.confidence, summary=verdict.summary)


def _criteria(one: tuple[Criterion, ...], other: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """Each once; as wrong where either says so, else as not met where either does."""
    found: dict[str, Criterion] = {}
    for answer in (*one, *other):
        before = found.get(answer.criterion)
        if before is None or answer.wrong.strip() or (before.met and not before.wrong.strip()):
            found[answer.criterion] = answer
    return tuple(found.values())
