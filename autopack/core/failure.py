"""One table: a kind of failure -> what it means for the next attempt and the model."""

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
    GOAL_DRIFT = "goal_drift"
    CRITERION_WRONG = "criterion_wrong"
    RISK_TOO_HIGH = "risk_too_high"
    CONFLICT = "conflict"
    REVIEW_REJECTED = "review_rejected"
    PROVIDER = "provider"
    HINT = "hint"
    REPLANNED = "replanned"
    ADVISED = "advised"
    FIXED = "fixed"
    FIX_REFUSED = "fix_refused"
    FIX_FAILED = "fix_failed"
    FIX_WITHOUT_EFFECT = "fix_without_effect"


FailureType = Literal[
    "truncated_output",
    "patch_apply_error",
    "model_refusal",
    "context_exceeded",
    "scope_violation",
    "guard_refused",
    "validation_error",
    "no_change",
    "scope_granted",
    "needless_scope",
    "blocked",
    "derive_failed",
    "ci_fail",
    "ci_timeout",
    "ci_no_tests",
    "tests_not_red",
    "flaky",
    "tests_weakened",
    "environment",
    "check_unusable",
    "auditor_reject",
    "auditor_unreadable",
    "goal_drift",
    "criterion_wrong",
    "risk_too_high",
    "conflict",
    "review_reject",
    "infra_error",
    "hint",
    "replanned",
    "advised",
    "fixed",
    "fix_refused",
    "fix_failed",
    "fix_without_effect",
]
"""What kinds of failure are called in configuration files; several kinds may share a name."""


FatalKind = Literal["wrong_tech_stack", "schema_mismatch", "api_contract_wrong"]
"""What an auditor calls an approach that is wrong as a whole."""


Fault = Literal["import", "syntax", "logic"]
"""What a red check fails of, as far as its output tells: below ``ci_fail``."""

FAULTS: Final[dict[Fault, str]] = {
    "import": "What fails is an import: something is not found where it is looked for.",
    "syntax": "What fails is that a file cannot be parsed.",
    "logic": "What fails is an assertion: the code runs, and does something else than is expected of it.",
}


@dataclass(frozen=True)
class FailureRule:
    """``label`` is its name in configuration files, ``lead`` opens the feedback to the builder.

    ``speaks_of_work``: it says something about what the builder does, so that the same once more asks for another way.
    """

    label: FailureType
    is_retried: bool
    speaks_of_work: bool
    lead: str


def _rule(label: FailureType, lead: str, *, retried: bool = True, of_work: bool = True) -> FailureRule:
    return FailureRule(label, retried, of_work, lead)


