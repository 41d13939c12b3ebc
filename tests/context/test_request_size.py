"""What one small change costs in tokens: the bodies of the builder's and the auditor's request together."""

import json

from autopack.context.builder_prompt import builder_prompt
from autopack.context.gather import Rules, gather
from autopack.core.checking import CheckReport, CheckStatus, StepReport, StepStatus, TestResults
from autopack.core.redaction import Redactor
from autopack.core.settings import ContextSettings
from autopack.review.audit_prompt import Change, audit_prompt
from tests.support.text_tree import TextTree, phase_of

GOAL = "Make the numbers of the shop right."
HEAD = '"""The cart: what is in it and what it costs."""\n\nfrom decimal import Decimal\n\nVAT = Decimal("0.19")\n'
BODY = "".join(
    f"\n\ndef line_{n}(price: Decimal, count: int) -> Decimal:\n"
    f'    """The total of a line of kind {n}, value added tax included."""\n'
    "    if count < 0:\n"
    f'        raise ValueError("a line of kind {n} cannot have a negative count")\n'
    "    net = price * count\n"
    "    return net + net * VAT\n"
    for n in range(11)
)
CART = HEAD + BODY + "# the end\n" * (98 - (HEAD + BODY).count("\n"))
DIFF = """diff --git a/shop/cart.py b/shop/cart.py
index 3b18e51..a0d9f2c 100644
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -2,7 +2,7 @@

 from decimal import Decimal

-VAT = Decimal("0.19")
+VAT = Decimal("0.20")


 def line_0(price: Decimal, count: int) -> Decimal:
"""


def body_length(prompt):
    """The body as the larger of the two vendors' requests has it, with cache marks and the schema."""
    mark = {"cache_control": {"type": "ephemeral"}}
    blocks = [{"type": "text", "text": block.text, **(mark if block.is_stable else {})} for block in prompt.blocks]
    form = {"format": {"type": "json_schema", "schema": prompt.reply_schema}}
    body = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 64000,
        "stream": True,
        "system": [{"type": "text", "text": prompt.system, **mark}],
        "messages": [{"role": "user", "content": blocks}],
        "output_config": form,
    }
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def test_a_one_line_change_costs_fewer_than_2900_tokens():
    assert CART.count("\n") == 98
    assert 3_000 <= len(CART) <= 3_500
    crowd = {f"shop/module_{n:03}.py": "x = 1\n" for n in range(300)} | {f"docs/page_{n}.md": "# Page\n" for n in range(60)}
    phase = phase_of(
        "shop/cart.py",
        description="The rate of value added tax is 20 %: change VAT.",
        acceptance_criteria=("VAT is 0.20", "The tests pass"),
    )
    context = gather(phase, TextTree({"shop/cart.py": CART, "README.md": "# Shop\n", **crowd}), (), Rules("c0ffee", 150_000, Redactor()))
    results = TestResults(passed=tuple(f"tests/test_cart.py::test_{n}" for n in range(40)))
    step = StepReport(name="check", command="pytest -q", status=StepStatus.GREEN, exit_code=0, duration_s=1.0, output="", results=results)
    change = Change(DIFF, CheckReport(status=CheckStatus.GREEN, steps=(step,)))
    builder = body_length(builder_prompt(phase, context, GOAL))
    auditor = body_length(audit_prompt(phase, change, GOAL, (), ContextSettings()))
    print(f"builder {builder / 4:.0f}, auditor {auditor / 4:.0f}, together {(builder + auditor) / 4:.0f} tokens")
    assert (builder + auditor) / 4 <= 2_900
