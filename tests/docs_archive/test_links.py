import pytest

from autopack.docs_archive.links import Moves, Place, relink

FILES = {"docs/a.md", "docs", "src/x.py", "src", "notes/n.md", "notes", "my notes.md", "README.md"}
MOVES = Moves(
    documents={
        "notes/n.md": Place("archive/DEBUG.md", "doc-n", {"why": "why-1"}),
        "my notes.md": Place("archive/DEBUG.md", "doc-m"),
    },
    folders={"notes": "archive/superseded/notes"},
    exists=FILES.__contains__,
)


def linked(target, old, new=None, syntax="markdown"):
    told = relink(f"[a]({target})" if syntax == "markdown" else target, syntax, old, new or old, MOVES)
    return told.text[4:-1] if syntax == "markdown" else told.text


@pytest.mark.parametrize(
    ("target", "renewed"),
    [
        ("notes/n.md", "archive/DEBUG.md#doc-n"),
        ("./notes/n.md#why", "archive/DEBUG.md#why-1"),
        ("notes/n.md#unknown", "archive/DEBUG.md#doc-n"),
        ("/notes/n.md", "/archive/DEBUG.md#doc-n"),
        ("my%20notes.md", "archive/DEBUG.md#doc-m"),
        ("<my notes.md>", "<archive/DEBUG.md#doc-m>"),
        ("notes/", "archive/superseded/notes/"),
        ("docs/a.md#x", "docs/a.md#x"),
        ("https://x.y/notes/n.md", "https://x.y/notes/n.md"),
        ("//x.y/notes/n.md", "//x.y/notes/n.md"),
        ("mailto:a@b", "mailto:a@b"),
        ("../outside.md", "../outside.md"),
        ("#here", "#here"),
    ],
)
def test_a_link_of_a_file_that_stays_follows_what_moved(target, renewed):
    assert linked(target, "README.md") == renewed


@pytest.mark.parametrize(
    ("target", "renewed"),
    [
        ("../src/x.py", "../src/x.py"),
        ("../docs/a.md?raw=1#x", "../docs/a.md?raw=1#x"),
        ("../my%20notes.md", "#doc-m"),
        ("n.md#why", "#why-1"),
        ("#why", "#why-1"),
        ("#elsewhere", "#doc-n"),
        ("../", "../"),
    ],
)
def test_a_link_of_a_document_that_moved_leads_where_it_led(target, renewed):
    moves = Moves(MOVES.documents, MOVES.folders, lambda path: path in FILES or path == ".")
    told = relink(f"[a]({target})", "markdown", "notes/n.md", "archive/DEBUG.md", moves)
    assert told.text == f"[a]({renewed})"
    assert told.broken == ()


def test_the_way_grows_with_the_depth():
    assert relink("[a](x.py)", "markdown", "src/y.md", "archive/p/DEBUG.md", MOVES).text == "[a](../../src/x.py)"


def test_a_link_that_led_nowhere_is_left_and_told():
    told = relink("one\n[a](nix.md)", "markdown", "notes/n.md", "archive/DEBUG.md", MOVES)
    assert told.text == "one\n[a](nix.md)"
    assert [(one.path, one.line, one.target) for one in told.broken] == [("notes/n.md", 2, "nix.md")]


@pytest.mark.parametrize(
    ("text", "renewed"),
    [
        ("`see <notes/n.md>`_", "`see <archive/DEBUG.md#doc-n>`_"),
        (".. _n: notes/n.md", ".. _n: archive/DEBUG.md#doc-n"),
        (".. image:: docs/a.md", ".. image:: docs/a.md"),
        ("``notes/n.md``", "``notes/n.md``"),
    ],
)
def test_restructured_text_has_links_of_its_own(text, renewed):
    assert linked(text, "README.rst", syntax="rst") == renewed


def test_a_plain_text_has_no_links():
    assert linked("[a](notes/n.md)", "a.txt", syntax="text") == "[a](notes/n.md)"
