"""What a phase asks for, as one short digest: the same in every clone, however the plan file is wrapped."""

import hashlib
import json
import unicodedata
from typing import Final

from autopack.core.plan import PhaseSpec

DIGITS: Final = 16


def asked_digest(phase: PhaseSpec) -> str:
    """Of description, acceptance criteria and scope, as ``DIGITS`` hexadecimal digits. The order of paths says nothing."""
    scope = phase.scope
    paths = [sorted(set(kind)) for kind in (scope.paths, scope.read_only_context, scope.may_add)]
    asked = [_flat(phase.description), [_flat(text) for text in phase.acceptance_criteria], paths]
    return hashlib.sha256(json.dumps(asked).encode("utf-8")).hexdigest()[:DIGITS]


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
