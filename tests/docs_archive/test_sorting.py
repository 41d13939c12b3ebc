import pytest

from autopack.docs_archive.alike import groups_of
from autopack.docs_archive.document import Document
from autopack.docs_archive.sort import left_by, sort_document
from autopack.settings.effective import load_settings

SETTINGS = load_settings(None, {"XDG_CONFIG_HOME": "/nonexistent"}).settings.documents
LONG = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen. " * 3


def document(path="a.md", text="", date="2026-01-01"):
    return Document(path, text.encode(), True, date)


@pytest.mark.parametrize(
    "path",
    [
        *("README.md", "sub/Readme-de.md", "LICENSE.txt", "CHANGELOG.rst", "CONTRIBUTING.md", "AGENTS.md", "pkg/CLAUDE.md"),
        *("docs/a.md", "pkg/docs/b/c.rst", ".github/x.md", "requirements-dev.txt", "CMakeLists.txt", "tests/data.txt", "src/p/x.md"),
        "specs/001-login/checklists/requirements.md",
    ],
)
def test_what_every_project_keeps_in_its_place_stays(path):
    assert left_by(path, SETTINGS)


@pytest.mark.parametrize("path", ["NOTES.md", "notes/login.md", "a/documents.md", "x/readme/y.md", "license-talks/z.md"])
def test_other_documents_do_not_stay(path):
    assert left_by(path, SETTINGS) is None


@pytest.mark.parametrize(
    ("path", "text", "kind", "why"),
    [
        ("LOGIN_BUG.md", "", "debug", "path **/*bug*"),
        ("notes/build-plan.md", "", "build", "path **/*build*"),
        ("roadmap.txt", "", "strategy", "path **/*roadmap*"),
        ("a.md", "The root cause: a regression. How to reproduce.", "debug", "words root cause, regression, reproduce"),
        ("a.md", "Vision, roadmap and goal.", "strategy", "words roadmap, goal, vision"),
        ("a.md", "What there is.", "reference", "everything else"),
        ("a.md", "debugger bugs are no words of the list", "reference", "everything else"),
    ],
)
def test_the_first_entry_that_applies_decides(path, text, kind, why):
    found = sort_document(document(path, text), SETTINGS, "shop")
    assert (found.project, found.kind, found.why) == ("shop", kind, why)


def test_a_project_has_its_own_paths():
    settings = SETTINGS.model_validate({**SETTINGS.model_dump(), "projects": [{"project": "till", "paths": ["packages/till/"]}]})
    assert sort_document(document("packages/till/a.md"), settings, "shop").project == "till"
    assert sort_document(document("packages/a.md"), settings, "shop").project == "shop"


def test_the_newest_of_those_that_are_alike_stands_for_them():
    old, new = document("old.md", LONG, "2026-01-01"), document("new.md", LONG + "And twenty.", "2026-02-01")
    twin, other = document("twin.md", LONG, "2025-01-01"), document("other.md", LONG.replace("o", "u"))
    groups = groups_of([], [old, other, new, twin], 0.9)
    assert [group.first.path for group in groups] == ["other.md", "new.md"]
    assert [(one.path, figure) for one, figure in groups[1].merged] == [("old.md", 0.9048), ("twin.md", 0.9048)]


def test_only_the_same_bytes_are_quite_the_same():
    one, other = document("one.md", LONG), document("other.md", LONG.replace("\n", " ").replace(".", "!"))
    assert [figure for _, figure in groups_of([], [one, other], 0.9)[0].merged] == [0.9999]
    assert [figure for _, figure in groups_of([], [one, document("twin.md", LONG)], 0.9)[0].merged] == [1.0]


def test_short_texts_are_alike_only_where_they_say_the_same():
    assert (
        len(groups_of([], [document("a.md", "---"), document("b.md", "***"), document("c.md", "Yes."), document("d.md", "No.")], 0.5)) == 4
    )
    assert len(groups_of([], [document("a.md", "Yes  indeed."), document("b.md", "Yes\nindeed.")], 0.9)) == 1


def test_what_an_archive_has_already_stays_the_first():
    settled, new = document("old.md", LONG, "2020-01-01"), document("new.md", LONG, "2026-02-01")
    (group,) = groups_of([settled], [new], 0.9)
    assert group.first is settled
    assert group.merged == [(new, 1.0)]
