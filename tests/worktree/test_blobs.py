import pytest

from autopack.worktree.blobs import KeptBlobs, parse_blobs
from autopack.worktree.git import GitError


def test_blobs_are_kept_until_they_are_too_many_and_the_oldest_goes_first():
    kept = KeptBlobs(most_bytes=10)
    kept.keep({"a": b"1234", "b": b"5678"})
    kept.keep({"a": b"1234", "c": b"90"})
    assert [kept.get(oid) for oid in "abc"] == [b"1234", b"5678", b"90"]
    kept.keep({"d": b"!"})
    assert [kept.get(oid) for oid in "abcd"] == [None, b"5678", b"90", b"!"]


def test_a_blob_larger_than_all_that_is_kept_pushes_nothing_out():
    kept = KeptBlobs(most_bytes=10)
    kept.keep({"a": b"1234"})
    kept.keep({"huge": b"x" * 11})
    assert (kept.get("a"), kept.get("huge")) == (b"1234", None)


def test_a_blob_that_is_gone_is_gits_refusal():
    with pytest.raises(GitError, match="not in the repository"):
        parse_blobs(b"0123456789012345678901234567890123456789 missing\n")
