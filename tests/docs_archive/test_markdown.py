import pytest

from autopack.docs_archive.markdown import code_of, headings_of, links_in, slug_of


def targets(text):
    return [text[start:end] for start, end in links_in(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](b.md)", ["b.md"]),
        ("![a](b.png \"t\") and [c]( <d e.md> 't' )", ["b.png", "<d e.md>"]),
        ("[a](b(1).md)", ["b(1).md"]),
        ("[![i](i.png)](p.md)", ["i.png", "p.md"]),
        ("[a]: b.md\n\n[^1]: no link\n", ["b.md"]),
        ('<img width="3" src="i.png"> <a href=\'n.md\'>n</a>', ["i.png", "n.md"]),
        ("`[a](b.md)` ``[a](`b.md)`` [c](d.md)", ["d.md"]),
        ("```\n[a](b.md)\n```\n[c](d.md)\n", ["d.md"]),
        ("~~~~ md\n[a](b.md)\n~~~\n[c](d.md)\n~~~~\n[e](f.md)", ["f.md"]),
        ("- item\n\n      ```\n      [a](b.md)\n      ```\n[c](d.md)", ["d.md"]),
        ("text\n\n    [a](b.md)\n\n[c](d.md)", ["d.md"]),
        ("- item\n\n    [a](b.md)", ["b.md"]),
        ("<!-- [a](b.md)\n\n[a](b.md) --> [c](d.md)", ["d.md"]),
        ("---\nsee: '[a](b.md)'\n---\n[c](d.md)", ["d.md"]),
        ("> ```\n> [a](b.md)\n> ```\n> [c](d.md)", ["d.md"]),
        ("```\n[a](b.md) in a block without an end", []),
        ("[a](\n)", []),
    ],
)
def test_links_are_found_where_they_are_links(text, found):
    assert targets(text) == found


def test_windows_line_ends_change_nothing():
    text = "---\nx: 1\n---\n# A\n\n```\n[a](b.md)\n```\n[c](d.md)\n"
    assert targets(text.replace("\n", "\r\n")) == targets(text) == ["d.md"]
    assert headings_of(text.replace("\n", "\r\n")) == ["A"]


@pytest.mark.parametrize(
    ("text", "end"),
    [("```py\nx", "```\n"), ("~~~~\nx\n~~~\n", "~~~~\n"), ("a <!-- b", "-->\n"), ("a <!-- b -->", ""), ("```\nx\n```\n", ""), ("", "")],
)
def test_what_is_still_open_at_the_end_is_known(text, end):
    assert code_of(text).open_end == end


def test_headings_are_told_from_code_and_rules():
    text = "# One `x` #\n\nTwo\n===\n\n```\n# no\n```\n- a\n---\n\n### [Three](x.md) *now*\n#hash\n"
    assert headings_of(text) == ["One x", "Two", "Three now"]


def test_anchors_are_those_that_a_page_gives():
    taken = {}
    headings = ["What's new?", "What's new?", "Über uns", "a_b - c"]
    assert [slug_of(heading, taken) for heading in headings] == ["whats-new", "whats-new-1", "über-uns", "a_b---c"]


def test_a_large_text_of_unmatched_marks_is_read_in_bearable_time():
    text = "`` ` <!-- [a]( \n\n" * 20_000 + "[" * 50_000 + "\n" + "](" * 50_000
    assert targets(text) == []
