"""Whole consolidations of trees of documents, in memory: nothing is lost, links lead where they led, a second one changes nothing."""

import hashlib
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autopack.core.settings import DocumentsSettings
from autopack.docs_archive.consolidate import Given, consolidate
from autopack.docs_archive.document import Catalogue, Document, syntax_of
from autopack.docs_archive.filling import Archive
from autopack.docs_archive.links import aim_of, targets_in
from autopack.docs_archive.sort import sort_document

RULES = DocumentsSettings.model_validate(
    {"kinds": [{"kind": "debug", "paths": ["**/*bug*"]}, {"kind": "build", "words": ["build"], "at_least": 1}, {"kind": "reference"}]}
)


class Tree:
    """Files by path, consolidated as a checkout would be."""

    def __init__(self, files, staying=()):
        self.files = dict(files)
        self.staying = set(staying)

    def exists(self, path):
        return path == "." or path in self.files or any(name.startswith(f"{path}/") for name in self.files)

    def consolidate(self, day="2026-01-01"):
        mine = [path for path in sorted(self.files) if not path.startswith("archive/") and syntax_of(path)]
        documents = {path: Document(path, self.files[path], True, day) for path in mine}
        found = [sort_document(one, RULES, "shop") for path, one in documents.items() if path not in self.staying]
        made = consolidate(
            Given(
                found,
                [documents[path] for path in mine if path in self.staying and documents[path].syntax != "text"],
                self.archive,
                self.exists,
                lambda folder, gone: all(path in gone for path in self.files if path.startswith(f"{folder}/")),
                0.9,
            )
        )
        for change in made.changes:
            assert self.files.get(change.path) == change.before
            if change.after is None:
                del self.files[change.path]
            else:
                self.files[change.path] = change.after
        return made

    def archive(self, project, is_tracked):
        text = self.files.get("archive/superseded/catalogue.json")
        catalogue = Catalogue.model_validate_json(text) if text else Catalogue()
        pages = {path.removeprefix("archive/"): data for path, data in self.files.items() if path.startswith("archive/")}
        settled = {
            entry.kept: Document(entry.source, pages[entry.kept], True, entry.date)
            for entry in catalogue.entries
            if entry.merged_into is None
        }
        return Archive("archive", project, is_tracked, catalogue, pages, settled)

    def page(self, kind):
        return self.files[f"archive/CONSOLIDATED_{kind}.md"].decode()

    def leads_nowhere(self, path):
        text = self.files[path].decode()
        for start, end in targets_in(text, syntax_of(path)):
            aimed = aim_of(text[start:end], path)
            if aimed is not None and not self.exists(aimed[0]):
                yield text[start:end]


def digests(files):
    return sorted(hashlib.sha256(data).hexdigest() for data in files)


