"""A cap in dollars under which every phase of a plan can be built and audited, and once more."""

import math
from decimal import Decimal
from typing import Final

from autopack.core.call import Role
from autopack.core.errors import UserError
from autopack.core.plan import Plan
from autopack.core.redaction import Redactor
from autopack.core.settings import ApiKey, Settings
from autopack.executor.estimate import call_cost, first_audit, first_prompt
from autopack.llm.calls.routing import chain
from autopack.worktree.base_tree import BaseTree

TRIES: Final = 2


def suggested_cap(plan: Plan, tree: BaseTree, settings: Settings, keys: tuple[ApiKey, ...], redactor: Redactor) -> int | None:
    """Whole dollars; None where no key or no price is known."""
    total = Decimal(0)
    try:
        for phase in plan.phases:
            _, asked = first_prompt(phase, plan, tree, settings, redactor)
            for role, prompt in ((Role.BUILDER, asked), (Role.AUDITOR, first_audit(phase, plan.goal, settings.context))):
                most = call_cost(chain(settings.models, keys, role, phase.complexity)[0], prompt).most
                if most.usd is None:
                    return None
                total += most.usd
    except UserError:
        return None
    return max(1, math.ceil(total * TRIES))
