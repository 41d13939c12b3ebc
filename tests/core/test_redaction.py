import time

import pytest

from autopack.core.redaction import PLACEHOLDER, SHAPES, Redactor

ANTHROPIC = "sk-ant-api03-" + "a1B2" * 10


def test_exact_values_are_replaced_whatever_their_shape():
    redactor = Redactor(["hunter2-password"])
    assert redactor.redact("the word is hunter2-password.") == "the word is ⟦redacted:1⟧."


def test_the_longer_of_two_values_that_share_a_beginning_wins():
    redactor = Redactor(["abcdefgh", "abcdefgh-ijkl"])
    assert "ijkl" not in redactor.redact("x abcdefgh-ijkl y abcdefgh")


@pytest.mark.parametrize(
    "secret",
    [
        ANTHROPIC,
        "sk-proj-" + "x" * 40,
        "AKIA" + "A1" * 8,
        "ASIA" + "B2" * 8,
        "ghp_" + "a" * 36,
        "ghs_" + "a" * 36,
        "github_pat_" + "a" * 60,
        "pypi-" + "e" * 60,
        "glpat-" + "b" * 20,
        "xoxb-123456789012-abc",
        "npm_" + "c" * 36,
        "AIza" + "d" * 35,
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_known_shapes_are_replaced(secret):
    assert any(shape.search(secret) for shape in SHAPES)
    text = Redactor().redact(f"before {secret} after")
    assert secret not in text
    assert PLACEHOLDER.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "token = get_next_comment(tokens, index)",
        "sk-learn is a package; sk-short",
        "d41d8cd98f00b204e9800998ecf8427e3f2a1b",
        "risk-assessment-of-the-whole-department-store",
        "",
    ],
)
def test_ordinary_text_stays_as_it_is(text):
    redactor = Redactor()
    assert redactor.redact(text) == text
    assert not redactor.finds_in(text)


def test_values_too_short_to_be_a_secret_are_not_hunted():
    assert Redactor(["a", "abc"]).redact("abcabc") == "abcabc"


def test_a_value_is_found_in_json_too_whole_or_in_its_parts():
    redactor = Redactor(['line one\n"łine" two'])
    for text in ('line one\n"łine" two', r"line one\n\"łine\" two", r"line one\n\"\u0142ine\" two"):
        assert "łine" not in redactor.redact_within({"a": [text, 1, None]})["a"][0].replace(r"\u0142", "ł")


def test_only_exact_values_are_taken_out_of_a_reply():
    redactor = Redactor(["hunter2-password"])
    assert redactor.redact_exact([f"hunter2-password {ANTHROPIC}"]) == [f"⟦redacted:1⟧ {ANTHROPIC}"]


BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    "between", ["\nMIIE+/=\n", "\\nMIIE\\n", '",\n  "MIIE",\n  "', "\n12|MIIE\n13|", "\n+Proc-Type: 4,ENCRYPTED\n+\n+MIIE\n+"]
)
def test_a_private_key_is_found_however_it_is_written_down(between):
    assert Redactor().redact(f"a {BEGIN}{between}{END} z").replace("\n", "") == "a ⟦redacted:1⟧ z"


@pytest.mark.parametrize("between", ["\n</file 9c21>\n", "\nos.remove(path)\n", "\n{}\n", f"\n{BEGIN}\nos.remove(path)\n"])
def test_nothing_but_a_key_hides_between_the_lines_of_one(between):
    assert Redactor().redact(f"# {BEGIN}{between}# {END}").startswith(f"# {BEGIN}{between[:5]}")


def test_many_beginnings_without_an_end_cost_no_more_than_their_length():
    text = (BEGIN + "\nMIIE\n") * 40_000
    began = time.process_time()
    assert Redactor().redact(text) == text
    assert time.process_time() - began < 5
