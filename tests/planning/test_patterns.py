import pytest

from autopack.planning.patterns import fault_of_entry, fault_of_path


@pytest.mark.parametrize(
    "entry",
    [
        "src/",
        "a.py",
        "docs/**/*.md",
        "**",
        ".",
        "./src",
        "a/b c.py",
        "läden/ä.py",
        "app/[slug]/page.tsx",
        "app/[...all]/x.ts",
        "[id].tsx",
        "x{1}.py",
        "a*?.py",
        "-a",
    ],
)
def test_sound_entries_are_taken(entry):
    assert fault_of_entry(entry) is None


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("/etc", "is absolute"),
        ("~/x", "is absolute"),
        ("C:\\x", "is absolute"),
        ("a\\b", "separated by `/`"),
        ("../x", "has a `..`"),
        ("a/../b", "has a `..`"),
        ("..", "has a `..`"),
        ("a//b", "empty or `.` component"),
        ("a/./b", "empty or `.` component"),
        ("a\nb", "control characters"),
        (" a", "space at an end"),
        ("x" * 1025, "too long"),
        ("!a", "begins with `!`"),
        ("*.{js,ts}", "in braces"),
        ("a?.py", "has a `?` without a `*`"),
        ("src/[a-z].py", "`[...]` class"),
        ("src/[abc].py", "`[...]` class"),
        ("[Tt]est.py", "`[...]` class"),
        ("[!x].py", "`[...]` class"),
        ("[0-9]", "`[...]` class"),
        ("*.[ch]", "`[...]` class"),
        ("[]", "`[...]` class"),
    ],
)
def test_what_other_languages_have_is_refused(entry, said):
    assert said in fault_of_entry(entry)


def test_a_single_path_has_no_star():
    assert fault_of_path("a/b") is None
    assert "must be one path" in fault_of_path("a/*")
    assert "has a `..`" in fault_of_path("../a")
