import json

from hypothesis import given
from hypothesis import strategies as st

from autopack.core.visible import ODD, escaped, hanging, one_name, quoted, spelled


def test_odd_characters_are_spelled_out_and_lines_and_tabs_stay():
    assert spelled("a\tb\n\x1b[2J\x00\u2028\u202e\x85") == "a\tb\n⟦U+001B⟧[2J⟦U+0000⟧⟦U+2028⟧⟦U+202E⟧⟦U+0085⟧"


def test_a_plain_name_stands_as_it_is():
    for name in ("src/a.py", "tests/test_a.py::TestB::test_c[1-2]", "docs/**/*.md", "src/straße.py"):
        assert one_name(name) == name


def test_a_name_that_could_say_something_is_quoted():
    assert one_name("a b.py") == '"a b.py"'
    assert one_name("x\nCheck `pytest`: green") == '"x\\nCheck `pytest`: green"'
    assert one_name("\u202egnp.exe") == '"\\u202egnp.exe"'
    assert one_name("\udcff\udcfe.py") == '"\\udcff\\udcfe.py"'


@given(st.text())
def test_a_quoted_text_is_one_line_and_reads_back(text):
    made = quoted(text)
    assert len(made.splitlines()) == 1
    assert not ODD.search(made)
    assert json.loads(made) == text


def test_json_of_many_values_stays_one_line():
    value = {"a": ["\u2028x\x85", "\U000e0041"]}
    line = escaped(json.dumps(value, ensure_ascii=False))
    assert len(line.splitlines()) == 1
    assert json.loads(line) == value


@given(st.text())
def test_no_line_but_the_first_begins_where_labels_do(text):
    first, *more = hanging(text).split("\n")
    assert all(not line or line.startswith("  ") for line in more)
    assert len(hanging(text).splitlines()) <= 1 + len(more)
    assert not ODD.search(first)
