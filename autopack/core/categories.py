"""Categories of phases: which of them carry a high risk by name, and which spellings mean the same."""

import re
from typing import Final

_HIGH_RISK: Final = re.compile(r"(security_auth_change|external_feature_reuse|schema_contract_change)(?:_remote|_destructive)?")


def high_risk_name(category: str) -> str | None:
    """``schema-contract-change_destructive`` -> ``schema_contract_change``; None for a category that is none of these."""
    match = _HIGH_RISK.fullmatch(category.replace("-", "_"))
    return match[1] if match else None


def is_same(one: str, other: str) -> bool:
    """Whether they mean the same: in the same words, or of high risk with or without their endings."""
    name = high_risk_name(one)
    return one.replace("-", "_") == other.replace("-", "_") or (name is not None and name == high_risk_name(other))
