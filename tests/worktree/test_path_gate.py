import os
import shutil
import socket

import pytest

from autopack.edits.model import EditRefused
from autopack.worktree.path_gate import DiskEntries, TreeEntries, judge_entries


@pytest.fixture
def root(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    for directory in (root / "src/deep", root / "nested/.git", root / "gitfile/x", root / "bare/objects", root / "bare/refs", outside):
        directory.mkdir(parents=True)
    for file in (root / "src/a.py", root / "gitfile/.git", root / "bare/HEAD", outside / "canary"):
        file.write_text("x\n")
    (root / "link").symlink_to(outside)
    (root / "src/link.py").symlink_to("a.py")
    (root / "dangling").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    (root / "src/hard.py").hardlink_to(outside / "canary")
    os.mkfifo(root / "src/pipe")
    return root


KINDS = {
    "src": "directory",
    "src/a.py": "file",
    "src/none.py": None,
    "none/x": None,
    "src/a.py/x": None,
    "link": "symlink",
    "src/link.py": "symlink",
    "dangling": "symlink",
    "loop": "symlink",
    "src/hard.py": "hardlinked",
    "src/pipe": "special",
    "nested": "submodule",
    "gitfile": "submodule",
    "bare": "submodule",
}


@pytest.mark.parametrize("path", KINDS)
def test_disk_tells_what_lies_under_a_path(root, path):
    assert DiskEntries(root).kind(path) == KINDS[path]


def test_socket_is_special():
    root = f"/tmp/gate{os.getpid()}"  # noqa: S108 - a socket's path may not be long
    os.mkdir(root)  # noqa: PTH102 - as above
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{root}/s")
            assert DiskEntries(root).kind("s") == "special"
    finally:
        shutil.rmtree(root)


MODES = {
    "src/a.py": "100644",
    "bin/run": "100755",
    "link": "120000",
    "sub": "160000",
    "deep/er/x": "100644",
    "bare/HEAD": "100644",
    "bare/objects/a": "100644",
    "bare/refs/b": "100644",
}


def test_tree_tells_what_lies_under_a_path():
    entries = TreeEntries(MODES)
    expected = {
        "src": "directory",
        "src/a.py": "file",
        "bin/run": "file",
        "link": "symlink",
        "sub": "submodule",
        "deep": "directory",
        "deep/er": "directory",
        "none": None,
        "sub/x": None,
        "bare": "submodule",
    }
    assert {path: entries.kind(path) for path in expected} == expected
    assert TreeEntries({"x": "060000"}).kind("x") == "special"


@pytest.mark.parametrize("path", ["src/a.py", "src/new.py", "brand/new/dir/x.py", "src/deep/x.py", "top.py"])
def test_plain_and_new_files_pass(root, path):
    judge_entries([path], DiskEntries(root))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("link/x.py", "symbolic link"),
        ("link", "symbolic link"),
        ("link/a/b/c", "symbolic link"),
        ("src/link.py", "symbolic link"),
        ("dangling", "symbolic link"),
        ("loop/x", "symbolic link"),
        ("src/hard.py", "second name"),
        ("src/pipe", "pipe"),
        ("src/pipe/x", "neither a file nor a directory"),
        ("src", "is a directory"),
        ("src/a.py/x.py", "is a file"),
        ("src/hard.py/x", "is a file"),
        ("nested/x.py", "another git repository"),
        ("nested", "another git repository"),
        ("gitfile/x/y.py", "another git repository"),
        ("bare/config", "another git repository"),
    ],
)
def test_everything_else_is_refused(root, path, words):
    with pytest.raises(EditRefused, match=words) as refused:
        judge_entries(["src/a.py", path], DiskEntries(root))
    assert (refused.value.code, refused.value.path) == ("path_gate", path)


@pytest.mark.parametrize("path", ["link/x.py", "link", "sub", "sub/x.py", "src", "src/a.py/x", "bare/config"])
def test_tree_is_judged_by_the_same_gate(path):
    with pytest.raises(EditRefused):
        judge_entries([path], TreeEntries(MODES))
    judge_entries(["src/a.py", "bin/run", "src/new.py", "new/x"], TreeEntries(MODES))


def test_root_itself_may_be_a_repository(tmp_path):
    (tmp_path / ".git").mkdir()
    judge_entries(["a.py"], DiskEntries(tmp_path))
