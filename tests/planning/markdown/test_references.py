import pytest

from autopack.planning.markdown.references import as_entry, codes_in, folders_of, looked_at, names_in, needs_in, plain_paths_in

TRACKED = frozenset(("src/a.py", "Makefile", "docs/b.md"))


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("src/a.py", "src/a.py"),
        ("./src/a.py:12-20", "src/a.py"),
        ("src", "src/"),
        ("Makefile", "Makefile"),
        ("new.py", "new.py"),
        ("docs/**/*.md", "docs/**/*.md"),
        ("os.path", None),
        ("run()", None),
        ("npm test", None),
        ("https://x.org/a.py", None),
        ("/etc/passwd.txt", None),
        ("../a.py", None),
        (".git/config.ini", None),
        ("and/or", None),
        ("", None),
    ],
)
def test_a_word_is_an_entry_where_it_is_a_path_of_the_repository(word, wanted):
    assert as_entry(word, TRACKED, folders_of(TRACKED)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("This depends on T012, T013 and #4.", ("t012", "t013", "4")),
        ("Depends on Phase 2 & Step 3.1", ("phase 2", "step 3.1")),
        ("blocked by add-model", ("add-model",)),
        ("depends on `x`", ("x",)),
        ("after T001", ("t001",)),
        ("retry after 5 seconds", ()),
        ("it requires care", ()),
    ],
)
def test_what_comes_first_is_read_from_running_text(text, wanted):
    assert needs_in(text) == wanted


def test_names_behind_a_label_may_be_listed_and_none_is_no_name():
    assert names_in(("Phase 1, `add-model`", "None")) == ("phase 1", "add-model")


def test_paths_outside_of_backticks_need_a_slash_and_an_ending_and_are_no_addresses():
    text = "Create src/x/a.py and docs/ and either/or, e.g. a.py, not `b/c.py` (src/d.ts)."
    assert plain_paths_in(text) == ("src/x/a.py", "docs/", "src/d.ts")
    assert plain_paths_in("see https://example.org/a/b.html") == ()
    assert codes_in("`a` ``b`` `c`") == ("a", "c")


def test_what_is_only_to_be_looked_at_is_told_apart():
    assert looked_at("Change `a.py` (see `b.md`, as in `c.py`)") == ("`b.md`", "`c.py`")
