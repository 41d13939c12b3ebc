from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopack.context.builder_prompt import builder_prompt
from autopack.context.gather import Rules, gather
from autopack.core.context import Feedback, LandedPhase
from autopack.core.failure import RULES, FailureKind
from autopack.core.redaction import Redactor
from tests.support.frames import parsed
from tests.support.text_tree import TextTree, numbered_lines, phase_of

FILES = {
    "src/a.py": numbered_lines(120),
    "src/b.py": numbered_lines(700),
    "src/c.py": numbered_lines(3_000),
    "AGENTS.md": "Write plainly.\n",
}


def prompt_of(phase, feedback=(), *, files=FILES, forced=None, max_tokens=6_000):
    context = gather(phase, TextTree(files), feedback, Rules("c0ffee", max_tokens, Redactor(), forced_mode=forced))
    return builder_prompt(phase, context, "A better shop.")


def text_of(prompt):
    return "".join(block.text for block in prompt.blocks)


def test_the_rules_are_the_same_for_every_phase_and_mode():
    assert prompt_of(phase_of("src/a.py")).system == prompt_of(phase_of("src/", id="other", description="Else.")).system


def test_the_prompt_says_the_goal_the_task_the_scope_and_the_check():
    text = text_of(
        prompt_of(
            phase_of(
                "src/a.py", "src/new.py", description="Add tax.", acceptance_criteria=("Tax is added", "It rounds"), may_add=("docs/**",)
            )
        )
    )
    for said in (
        "A better shop.",
        "Write plainly.",
        "Add tax.",
        "1. Tax is added\n2. It rounds",
        "src/a.py, src/new.py",
        "not there yet: src/new.py",
        "docs/**",
        "pytest -q",
    ):
        assert said in text


def test_of_a_phase_that_touched_nothing_of_this_one_only_the_files_are_told():
    landed = (
        LandedPhase(id="far", asked="Say much of other things.", paths=("docs/x.md", "docs/y.md", "docs/z.md", "docs/last.md")),
        LandedPhase(id="near", asked="Change a.", paths=("src/a.py", "docs/a.md")),
        LandedPhase(id="needed", asked="Make what is built on.", paths=("lib/base.py",)),
    )
    phase = phase_of("src/a.py", depends_on=("needed",))
    context = gather(phase, TextTree(FILES), (), Rules("c0ffee", 6_000, Redactor(), landed=landed))
    text = text_of(builder_prompt(phase, context, "A better shop."))
    assert (
        "- near: Change a. (src/a.py, docs/a.md)\n"
        "- needed: Make what is built on. (lib/base.py)\n"
        "- elsewhere: far (docs/x.md, docs/y.md, docs/z.md and 1 more)\n"
    ) in text


def actions_in(prompt):
    return set(prompt.reply_schema["properties"]["files"]["items"]["properties"]["action"]["enum"]) - {"create", "delete", "rename"}


@pytest.mark.parametrize(
    ("path", "answer", "actions", "others"),
    [
        ("src/a.py", "replace", {"replace", "patch"}, ("patch", "edit")),
        ("src/b.py", "patch", {"patch", "replace"}, ("replace", "edit")),
        ("src/c.py", "edit", {"edit"}, ("replace", "patch")),
    ],
)
def test_only_the_forms_that_may_be_answered_are_explained_and_only_those_are_in_the_schema(path, answer, actions, others):
    prompt = prompt_of(phase_of(path))
    text = text_of(prompt)
    assert f'answer="{answer}" asks for' in text
    assert not any(f'answer="{other}"' in text for other in others)
    assert actions_in(prompt) == actions
    assert {action for action in ("replace", "patch", "edit") if f'"action": "{action}"' in text} == actions


@pytest.mark.parametrize("asked", [{"forced": "full_file"}, {"mode": "full_file"}])
def test_who_asks_for_one_form_gets_no_other(asked):
    phase = phase_of("src/a.py", builder_mode=asked.get("mode", "auto"))
    assert actions_in(prompt_of(phase, forced=asked.get("forced"))) == {"replace"}


def test_files_that_are_not_shown_may_be_answered_by_lines_once_they_were_looked_at():
    files = {"src/a.py": "x = 1\n", **{f"src/m{n}.py": numbered_lines(400) for n in range(9)}}
    context = gather(phase_of("src/", description="x"), TextTree(files), (), Rules("c0ffee", 1_000, Redactor()))
    assert context.unshown
    assert "edit" in actions_in(builder_prompt(phase_of("src/"), context, "A better shop."))


def test_a_phase_without_existing_files_explains_no_form():
    assert "answer=" not in text_of(prompt_of(phase_of("src/new.py")))


def test_a_phase_that_only_adds_tests_says_that_they_must_fail():
    assert "must load, and fail" in text_of(prompt_of(phase_of("src/a.py", ci={"steps": ({"command": "pytest -q"},), "expect": "red"})))


