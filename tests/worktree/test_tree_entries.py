import pytest

from autopack.worktree.tree_entries import Entries, Entry

LISTED = "100644 blob c0ffee      12\ta.py\x00160000 commit beef       -\tsub\x00100644 blob f00d       3\twith\ttab\x00"


def test_each_entry_is_what_git_listed():
    entries = Entries.listed(LISTED)
    assert list(entries) == ["a.py", "sub", "with\ttab"]
    assert entries["a.py"] == Entry("100644", "blob", "c0ffee", 12)
    assert entries["sub"].size is None
    assert ("sub" in entries, "other" in entries, len(entries)) == (True, False, 3)
    with pytest.raises(KeyError):
        entries["other"]


def test_a_blob_that_is_gone_is_an_error_that_names_it():
    with pytest.raises(KeyError, match="gone.py"):
        Entries.listed("100644 blob c0ffee     BAD\tgone.py\x00")


def test_a_copy_of_the_rows_changes_nothing_here():
    entries = Entries.listed(LISTED)
    entries.rows().pop("sub")
    assert "sub" in entries
