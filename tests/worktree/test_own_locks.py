import pytest

from autopack.worktree.own_locks import OwnLocks

OURS = [
    "refs/heads/autopack/r1.lock",
    "refs/autopack/r1/p/1.lock",
    "refs/autopack/r1/p.lock",
    "worktrees/autopack+r1+s1/index.lock",
    "worktrees/autopack+r1+s1/logs/HEAD.lock",
]
OTHERS = [
    "index.lock", "HEAD.lock", "packed-refs.lock", "config.lock", "refs/heads/main.lock", "refs/heads/autopack/r10.lock", "refs/autopack/r10/p/1.lock",
    "worktrees/autopack+r10+s1/index.lock", "worktrees/mine/index.lock", "refs/heads/autopack/r1", "refs/autopack/r1/../../heads/main.lock",
]  # fmt: skip


@pytest.fixture
def locks(tmp_path):
    for name in (*OURS, *OTHERS):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return OwnLocks(tmp_path, "r1", "autopack/r1")


def test_only_the_runs_own_lock_files_are_its_own(locks, tmp_path):
    assert [name for name in OURS if not locks.owns(tmp_path / name)] == []
    assert [name for name in OTHERS if locks.owns(tmp_path / name)] == []
    assert not locks.owns(tmp_path.parent / "elsewhere.lock")


def test_clearing_removes_exactly_those(locks, tmp_path):
    locks.clear()
    assert [name for name in OURS if (tmp_path / name).exists()] == []
    assert [name for name in OTHERS if not (tmp_path / name).exists()] == []
