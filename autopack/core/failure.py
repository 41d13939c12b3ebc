"""One table: a kind of failure -> what it means for the next attempt, the model, the health budget."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal


class FailureKind(StrEnum):
    REPLY_CUT = "reply_cut"
    REPLY_MALFORMED = "reply_malformed"
    REPLY_REFUSED = "reply_refused"
    CONTEXT_EXCEEDED = "context_exceeded"
    EDIT_REFUSED = "edit_refused"
    SCOPE_VIOLATION = "scope_violation"
    GUARD = "guard"
    SYNTAX = "syntax"
    NO_CHANGE = "no_change"
    BUILDER_BLOCKED = "builder_blocked"
    SCOPE_GRANTED = "scope_granted"
    NEEDLESS_SCOPE = "needless_scope"
    DERIVE_FAILED = "derive_failed"
    CHECKS_RED = "checks_red"
    CHECK_TIMEOUT = "check_timeout"
    NO_TESTS = "no_tests"
    NOT_RED = "not_red"
    FLAKY = "flaky"
    TESTS_WEAKENED = "tests_weakened"
    ENVIRONMENT = "environment"
    CHECK_UNUSABLE = "check_unusable"
    AUDIT_REJECTED = "audit_rejected"
    AUDIT_UNREADABLE = "audit_unreadable"
    CONFLICT = "conflict"
    REVIEW_REJECTED = "review_rejected"
    PROVIDER = "provider"
    HINT = "hint"


@dataclass(frozen=True)
class FailureRule:
    """``label`` is the README's name; ``health`` the budget it counts in; ``lead`` opens the feedback to the builder."""

    label: str
    health: Literal["provider", "patch", "failure"]
    is_retried: bool
    escalates: bool
    lead: str


def _rule(
    label: str, health: Literal["provider", "patch", "failure"], lead: str, *, retried: bool = True, escalates: bool = True
) -> FailureRule:
    return FailureRule(label, health, retried, escalates, lead)


RULES: Final[dict[FailureKind, FailureRule]] = {
    FailureKind.REPLY_CUT: _rule(
        "truncated_output",
        "patch",
        "Your last reply was cut off before it ended, so nothing of it was used. Answer with structured edits.",
        escalates=False,
    ),
    FailureKind.REPLY_MALFORMED: _rule(
        "patch_apply_error", "patch", "Your last reply was not the one JSON object that was asked for, so nothing of it was used."
    ),
    FailureKind.REPLY_REFUSED: _rule(
        "model_refusal", "failure", "The last request was declined. The task is ordinary software work in this repository."
    ),
    FailureKind.CONTEXT_EXCEEDED: _rule(
        "context_exceeded", "failure", "The last request was too long for the model; fewer files are shown now."
    ),
    FailureKind.EDIT_REFUSED: _rule("patch_apply_error", "patch", "Your last edits could not be placed, so none of them was applied."),
    FailureKind.SCOPE_VIOLATION: _rule(
        "scope_violation", "patch", "Your last edits touched a path that is not allowed, so none of them was applied."
    ),
    FailureKind.GUARD: _rule("guard_refused", "patch", "Your last edits were refused by a guard, so none of them was applied."),
    FailureKind.SYNTAX: _rule("validation_error", "patch", "Your last edits would leave an invalid file, so none of them was applied."),
    FailureKind.NO_CHANGE: _rule("no_change", "patch", "Your last reply changed nothing."),
    FailureKind.SCOPE_GRANTED: _rule(
        "scope_granted",
        "failure",
        "You asked for more paths, and the plan allows them: they are in the scope now.",
        retried=False,
        escalates=False,
    ),
    FailureKind.NEEDLESS_SCOPE: _rule(
        "needless_scope",
        "failure",
        "You asked again for what you may change or were shown already. Answer with the change: make a file that is not there, and where "
        "you must see lines that were not shown, ask with needs_context for exactly those (`path:first-last`).",
        escalates=False,
    ),
    FailureKind.BUILDER_BLOCKED: _rule("blocked", "failure", "The builder could not go on.", retried=False, escalates=False),
    FailureKind.DERIVE_FAILED: _rule("derive_failed", "failure", "A tool that derives files from your edits failed on them."),
    FailureKind.CHECKS_RED: _rule(
        "ci_fail", "failure", "Your last edits were applied, but the project's checks fail with them; they were taken back."
    ),
    FailureKind.CHECK_TIMEOUT: _rule("ci_timeout", "failure", "With your last edits a check did not end in time; they were taken back."),
    FailureKind.NO_TESTS: _rule("ci_no_tests", "failure", "With your last edits the check ran no test; they were taken back."),
    FailureKind.NOT_RED: _rule(
        "tests_not_red", "failure", "This phase must add tests that fail until the feature exists; the new tests did not fail as required."
    ),
    FailureKind.FLAKY: _rule("flaky", "failure", "A test failed and then passed on the same code, which this phase does not allow."),
    FailureKind.TESTS_WEAKENED: _rule(
        "tests_weakened",
        "failure",
        "Your last edits pass the checks only with the tests, or what decides how they are run, as you changed them; they were taken back.",
    ),
    FailureKind.ENVIRONMENT: _rule("environment", "failure", "A command could not be run here.", retried=False, escalates=False),
    FailureKind.CHECK_UNUSABLE: _rule(
        "check_unusable", "failure", "The check says the same without any change, so it cannot judge one.", retried=False, escalates=False
    ),
    FailureKind.AUDIT_REJECTED: _rule(
        "auditor_reject", "failure", "Your last edits passed the checks, but the reviewer rejected them; they were taken back."
    ),
    FailureKind.AUDIT_UNREADABLE: _rule(
        "auditor_unreadable", "provider", "The review of your last edits could not be read.", escalates=False
    ),
    FailureKind.CONFLICT: _rule(
        "conflict",
        "failure",
        "The branch moved under your last edits and touches the same files; look at the files as they are now.",
        escalates=False,
    ),
    FailureKind.REVIEW_REJECTED: _rule("review_reject", "failure", "A person rejected your last edits."),
    FailureKind.PROVIDER: _rule("infra_error", "provider", "The model could not be reached.", retried=False, escalates=False),
    FailureKind.HINT: _rule("hint", "failure", "A person who looked at this phase adds this.", escalates=False),
}
