from autopack.core.reviewing import Criterion, Issue, Verdict
from autopack.review.verdict import rejection_evidence


def test_the_worst_comes_first_with_its_place():
    issues = (
        Issue(severity="minor", message="taste"),
        Issue(severity="critical", message="It loses orders.", path="a.py", line=3),
        Issue(severity="major", message="slow", path="b.py"),
    )
    criteria = (Criterion(criterion="It rounds", met=False, evidence="a.py:9 cuts"), Criterion(criterion="Other", met=True))
    assert rejection_evidence(Verdict(verdict="reject", issues=issues, criteria=criteria)).split("\n") == [
        "critical: a.py:3: It loses orders.",
        "major: b.py: slow",
        "minor: taste",
        "not met: It rounds (a.py:9 cuts)",
    ]


def test_a_flood_of_issues_is_bounded():
    text = rejection_evidence(Verdict(verdict="reject", issues=tuple(Issue(severity="major", message="x" * 5_000) for _ in range(500))))
    assert len(text) < 25_000
    assert "and 480 lesser issues" in text