NAMES = st.sampled_from(["a.md", "bug.md", "c d.md", "e(1).md", "notes.rst", "plan.txt", "x.md", "CONSOLIDATED_DEBUG.md", "ü.md"])
FOLDERS = st.sampled_from(["", "n/", "n/m/", "x.d/", "archive2/", "superseded/"])
PATHS = st.builds(lambda folder, name: folder + name, FOLDERS, NAMES)
LINES = st.one_of(
    st.sampled_from(
        ["# Title", "## Same", "```", "~~~", "<!-- x", "-->", "---", "title: x", "    code", "", "[1]: a.md", "[^1]: n", "see [1]"]
    ),
    PATHS.map(lambda path: f"[l]({path.replace(' ', '%20')})"),
    PATHS.map(lambda path: f"[l](<../{path}>) build"),
    st.sampled_from(["<!-- autopack: end of contents -->", '<a id="x">', "`[a](b)`", "> quote", "- item", "![i](img.png#f)", "[l](n/)"]),
    st.text(max_size=20),
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
BODIES = st.one_of(
    st.builds(lambda lines, end, mark: (mark + end.join(lines)).encode("utf-8", "replace"), st.lists(LINES, max_size=12), ENDS, st.sampled_from(["", "\ufeff"])),
    st.lists(LINES, max_size=5).map(lambda lines: "\n".join(["Größe café", *lines]).encode("latin-1", "replace")),
).filter(lambda data: Document("a.md", data, True, "").is_text)  # fmt: skip
TREES = st.dictionaries(PATHS, BODIES, max_size=8)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(first=TREES, second=TREES, staying=st.sets(PATHS, max_size=3))
def test_nothing_is_ever_lost_and_a_second_time_changes_nothing(first, second, staying):
    tree = Tree({**first, "img.png": b"i", "n/m/code.py": b"c"}, staying)
    moved = [data for path, data in first.items() if path not in staying]
    tree.consolidate()
    kept = [data for path, data in tree.files.items() if "/superseded/" in path and not path.endswith("catalogue.json")]
    assert digests(kept) == digests(moved)
    assert {path for path in tree.files if not path.startswith("archive/")} == {*(staying & set(first)), "img.png", "n/m/code.py"}
    before = dict(tree.files)
    assert tree.consolidate().changes == ()
    assert tree.files == before
    tree.files |= {path: data for path, data in second.items() if path not in staying}
    moved += [data for path, data in second.items() if path not in staying]
    tree.consolidate("2026-02-02")
    kept = [data for path, data in tree.files.items() if "/superseded/" in path and not path.endswith("catalogue.json")]
    assert digests(kept) == digests(moved)
    for path, data in tree.files.items():
        if path.startswith("archive/") and path.count("/") == 1:
            data.decode("utf-8")
    entries = json.loads(tree.files.get("archive/superseded/catalogue.json", b'{"entries": []}'))["entries"]
    assert sorted(entry["sha256"] for entry in entries) == digests(moved)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(first=TREES, staying=st.sets(PATHS, max_size=3))
def test_taken_back_step_by_step_it_is_as_it_was(first, staying):
    tree = Tree(first, staying)
    made = tree.consolidate()
    for change in reversed(made.changes):
        if change.before is None:
            del tree.files[change.path]
        else:
            tree.files[change.path] = change.before
    assert tree.files == first


LINKED = {
    "README.md": b"[n](notes/n.md#why) [b](bug.md)\n",
    "bug.md": b"# Bug\n\n## Why\n\nbecause [n](notes/n.md#why)\n",
    "notes/n.md": b"# Notes\r\n\r\n## Why\r\n\r\n[b](../bug.md) [i](img.png) [self](#why) [gone](gone.md)\r\n",
    "notes/img.png": b"i",
}


def test_links_lead_where_they_led():
    tree = Tree(LINKED, {"README.md"})
    made = tree.consolidate()
    assert tree.files["README.md"] == b"[n](archive/CONSOLIDATED_REFERENCE.md#why) [b](archive/CONSOLIDATED_DEBUG.md#" + (
        next(one.entry.anchor for one in made.moved if one.entry.source == "bug.md").encode() + b")\n"
    )
    assert "[self](#why) [gone](gone.md)\r\n" in tree.page("REFERENCE")
    assert "[i](../notes/img.png)" in tree.page("REFERENCE")
    assert made.links_rewritten == 5
    for path in ("README.md", "archive/ARCHIVE_INDEX.md", "archive/CONSOLIDATED_DEBUG.md", "archive/CONSOLIDATED_REFERENCE.md"):
        assert list(tree.leads_nowhere(path)) == (["gone.md"] if "REFERENCE" in path else [])


def test_a_heading_that_two_documents_have_is_found_in_the_right_one():
    tree = Tree({"README.md": b"[a](a.md#why) [b](b.md#why)", "a.md": b"# A\n## Why\n", "b.md": b"# B\n## Why\n"}, {"README.md"})
    tree.consolidate()
    page = "archive/CONSOLIDATED_REFERENCE.md"
    assert tree.files["README.md"].decode() == f"[a]({page}#why) [b]({page}#why-1)"


def test_a_document_of_an_earlier_time_is_still_found():
    tree = Tree({"README.md": b"", "old.md": b"# Old\n"}, {"README.md"})
    first = tree.consolidate()
    tree.files |= {"README.md": b"[o](old.md)", "new.md": b"# New\n\n[o](old.md)\n"}
    tree.consolidate()
    anchor = first.moved[0].entry.anchor
    assert f"[o](#{anchor})" in tree.page("REFERENCE")
    assert tree.files["README.md"].decode() == f"[o](archive/CONSOLIDATED_REFERENCE.md#{anchor})"


def test_what_a_person_wrote_into_a_page_stays():
    tree = Tree({"old.md": b"# Old\n"})
    tree.consolidate()
    name = "archive/CONSOLIDATED_REFERENCE.md"
    tree.files[name] = tree.files[name].replace(b"# Reference\n", b"# Our reference\n\nBy hand.\n") + b"\nAnd at the end.\n"
    tree.files["new.md"] = b"# New\n"
    tree.consolidate()
    text = tree.page("REFERENCE")
    assert "# Our reference\n\nBy hand.\n" in text
    assert text.index("# Old") < text.index("And at the end.") < text.index("# New\n")
    assert text.count("- [Old](#") == text.count("- [New](#") == 1


def test_front_matter_open_blocks_text_and_latin_1_survive_in_their_section():
    tree = Tree(
        {
            "a.md": b"---\ntitle: A\n---\n# A\n\n```py\nopen = 1\n",
            "b.md": b"# B\n<!-- open\n",
            "c.md": "# Größe\n".encode("latin-1"),
            "d.txt": b"1 < 2 ``` [x](y)\n",
            "e.md": b"\xef\xbb\xbf# E\r\n\r\n```\r\n[x](a.md)\r\n```\r\n",
        }
    )
    tree.consolidate()
    text = tree.page("REFERENCE")
    assert "```yaml\n---\ntitle: A\n---\n```\n\n# A\n\n```py\nopen = 1\n```\n\n---\n" in text
    assert "<!-- open\n-->\n\n---\n" in text
    assert "from Latin-1\n\n# Größe\n" in text
    assert "````text\n1 < 2 ``` [x](y)\n````\n" in text
    assert "# E\r\n\r\n```\r\n[x](a.md)\r\n```\r\n" in text
    assert "\ufeff" not in text


def test_the_same_twice_is_one_section_and_is_named():
    tree = Tree({"a.md": b"# A\n\nwords\n", "b/a.md": b"# A\n\nwords\n", "README.md": b"[x](a.md) [y](b/a.md)"}, {"README.md"})
    made = tree.consolidate()
    assert tree.page("REFERENCE").count("words") == 1
    assert "  - [`a.md`](superseded/a.md), 2026-01-01, is the same and was merged" in tree.page("REFERENCE")
    (anchor,) = {one.entry.anchor for one in made.moved if one.entry.merged_into is None}
    assert tree.files["README.md"].decode() == "[x]({0}) [y]({0})".format(f"archive/CONSOLIDATED_REFERENCE.md#{anchor}")


def test_two_documents_may_number_their_links_alike():
    tree = Tree({"a.md": b"[x][1]\n\n[1]: http://a\n", "b.md": b"[y][1] [1]\n\n[1]: http://b\n"})
    made = tree.consolidate()
    mark = next(one.entry.sha256[:8] for one in made.moved if one.entry.source == "b.md")
    assert "[x][1]\n\n[1]: http://a\n" in tree.page("REFERENCE")
    assert f"[y][1-{mark}] [1][1-{mark}]\n\n[1-{mark}]: http://b\n" in tree.page("REFERENCE")


def test_a_link_to_a_folder_of_documents_leads_to_where_they_are_kept():
    tree = Tree({"README.md": b"[n](notes/) [m](mixed)", "notes/a.md": b"a", "mixed/a.md": b"b", "mixed/x.py": b""}, {"README.md"})
    tree.consolidate()
    assert tree.files["README.md"] == b"[n](archive/superseded/notes/) [m](mixed)"
