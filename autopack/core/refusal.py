"""Why a reply is refused as a whole, and what kind of failure each refusal is for the attempt."""

from enum import StrEnum
from typing import Final

from autopack.core.failure import FailureKind


class RefusalCode(StrEnum):
    CUT = "cut"
    NOT_JSON = "not_json"
    SHAPE = "shape"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    SCOPE = "scope"
    EXACT_SCOPE = "exact_scope"
    READ_ONLY = "read_only"
    PROTECTED = "protected"
    PATH = "path"
    PATH_GATE = "path_gate"
    COLLISION = "collision"
    IGNORED = "ignored"
    DELETION = "deletion"
    MASS_DELETION = "mass_deletion"
    MASS_ADDITION = "mass_addition"
    LOST_SYMBOLS = "lost_symbols"
    SECRET = "secret"  # noqa: S105 - a word
    UNSEEN_CHARACTER = "unseen_character"
    SYNTAX = "syntax"
    TRUNCATED = "truncated"
    ELISION = "elision"
    CONFLICT_MARKER = "conflict_marker"
    FENCE = "fence"
    DIFF_AS_CONTENT = "diff_as_content"
    CHARACTERS = "characters"
    NO_CHANGE = "no_change"
    ALREADY_APPLIED = "already_applied"
    AMBIGUOUS = "ambiguous"
    BINARY = "binary"
    BLOCKED = "blocked"
    CONTEXT_IN_NEW_FILE = "context_in_new_file"
    DIFF_KIND = "diff_kind"
    DIFF_NAMES = "diff_names"
    EMPTY = "empty"
    ENCODING = "encoding"
    EXISTS = "exists"
    INDENTATION = "indentation"
    MISSING = "missing"
    NO_CONTEXT = "no_context"
    NO_HUNKS = "no_hunks"
    NOT_FOUND = "not_found"
    NOTHING_TO_TAKE = "nothing_to_take"
    OVERLAP = "overlap"
    RACED = "raced"
    RANGE = "range"
    SNIPPET = "snippet"
    STALE_DELETE = "stale_delete"
    TOO_MUCH_WORK = "too_much_work"


FAILURE_OF: Final[dict[RefusalCode, FailureKind]] = {
    RefusalCode.CUT: FailureKind.REPLY_CUT,
    RefusalCode.NOT_JSON: FailureKind.REPLY_MALFORMED,
    RefusalCode.SHAPE: FailureKind.REPLY_MALFORMED,
    RefusalCode.TOO_LARGE: FailureKind.REPLY_MALFORMED,
    RefusalCode.TOO_MANY: FailureKind.REPLY_MALFORMED,
    RefusalCode.SCOPE: FailureKind.SCOPE_VIOLATION,
    RefusalCode.EXACT_SCOPE: FailureKind.SCOPE_VIOLATION,
    RefusalCode.READ_ONLY: FailureKind.SCOPE_VIOLATION,
    RefusalCode.PROTECTED: FailureKind.SCOPE_VIOLATION,
    RefusalCode.PATH: FailureKind.SCOPE_VIOLATION,
    RefusalCode.PATH_GATE: FailureKind.SCOPE_VIOLATION,
    RefusalCode.COLLISION: FailureKind.SCOPE_VIOLATION,
    RefusalCode.IGNORED: FailureKind.SCOPE_VIOLATION,
    RefusalCode.DELETION: FailureKind.GUARD,
    RefusalCode.MASS_DELETION: FailureKind.GUARD,
    RefusalCode.MASS_ADDITION: FailureKind.GUARD,
    RefusalCode.LOST_SYMBOLS: FailureKind.GUARD,
    RefusalCode.SECRET: FailureKind.GUARD,
    RefusalCode.UNSEEN_CHARACTER: FailureKind.GUARD,
    RefusalCode.SYNTAX: FailureKind.SYNTAX,
    RefusalCode.TRUNCATED: FailureKind.SYNTAX,
    RefusalCode.ELISION: FailureKind.SYNTAX,
    RefusalCode.CONFLICT_MARKER: FailureKind.SYNTAX,
    RefusalCode.FENCE: FailureKind.SYNTAX,
    RefusalCode.DIFF_AS_CONTENT: FailureKind.SYNTAX,
    RefusalCode.CHARACTERS: FailureKind.SYNTAX,
    RefusalCode.NO_CHANGE: FailureKind.NO_CHANGE,
    RefusalCode.ALREADY_APPLIED: FailureKind.EDIT_REFUSED,
    RefusalCode.AMBIGUOUS: FailureKind.EDIT_REFUSED,
    RefusalCode.BINARY: FailureKind.EDIT_REFUSED,
    RefusalCode.BLOCKED: FailureKind.EDIT_REFUSED,
    RefusalCode.CONTEXT_IN_NEW_FILE: FailureKind.EDIT_REFUSED,
    RefusalCode.DIFF_KIND: FailureKind.EDIT_REFUSED,
    RefusalCode.DIFF_NAMES: FailureKind.EDIT_REFUSED,
    RefusalCode.EMPTY: FailureKind.EDIT_REFUSED,
    RefusalCode.ENCODING: FailureKind.EDIT_REFUSED,
    RefusalCode.EXISTS: FailureKind.EDIT_REFUSED,
    RefusalCode.INDENTATION: FailureKind.EDIT_REFUSED,
    RefusalCode.MISSING: FailureKind.EDIT_REFUSED,
    RefusalCode.NO_CONTEXT: FailureKind.EDIT_REFUSED,
    RefusalCode.NO_HUNKS: FailureKind.EDIT_REFUSED,
    RefusalCode.NOT_FOUND: FailureKind.EDIT_REFUSED,
    RefusalCode.NOTHING_TO_TAKE: FailureKind.EDIT_REFUSED,
    RefusalCode.OVERLAP: FailureKind.EDIT_REFUSED,
    RefusalCode.RACED: FailureKind.EDIT_REFUSED,
    RefusalCode.RANGE: FailureKind.EDIT_REFUSED,
    RefusalCode.SNIPPET: FailureKind.EDIT_REFUSED,
    RefusalCode.STALE_DELETE: FailureKind.EDIT_REFUSED,
    RefusalCode.TOO_MUCH_WORK: FailureKind.EDIT_REFUSED,
}
