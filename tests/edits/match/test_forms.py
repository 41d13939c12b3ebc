import pytest

from autopack.edits.match.forms import EXACT, FORMS, TRAILING_SPACE, UNICODE, WHITE_SPACE, formed


@pytest.mark.parametrize(
    ("one", "other", "loosest_that_tells_them_apart"),
    [
        ("a\r", "a", EXACT),
        ("a  ", "a", EXACT + 1),
        ("\ta  b", "    a b", TRAILING_SPACE),
        ("\u201ca\u201d \u2014 \u2026", '"a" - ...', WHITE_SPACE),
        ("e\u0301", "\u00e9", WHITE_SPACE),
        ("a\u00a0b", "a b", TRAILING_SPACE),
        ("ab", "a b", UNICODE),
        ("A", "a", UNICODE),
    ],
)
def test_each_form_forgives_more_than_the_one_before(one, other, loosest_that_tells_them_apart):
    differs = [FORMS[form](one) != FORMS[form](other) for form in range(len(FORMS))]
    assert differs == [form <= loosest_that_tells_them_apart for form in range(len(FORMS))]


def test_the_exact_form_of_lines_is_the_lines():
    assert formed(("a ", "b"), EXACT) == ["a ", "b"]
