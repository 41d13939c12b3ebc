from autopack.context.resolve import resolve
from autopack.core.plan import PhaseScope

PATHS = ("docs/a.md", "docs/deep/b.md", "src/a.py", "src/a.pyi", "srcs/c.py", ".git/config")


def resolved(*paths, read_only=()):
    return resolve(PhaseScope(paths=paths, read_only_context=read_only), PATHS)


def editable(*paths, read_only=()):
    return [file.path for file in resolved(*paths, read_only=read_only).editable]


def test_a_literal_entry_is_that_file_only():
    assert editable("src/a.py") == ["src/a.py"]
    assert resolved("src/a.py").editable[0].is_literal


def test_a_directory_is_everything_below_it_and_not_its_namesakes():
    assert editable("src") == ["src/a.py", "src/a.pyi"]
    assert editable("docs/") == ["docs/a.md", "docs/deep/b.md"]


def test_a_pattern_reaches_across_directories():
    assert editable("docs/**/*.md") == ["docs/a.md", "docs/deep/b.md"]


def test_read_only_context_is_shown_but_not_editable():
    found = resolved("src/", "docs/a.md", read_only=("docs/",))
    assert [file.path for file in found.editable] == ["docs/a.md", "src/a.py", "src/a.pyi"]
    assert [file.path for file in found.read_only] == ["docs/deep/b.md"]
    assert all(file.is_read_only for file in found.read_only)


def test_literal_entries_that_are_not_there_are_to_be_made():
    assert resolved("src/a.py", "src/new.py", "lib/", "src", "**/*.rb").new_paths == ("src/new.py", "lib/")


def test_a_literal_entry_that_is_the_beginning_of_a_name_is_not_there_yet():
    assert resolved("src/a").new_paths == ("src/a",)


def test_what_belongs_to_git_is_never_resolved():
    assert ".git/config" not in editable(".")
    assert len(editable(".")) == len(PATHS) - 1
