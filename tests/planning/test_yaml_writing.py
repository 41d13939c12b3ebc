from hypothesis import given, settings
from hypothesis import strategies as st

from autopack.planning.yaml_writing import Remarked, bare, comment_lines, yaml_lines
from autopack.settings.node import plain
from autopack.settings.yaml_text import read_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "",
        "null",
        "true",
        "1",
        "1.5",
        "0x1f",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "a\nb\n",
        "a\n\nb",
        " a\nb",
        "a \nb",
        "\n",
        "a\n\n",
        "*a",
        "&a",
        "!a",
        "...",
        "---",
        "~",
        "@a",
        "`a`",
        "%a",
        "a,b",
        "[a]",
        "{a}",
        "'",
        '"',
        "a\tb",
        "\u2028",
        "\x85",
        "a\\b",
        "<<",
        "=",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def with_remarks(value):
    if isinstance(value, list):
        return [Remarked(with_remarks(item), "about: it # \u2028 - x") for item in value]
    if isinstance(value, dict):
        return {key: Remarked(with_remarks(item), "a\nb") for key, item in value.items()}
    return value


def without_none(value):
    """Entries of mappings that are None are left out."""
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXTS.filter(lambda key: key != "<<"), VALUES, max_size=4))
def test_what_is_written_reads_back_as_what_was_given_with_and_without_remarks(document):
    for given_ in (document, with_remarks(document)):
        text = "\n".join(yaml_lines(given_)) + "\n"
        node = read_yaml(text, "x", [])
        assert (plain(node) if node is not None else {}) == without_none(bare(given_)), text


def test_short_lists_stand_on_one_line_and_texts_of_several_lines_as_they_are():
    lines = yaml_lines({"paths": ["src/a.py", "docs/**/*.md"], "description": "One.\nTwo.\n", "skip": True, "n": None})
    assert lines == ['paths: [src/a.py, "docs/**/*.md"]', "description: |", "  One.", "  Two.", "skip: true"]


def test_a_remark_stands_above_what_it_is_about():
    lines = yaml_lines(
        {"phases": [Remarked({"id": "a", "scope": Remarked({"paths": [Remarked("x", "guessed")]}, "found")}, "from line 3")]}
    )
    assert lines == [
        "phases:",
        "  # from line 3",
        "  - id: a",
        "    # found",
        "    scope:",
        "      paths:",
        "        # guessed",
        "        - x",
    ]


def test_a_comment_cannot_end_unseen_and_begin_something_else():
    assert comment_lines("one\u2028phases: []") == ["# one\\u2028phases: []"]
    assert all(line.startswith("# ") for line in comment_lines("a\nb\r\nc " + "d" * 300))
