from autopack.core.checking import CheckReport, CheckStatus, StepReport, StepStatus, TestResults
from autopack.core.settings import ContextSettings
from autopack.core.test_runs import ChangedTest, NewTests, OldTests
from autopack.review.audit_prompt import Change, audit_prompt
from autopack.review.weighed_tests import WeighedTests
from tests.support.text_tree import phase_of

DIFF = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
STEP = StepReport(
    name="unit",
    command="pytest -q",
    status=StepStatus.GREEN,
    exit_code=0,
    duration_s=1,
    output="SECRET OUTPUT",
    results=TestResults(passed=("a", "b")),
)
GREEN = CheckReport(status=CheckStatus.GREEN, steps=(STEP,))


def text_of(change, instructions=(), budget=150_000, **changes):
    prompt = audit_prompt(phase_of("a.py", **changes), change, "A better shop.", instructions, ContextSettings(max_tokens=budget))
    return "".join(block.text for block in prompt.blocks)


def test_the_auditor_sees_task_criteria_check_and_diff():
    text = text_of(Change(DIFF, GREEN), (("AGENTS.md", "Write plainly."),), description="Make x two.", acceptance_criteria=("x is 2",))
    for said in ("A better shop.", "Write plainly.", "Make x two.", "1. x is 2", "`pytest -q`: green, 2 passed, 0 failed", "+x = 2"):
        assert said in text


def test_the_rules_are_the_same_for_every_phase():
    one, other = (audit_prompt(phase_of("a.py", id=name), Change(DIFF, GREEN), name, (), ContextSettings()) for name in ("one", "other"))
    assert one.system == other.system
    assert one.reply_schema == other.reply_schema


def test_files_that_tools_made_and_paths_that_were_granted_are_named():
    text = text_of(Change(DIFF, GREEN, derived=("uv.lock",), granted=("setup.cfg",)))
    assert "Written by tools from the change, not by its author: uv.lock" in text
    assert "Granted beyond the scope: setup.cfg" in text


def test_forgiven_flaky_and_written_are_said():
    report = GREEN.model_copy(update={"forgiven": ("t::old",), "flaky": ("t::odd",), "written": ("out.txt",)})
    text = text_of(Change(DIFF, report))
    assert "Failed before and forgiven: t::old" in text
    assert "Flaky: t::odd" in text
    assert "out.txt" in text


def test_a_skipped_check_is_said_with_its_reason():
    text = text_of(Change(DIFF, CheckReport(status=CheckStatus.SKIPPED)), ci={"skip": True, "reason": "docs only"})
    assert "No check was run: docs only" in text


def test_a_huge_diff_is_cut_to_the_budget_and_says_so():
    diff = DIFF + "".join(f"+line {n}\n" for n in range(100_000))
    text = text_of(Change(diff, GREEN), budget=2_000)
    assert len(text) < 8_500
    assert "not shown" in text


def test_an_empty_change_is_said():
    assert "[The change is empty.]" in text_of(Change("", GREEN))


def test_both_runs_over_an_edit_of_tests_are_told_with_ids():
    old = OldTests(
        touched=("tests/t.py",),
        changed=(ChangedTest(test="t::a", how="it fails"), ChangedTest(test="t::b", how="it fails", allowed="the scope names it")),
        gone=("t::c",),
    )
    weighed = WeighedTests(old, NewTests(fail_without=("t::d",), pass_without=("t::e",)))
    text = text_of(Change(DIFF, GREEN, tests=weighed), acceptance_criteria=("x is 2",), ci={"changed_tests": "audit"})
    for said in ("not all pass", "1. t::a: it fails", "t::b: it fails (the scope names it)", "t::c", "t::d", "t::e", '"changed_tests"'):
        assert said in text
    assert (
        "changed_tests"
        in audit_prompt(
            phase_of("a.py", acceptance_criteria=("c",), ci={"changed_tests": "audit"}),
            Change(DIFF, GREEN, tests=weighed),
            "g",
            (),
            ContextSettings(),
        ).reply_schema["properties"]
    )
    assert (
        "changed_tests"
        not in audit_prompt(phase_of("a.py"), Change(DIFF, GREEN, tests=weighed), "g", (), ContextSettings()).reply_schema["properties"]
    )
