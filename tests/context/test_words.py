from autopack.context.words import names_said, weights_of
from tests.support.text_tree import phase_of


def test_the_first_line_and_identifiers_weigh_more():
    weights = weights_of(phase_of("a.py", description="Rotate locks.\n\nThe session is signed by rotate_lock and by nothing else."))
    assert weights["lock"] > weights["sign"]
    assert weights["rotate_lock"] > weights["sign"]
    assert "the" not in weights


def test_names_are_looked_up_as_they_stand():
    assert {"_private".strip("_"), "setbyform"} <= names_said(phase_of("a.py", description="Mend setByForm and _private."))