def test_an_argument_list_is_shown_as_a_command():
    assert "run: pytest -k 'a b'" in text_of(prompt_of(phase_of("src/a.py", ci={"steps": ({"command": ("pytest", "-k", "a b")},)})))


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if RULES[kind].is_retried])
def test_a_failure_is_told_with_its_reason_and_its_evidence(kind):
    lesson = Feedback(attempt=1, kind=kind, message="Line 3 is not there.", evidence="  3|x = 1")
    block = prompt_of(phase_of("src/a.py"), (lesson,)).blocks[-1]
    assert f"Attempt 1 failed. {RULES[kind].lead}" in block.text
    assert "Line 3 is not there." in block.text
    assert ("failure", "  3|x = 1") in [(name, body.removeprefix("Line 3 is not there.\n")) for name, _, body in parsed(block.text)]
    assert not block.is_stable


def test_a_failure_that_comes_back_asks_for_another_way():
    lessons = tuple(Feedback(attempt=n, kind=FailureKind.CHECKS_RED, message="Red.", evidence="E assert 1 == 2") for n in (1, 2))
    prompt = prompt_of(phase_of("src/a.py"), lessons)
    assert "what attempt 1 failed with already" in prompt.blocks[-1].text
    assert "what attempt" not in prompt.blocks[-2].text


def test_long_evidence_keeps_its_head_and_its_tail():
    evidence = "first cause\n" + "noise\n" * 20_000 + "last line"
    text = (
        prompt_of(phase_of("src/a.py"), (Feedback(attempt=1, kind=FailureKind.CHECKS_RED, message="Red.", evidence=evidence),))
        .blocks[-1]
        .text
    )
    assert "first cause" in text
    assert "last line" in text
    assert len(text) < 20_000


lessons = st.lists(
    st.builds(
        Feedback,
        attempt=st.just(0),
        kind=st.sampled_from([kind for kind in FailureKind if kind is not FailureKind.CONTEXT_EXCEEDED]),
        message=st.text(max_size=80),
        evidence=st.one_of(st.text(max_size=300), st.integers(1, 4_000).map(lambda line: f"src/c.py:{line}: E")),
    ),
    min_size=1,
    max_size=6,
)


@given(found=lessons)
@settings(max_examples=15, deadline=None)
def test_each_attempts_prompt_begins_with_the_one_before(found):
    numbered = tuple(lesson.model_copy(update={"attempt": number}) for number, lesson in enumerate(found, 1))
    prompts = [prompt_of(phase_of("src/", description="Change line 2000."), numbered[:count]) for count in range(len(numbered) + 1)]
    for before, after in pairwise(prompts):
        assert after.system == before.system
        assert after.reply_schema == before.reply_schema
        assert after.blocks[: len(before.blocks)] == before.blocks
        assert text_of(after).startswith(text_of(before))


def test_nearly_all_of_a_retry_is_the_prefix_that_was_paid_for():
    phase = phase_of("src/")
    lesson = Feedback(
        attempt=1, kind=FailureKind.CHECKS_RED, message="1 of 40 tests failed.", evidence="E  assert total(cart) == 12\n" * 20
    )
    before, after = prompt_of(phase), prompt_of(phase, (lesson,))
    assert before.characters / after.characters >= 0.95


def test_a_forced_mode_changes_the_files_and_nothing_of_the_rules():
    asked, forced = prompt_of(phase_of("src/a.py")), prompt_of(phase_of("src/a.py"), forced="structured_edit")
    assert asked.system == forced.system
    assert '<file path="src/a.py" lines="120" answer="edit" ' in text_of(forced)


def test_files_that_did_not_fit_are_named_in_the_prompt():
    files = {f"src/m{n:03}.py": numbered_lines(500) for n in range(100)}
    assert "not shown for want of room" in text_of(prompt_of(phase_of("src/"), files=files, max_tokens=3_000))


def test_a_persons_word_is_no_material():
    lesson = Feedback(attempt=1, kind=FailureKind.HINT, message="Use the\nother module.")
    text = prompt_of(phase_of("src/a.py"), (lesson,)).blocks[-1].text
    assert "adds this. Use the\n  other module.\n" in text
    assert "<failure" not in text


def test_a_file_with_odd_characters_is_asked_for_in_edits():
    text = text_of(prompt_of(phase_of("src/a.py"), files={"src/a.py": "a = 1\n\x0c\nb = 2\n"}))
    assert 'answer="edit"' in text
    assert "2|⟦U+000C⟧\n" in text
    assert "\x0c" not in text


def test_a_failure_comes_after_the_answer_that_it_is_about():
    lesson = Feedback(attempt=1, kind=FailureKind.CHECKS_RED, message="Red.", answer='{"files": []}')
    text = text_of(prompt_of(phase_of("src/"), (lesson,)))
    assert text.index('{"files": []}') < text.index("Red.")


def test_a_long_answer_keeps_its_head_and_its_tail():
    lesson = Feedback(attempt=1, kind=FailureKind.CHECKS_RED, message="Red.", answer="head" + "x" * 50_000 + "tail")
    text = text_of(prompt_of(phase_of("src/"), (lesson,)))
    assert "head" in text
    assert "xtail" in text
    assert text.count("x") < 15_000