RULES: Final[dict[FailureKind, FailureRule]] = {
    FailureKind.REPLY_CUT: _rule(
        "truncated_output",
        "Your last reply was cut off before it ended, so nothing of it was used. Answer with structured edits.",
        of_work=False,
    ),
    FailureKind.REPLY_MALFORMED: _rule(
        "patch_apply_error", "Your last reply was not the one JSON object that was asked for, so nothing of it was used."
    ),
    FailureKind.REPLY_REFUSED: _rule(
        "model_refusal", "The last request was declined. The task is ordinary software work in this repository."
    ),
    FailureKind.CONTEXT_EXCEEDED: _rule("context_exceeded", "The last request was too long for the model; fewer files are shown now."),
    FailureKind.EDIT_REFUSED: _rule("patch_apply_error", "Your last edits could not be placed, so none of them was applied."),
    FailureKind.SCOPE_VIOLATION: _rule(
        "scope_violation", "Your last edits touched a path that is not allowed, so none of them was applied."
    ),
    FailureKind.GUARD: _rule("guard_refused", "Your last edits were refused by a guard, so none of them was applied."),
    FailureKind.SYNTAX: _rule("validation_error", "Your last edits would leave an invalid file, so none of them was applied."),
    FailureKind.NO_CHANGE: _rule("no_change", "Your last reply changed nothing."),
    FailureKind.SCOPE_GRANTED: _rule(
        "scope_granted",
        "You asked for more paths, and the plan allows them: they are in the scope now.",
        retried=False,
        of_work=False,
    ),
    FailureKind.NEEDLESS_SCOPE: _rule(
        "needless_scope",
        "You asked again for what you may change or were shown already. Answer with the change: make a file that is not there, and where "
        "you must see lines that were not shown, ask with needs_context for exactly those (`path:first-last`).",
        of_work=False,
    ),
    FailureKind.BUILDER_BLOCKED: _rule("blocked", "The builder could not go on.", retried=False, of_work=False),
    FailureKind.DERIVE_FAILED: _rule("derive_failed", "A tool that derives files from your edits failed on them."),
    FailureKind.CHECKS_RED: _rule(
        "ci_fail", "Your last edits were applied, but the project's checks fail with them; they were taken back."
    ),
    FailureKind.CHECK_TIMEOUT: _rule("ci_timeout", "With your last edits a check did not end in time; they were taken back."),
    FailureKind.NO_TESTS: _rule("ci_no_tests", "With your last edits the check ran no test; they were taken back."),
    FailureKind.NOT_RED: _rule(
        "tests_not_red", "This phase must add tests that fail until the feature exists; the new tests did not fail as required."
    ),
    FailureKind.FLAKY: _rule("flaky", "A test failed and then passed on the same code, which this phase does not allow."),
    FailureKind.TESTS_WEAKENED: _rule(
        "tests_weakened",
        "Your last edits pass the checks only with the tests, or what decides how they are run, as you changed them; they were taken back.",
    ),
    FailureKind.ENVIRONMENT: _rule("environment", "A command could not be run here.", retried=False, of_work=False),
    FailureKind.CHECK_UNUSABLE: _rule(
        "check_unusable", "The check says the same without any change, so it cannot judge one.", retried=False, of_work=False
    ),
    FailureKind.AUDIT_REJECTED: _rule(
        "auditor_reject", "Your last edits passed the checks, but the reviewer rejected them; they were taken back."
    ),
    FailureKind.AUDIT_UNREADABLE: _rule("auditor_unreadable", "The review of your last edits could not be read.", of_work=False),
    FailureKind.GOAL_DRIFT: _rule(
        "goal_drift",
        "Your last edits are far from what the plan asks for, as far as their texts tell, so none of them was applied.",
        retried=False,
    ),
    FailureKind.CRITERION_WRONG: _rule(
        "criterion_wrong",
        "A criterion of the task was called wrong, or not to be met as it was written; its author was asked.",
        retried=False,
        of_work=False,
    ),
    FailureKind.RISK_TOO_HIGH: _rule(
        "risk_too_high",
        "Your last edits passed checks and review, but too much about them is risky to land; they were taken back. "
        "Do it with a smaller change that brings its tests.",
    ),
    FailureKind.CONFLICT: _rule(
        "conflict",
        "The branch moved under your last edits and touches the same files; look at the files as they are now.",
        of_work=False,
    ),
    FailureKind.REVIEW_REJECTED: _rule("review_reject", "A person rejected your last edits."),
    FailureKind.PROVIDER: _rule("infra_error", "The model could not be reached.", retried=False, of_work=False),
    FailureKind.HINT: _rule("hint", "A person who looked at this phase adds this.", of_work=False),
    FailureKind.REPLANNED: _rule(
        "replanned",
        "How to go about the phase was planned anew; task, criteria, scope and check stay as they are.",
        retried=False,
        of_work=False,
    ),
    FailureKind.ADVISED: _rule(
        "advised", "Another model that looked at everything that failed so far advises this.", retried=False, of_work=False
    ),
    FailureKind.FIXED: _rule(
        "fixed",
        "Commands were run on the files before this attempt. What they changed is part of the change already; the files are shown so.",
        retried=False,
        of_work=False,
    ),
    FailureKind.FIX_REFUSED: _rule("fix_refused", "A command that was to mend something may not be run.", retried=False, of_work=False),
    FailureKind.FIX_FAILED: _rule("fix_failed", "A command that was to mend something failed.", retried=False, of_work=False),
    FailureKind.FIX_WITHOUT_EFFECT: _rule(
        "fix_without_effect", "Commands that were to mend something changed no file of the scope.", retried=False, of_work=False
    ),
}
