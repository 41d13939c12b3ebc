import pytest

from autopack.checks.commands.command_context import OutsideError, directory, own_out
from tests.support.commands import place


def test_every_command_gets_a_folder_of_its_own_outside_the_tree(tmp_path):
    (tmp_path / "tree").mkdir()
    here = place(tmp_path / "tree")
    with own_out(here) as one, own_out(here) as other:
        assert one != other
        assert not one.is_relative_to(here.root)
        (one / "deep/er").mkdir(parents=True)
    assert not one.exists()


def test_a_directory_below_the_root_is_itself(tmp_path):
    (tmp_path / "tree/a/b").mkdir(parents=True)
    here = place(tmp_path / "tree")
    assert directory(here, ".") == here.root
    assert directory(here, "./a//b/") == here.root / "a/b"


def test_the_link_that_leads_out_is_named(tmp_path):
    (tmp_path / "tree/a").mkdir(parents=True)
    (tmp_path / "tree/a/link").symlink_to("/")
    with pytest.raises(OutsideError, match="'a/link'"):
        directory(place(tmp_path / "tree"), "a/link/usr")
