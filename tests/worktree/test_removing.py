"""Whatever lies under a name is removed, and with it what a removal that was broken off had moved aside."""

import pytest

from autopack.worktree.removing import remove_tree


@pytest.mark.parametrize("name", ["r", "none"])
def test_what_an_earlier_removal_of_that_name_moved_aside_goes_too(tmp_path, name):
    (tmp_path / "r").mkdir()
    begun = tmp_path / f".{name}.autopack-removing" / "a1b2"
    begun.mkdir(parents=True)
    (begun / "x").write_text("x")
    remove_tree(tmp_path / name)
    assert not begun.parent.exists()


def test_nothing_is_removed_and_nothing_made_where_nothing_is(tmp_path):
    (tmp_path / "file").write_text("x")
    remove_tree(tmp_path / "none")
    remove_tree(tmp_path / "none" / "below")
    remove_tree(tmp_path / "file" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
