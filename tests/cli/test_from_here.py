from pathlib import Path

import pytest

from autopack.cli.from_here import from_here, repo_of


def test_a_command_for_another_folder_says_which():
    there = Path("/x/a b")
    assert from_here('autopack retry r p --note "..."', there) == "autopack retry r p --note \"...\" --repo '/x/a b'"
    assert from_here("git merge autopack/r", there) == "git -C '/x/a b' merge autopack/r"
    assert from_here("AUTOPACK_MAX_USD=9 autopack resume r", there) == "AUTOPACK_MAX_USD=9 autopack resume r --repo '/x/a b'"
    assert from_here("autopack demo", there) == "autopack demo"
    assert from_here("autopack status demo", there) == "autopack status demo --repo '/x/a b'"
    assert from_here("autopack status", Path()) == "autopack status"


@pytest.mark.parametrize("words", [("status", "--repo", "x"), ("--repo=x", "status")])
def test_the_folder_that_a_command_names(words):
    assert repo_of(words) == Path("x")
    assert repo_of(("status",)) == Path()
