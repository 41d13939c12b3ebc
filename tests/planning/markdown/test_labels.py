import pytest

from autopack.planning.markdown.labels import label_of, labelled


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("**Depends on**: T1, T2", ("needs", "T1, T2")),
        ("- Depends on: `a`", ("needs", "`a`")),
        ("### Acceptance criteria", ("criteria", "")),
        ("**Done when:**", ("criteria", "")),
        ("Files: a.py", ("files", "a.py")),
        ("Files are kept in a folder.", None),
        ("Context matters", None),
        ("Scope", None),
    ],
)
def test_a_label_needs_a_colon_or_a_headings_sign(line, wanted):
    assert label_of(line) == wanted


def test_the_list_below_a_label_belongs_to_it_and_a_block_of_code_holds_none():
    lines = ["Do it.", "Done when:", "", "- [ ] one", "2. two", "", "After that.", "```", "Files: no.py", "```"]
    found = labelled(lines)
    assert found.found == {"criteria": ("one", "two")}
    assert [line for line in found.rest if line.strip()] == ["Do it.", "After that.", "```", "Files: no.py", "```"]
