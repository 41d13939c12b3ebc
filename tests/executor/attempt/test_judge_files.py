import pytest

from autopack.core.redaction import Redactor
from autopack.edits import AcceptedEdits, EditRefused
from autopack.executor.attempt.judge_files import judge_secrets

KEY = "k-canary-0123456789"
SHAPED = "sk-proj-" + "a1B2" * 8
BLOCK = "-----BEGIN PRIVATE KEY-----\nMIIE\nMIIF\n-----END PRIVATE KEY-----\n"
REDACTOR = Redactor([KEY])


def edits(before, after, path="a.py", **more):
    return AcceptedEdits(after={path: after}, before={path: before}, **more)


@pytest.mark.parametrize("before", [None, "a = 1\n"])
def test_an_edit_that_adds_a_key_is_refused_without_showing_it(before):
    with pytest.raises(EditRefused) as refused:
        judge_secrets(edits(before, f"a = 1\nkey = '{KEY}'\n"), REDACTOR)
    assert refused.value.code == "secret"
    assert "line 2" in str(refused.value)
    assert KEY not in str(refused.value) + refused.value.message


def test_a_key_that_was_there_may_stay_where_it_is_and_may_not_be_copied():
    old = f"key = '{KEY}'\n"
    judge_secrets(edits(old, old + "b = 2\n"), REDACTOR)
    with pytest.raises(EditRefused, match="line 2"):
        judge_secrets(edits(old, old + f"other = '{KEY}'\n"), REDACTOR)


def test_an_edit_that_writes_a_placeholder_is_refused():
    with pytest.raises(EditRefused, match="placeholder"):
        judge_secrets(edits("a = 1\n", "a = '⟦redacted:2⟧'\n"), REDACTOR)
    judge_secrets(edits("a = '⟦redacted:2⟧'\n", "a = '⟦redacted:2⟧'\nb = 1\n"), REDACTOR)


@pytest.mark.parametrize("after", ["b = 2\n", f"x = '{SHAPED}'\nb = 2\n", ""])
def test_an_edit_that_touches_a_redacted_line_is_refused(after):
    with pytest.raises(EditRefused, match="line 1, which was shown redacted"):
        judge_secrets(edits(f"a = '{SHAPED}'\nb = 1\n", after), REDACTOR)


def test_lines_around_a_redacted_one_can_be_changed_and_it_may_move():
    judge_secrets(edits(f"a = '{SHAPED}'\nb = 1\n", f"b = 2\n\na = '{SHAPED}'\n"), REDACTOR)


def test_a_key_of_several_lines_is_kept_whole():
    judge_secrets(edits("a\n" + BLOCK + "b\n", "c\n" + BLOCK + "b\n"), REDACTOR)
    with pytest.raises(EditRefused, match="line 3"):
        judge_secrets(edits("a\n" + BLOCK, "a\n" + BLOCK.replace("MIIE\n", "")), REDACTOR)


def test_a_file_with_a_secret_can_be_deleted_and_renamed():
    judge_secrets(edits(BLOCK, None), REDACTOR)
    renamed = AcceptedEdits(after={"a": None, "b": BLOCK}, before={"a": BLOCK, "b": None}, renames={"b": "a"})
    judge_secrets(renamed, REDACTOR)
    with pytest.raises(EditRefused):
        judge_secrets(AcceptedEdits(after={"a": None, "b": "x"}, before={"a": BLOCK, "b": None}, renames={"b": "a"}), REDACTOR)


def test_a_mark_that_stands_for_a_character_is_no_text():
    with pytest.raises(EditRefused) as refused:
        judge_secrets(edits("a\n\x0c\nb\n", "a\n⟦U+000C⟧\nc\n"), REDACTOR)
    assert refused.value.code == "unseen_character"
    judge_secrets(edits("a\n\x0c\nb\n", "a\n\x0c\nc\n"), REDACTOR)
    judge_secrets(edits("a\n", "a = '⟦U+000C⟧'\n"), REDACTOR)
