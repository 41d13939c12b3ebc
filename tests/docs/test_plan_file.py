import re
from pathlib import Path

from autopack.core.plan import Plan
from autopack.planning.descriptions import DESCRIPTIONS
from tests.support.plans import plan

TEXT = (Path(__file__).parents[2] / "docs" / "plan_file.md").read_text("utf-8")


def test_the_documented_plan_is_a_plan_and_shows_every_key():
    (block,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert isinstance(plan(block), Plan)
    for keys in DESCRIPTIONS.values():
        assert [key for key in keys if not re.search(rf"\b{key}:", block)] == []


def test_the_documented_short_forms_are_taken():
    text = (
        "version: 1\ngoal: g\nworkspace: {setup: npm ci, link: .venv}\nphases:\n  - id: a\n    description: d\n    scope: {paths: [x]}\n"
        "    ci: {command: pytest -q, timeout_s: 60}\n    derive: [{command: c, when: '**/*.py', writes: package-lock.json}]\n"
    )
    assert plan(text).phases[0].ci.steps[0].timeout_s == 60
