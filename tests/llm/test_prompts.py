from pathlib import Path

import pytest

from autopack.llm.prompts import PromptDefect, render


def test_variables_are_put_in_once():
    text = render("builder_feedback", {"attempt": "3", "lead": "{{attempt}}"})
    assert "Attempt 3 failed. {{attempt}}" in text


def test_a_missing_variable_is_a_defect_that_names_it():
    with pytest.raises(PromptDefect, match="missing \\['attempt'\\]"):
        render("builder_feedback", {"lead": ""})


def test_an_unknown_variable_is_a_defect_that_names_it():
    with pytest.raises(PromptDefect, match="unknown \\['colour'\\]"):
        render("builder_system", {"colour": "red"})


def test_a_missing_prompt_is_a_defect_that_names_it():
    with pytest.raises(PromptDefect, match="'no_such_prompt'"):
        render("no_such_prompt")


def test_braces_of_json_are_left_alone():
    assert '{"path": "a.py", "action": "create", "content": "..."}' in render("builder_system")


def test_every_text_ends_with_one_line_end():
    texts = sorted((Path(__file__).parents[2] / "prompts").glob("*.md"))
    assert texts
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
