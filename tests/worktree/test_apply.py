import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autopack.edits import EditRefused
from autopack.worktree import apply_diff_to, apply_reply_to
from autopack.worktree.disk_files import names_alike, opened_root, read_file
from autopack.worktree.disk_writes import DiskChange, write_all

FILES = {
    "src/a.py": b"one = 1\ntwo = 2\nthree = 3\n",
    "src/util/b.py": b"def b():\n    return 1\n",
    "src/crlf.py": b"a = 1\r\nb = 2\r\n",
    "src/bom.py": b"\xef\xbb\xbfa = 1\n",
    "src/latin.py": b"# \xe9t\xe9\na = 1\n",
    "src/run.sh": b"#!/bin/sh\necho hi\n",
    "config/app.yaml": b"name: demo\n",
    "img/logo.png": b"\x89PNG\r\n\x1a\n\0\0\xff\n",
    ".github/workflows/ci.yml": b"on: push\n",
}


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    for path, data in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    (root / "src/run.sh").chmod(0o755)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "canary").write_text("canary\n")
    return root


def snapshot(root):
    found = {}
    for base, directories, files in os.walk(root):
        for name in directories + files:
            path = Path(base, name)
            status = path.lstat()
            content = str(path.readlink()) if path.is_symlink() else path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
            found[str(path.relative_to(root))] = (status.st_mode, content)
    return found


def reply(*files):
    return json.dumps({"summary": "x", "files": files})


def refusal(root, *files, **scope):
    before = snapshot(root.parent)
    with pytest.raises(EditRefused) as refused:
        apply_reply_to(root, reply(*files), **scope)
    assert snapshot(root.parent) == before
    return refused.value


def replace(path, content):
    return {"path": path, "action": "replace", "content": content}


def create(path, content="x = 1\n"):
    return {"path": path, "action": "create", "content": content}


def test_every_action_of_a_reply_reaches_the_disk(root):
    changed = apply_reply_to(
        root,
        reply(
            replace("src/a.py", "one = 11\n"),
            create("lib/deep/new.py"),
            {"path": "src/util/b.py", "action": "rename", "to": "lib/b.py"},
            {"path": "config/app.yaml", "action": "delete"},
            {"path": "src/run.sh", "action": "edit", "operations": [{"type": "append", "content": "echo ho\n"}]},
            {"path": "src/bom.py", "action": "patch", "diff": "@@ -1 +1 @@\n-a = 1\n+a = 2\n"},
        ),
    )
    assert changed == ["config/app.yaml", "lib/b.py", "lib/deep/new.py", "src/a.py", "src/bom.py", "src/run.sh", "src/util/b.py"]
    assert (root / "src/a.py").read_bytes() == b"one = 11\n"
    assert (root / "lib/deep/new.py").read_bytes() == b"x = 1\n"
    assert (root / "lib/b.py").read_bytes() == FILES["src/util/b.py"]
    assert not (root / "src/util/b.py").exists()
    assert not (root / "config/app.yaml").exists()
    assert (root / "src/run.sh").read_bytes() == FILES["src/run.sh"] + b"echo ho\n"
    assert (root / "src/bom.py").read_bytes() == b"\xef\xbb\xbfa = 2\n"
    assert not list(root.rglob(".autopack-*"))


def test_encoding_line_ends_and_mode_are_kept(root):
    apply_reply_to(
        root,
        reply(
            {
                "path": "src/crlf.py",
                "action": "edit",
                "operations": [{"type": "replace", "start_line": 2, "end_line": 2, "content": "b = 3\n"}],
            },
            {"path": "src/latin.py", "action": "edit", "operations": [{"type": "append", "content": "b = '\u00fc'\n"}]},
            {"path": "src/run.sh", "action": "edit", "operations": [{"type": "append", "content": "echo ho\n"}]},
        ),
    )
    assert (root / "src/crlf.py").read_bytes() == b"a = 1\r\nb = 3\r\n"
    assert (root / "src/latin.py").read_bytes() == b"# \xe9t\xe9\na = 1\nb = '\xfc'\n"
    assert (root / "src/run.sh").stat().st_mode & 0o777 == 0o755


def test_mode_and_encoding_travel_with_a_rename(root):
    apply_reply_to(
        root,
        reply(
            {"path": "src/run.sh", "action": "rename", "to": "bin/run.sh"},
            {"path": "src/latin.py", "action": "rename", "to": "src/latin1.py"},
        ),
    )
    assert (root / "bin/run.sh").stat().st_mode & 0o777 == 0o755
    assert (root / "src/latin1.py").read_bytes() == FILES["src/latin.py"]


def test_new_file_gets_the_mode_of_the_umask(root):
    old = os.umask(0o027)
    try:
        apply_reply_to(root, reply(create("new.py")))
    finally:
        os.umask(old)
    assert (root / "new.py").stat().st_mode & 0o777 == 0o640


def test_diff_can_make_a_file_executable(root):
    changed = apply_diff_to(
        root,
        "diff --git a/bin/x.sh b/bin/x.sh\nnew file mode 100755\n--- /dev/null\n+++ b/bin/x.sh\n@@ -0,0 +1,2 @@\n+#!/bin/sh\n+echo hi\n"
        "diff --git a/src/a.py b/src/a.py\nold mode 100644\nnew mode 100755\n",
    )
    assert changed == ["bin/x.sh", "src/a.py"]
    assert (root / "bin/x.sh").stat().st_mode & 0o100
    assert (root / "src/a.py").stat().st_mode & 0o100
    assert (root / "src/a.py").read_bytes() == FILES["src/a.py"]


def test_diff_of_several_files_reaches_the_disk(root):
    changed = apply_diff_to(
        root,
        "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,3 +1,3 @@\n one = 1\n-two = 2\n+two = 22\n three = 3\n"
        "diff --git a/src/util/b.py b/src/util/c.py\nsimilarity index 100%\nrename from src/util/b.py\nrename to src/util/c.py\n",
    )
    assert changed == ["src/a.py", "src/util/b.py", "src/util/c.py"]
    assert b"two = 22" in (root / "src/a.py").read_bytes()


def test_binary_file_can_be_moved_and_deleted_but_not_edited(root):
    assert refusal(root, replace("img/logo.png", "x")).code == "binary"
    apply_reply_to(root, reply({"path": "img/logo.png", "action": "rename", "to": "img/mark.png"}))
    assert (root / "img/mark.png").read_bytes() == FILES["img/logo.png"]
    apply_reply_to(root, reply({"path": "img/mark.png", "action": "delete"}))
    assert not (root / "img/mark.png").exists()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (create("../evil.py"), "path"),
        (create(".git/hooks/post-commit"), "protected"),
        (replace(".github/workflows/ci.yml", "on: x\n"), "exact_scope"),
        (create("src/crlf.py"), "exists"),
        (create("SRC/new.py"), "collision"),
        (create("src/A.py"), "collision"),
        (create("src/util"), "path_gate"),
        (create("src/run.sh/x"), "path_gate"),
        (replace("src/none.py", "x"), "missing"),
        (replace("src/latin.py", "# \u00e9t\u00e9 \u2192\na = 1\n"), "encoding"),
        (replace("src/util/b.py", "def b(:\n"), "syntax"),
        (replace("src/util/b.py", "# ... existing code ...\n"), "elision"),
        (replace("config/app.yaml", "a: !!python/name:os.system\n"), "syntax"),
        (replace("src/util/b.py", FILES["src/util/b.py"].decode()), None),
    ],
)
def test_refused_file_keeps_all_others_from_the_disk(root, bad, code):
    refused = refusal(root, create("new/dir/first.py"), replace("src/a.py", "one = 11\n"), bad) if code else refusal(root, bad)
    assert refused.code == (code or "no_change")


def test_scope_and_read_only_hold(root):
    assert refusal(root, create("lib/x.py"), scope=["src/"]).code == "scope"
    assert refusal(root, create("src/util/x.py"), scope=["src/"], read_only=["src/util/"]).code == "read_only"
    assert refusal(root, create("x.py"), scope=[]).code == "scope"
    assert apply_reply_to(root, reply(replace(".github/workflows/ci.yml", "on: x\n")), scope=[".github/workflows/ci.yml"]) == [
        ".github/workflows/ci.yml"
    ]


def test_blocked_reply_is_refused_with_its_message(root):
    blocked = json.dumps({"summary": "", "files": [], "blocked": {"kind": "question", "paths": [], "message": "Which port?"}})
    with pytest.raises(EditRefused, match=r"question.*Which port\?"):
        apply_reply_to(root, blocked)


@pytest.mark.parametrize("path", ["link/x.py", "src/out.py", "src/pipe", "src/hard.py", "nested/x.py", "dangling/x", "dangling"])
def test_links_pipes_and_other_repositories_are_left_alone(root, path):
    outside = root.parent / "outside"
    (root / "link").symlink_to(outside)
    (root / "src/out.py").symlink_to(outside / "canary")
    (root / "dangling").symlink_to(outside / "nowhere")
    (root / "src/hard.py").hardlink_to(outside / "canary")
    os.mkfifo(root / "src/pipe")
    (root / "nested/.git").mkdir(parents=True)
    for file in (
        create(path),
        replace(path, "x = 1\n"),
        {"path": path, "action": "delete"},
        {"path": "src/a.py", "action": "rename", "to": path},
    ):
        assert refusal(root, file).code in ("path_gate", "missing", "exists")


def test_root_may_be_reached_through_a_link(root):
    (root.parent / "alias").symlink_to(root)
    assert apply_reply_to(root.parent / "alias", reply(create("n.py"))) == ["n.py"]
    assert (root / "n.py").exists()


def test_large_file_is_refused_before_it_is_read_whole(root):
    with (root / "big.txt").open("wb") as file:
        file.truncate(1 << 34)
    with pytest.raises(EditRefused) as refused:
        apply_reply_to(root, reply(replace("big.txt", "x\n")))
    assert refused.value.code == "too_large"
    assert (root / "big.txt").stat().st_size == 1 << 34


def planned(root, *changes):
    """Changes as they are when everything has been judged and nothing written."""
    with opened_root(root) as root_fd:
        files = {path: read_file(root_fd, path) for path, _ in changes}
    return [
        DiskChange(path, data, file.identity if (file := files[path]) else None, file.permissions if file else None)
        for path, data in changes
    ]


def write(root, changes):
    with opened_root(root) as root_fd:
        write_all(root_fd, changes)


def test_directory_swapped_for_a_link_after_judging_is_not_followed(root):
    changes = planned(root, ("src/util/new.py", b"x"), ("src/util/b.py", b"pwn"))
    outside = root.parent / "outside"
    (outside / "b.py").write_text("theirs\n")
    (root / "src/util").rename(root / "src/was")
    (root / "src/util").symlink_to(outside)
    before = snapshot(root.parent)
    with pytest.raises(EditRefused):
        write(root, changes)
    assert snapshot(root.parent) == before


@pytest.mark.parametrize("swap", ["link", "file", "gone", "appeared", "directory"])
def test_file_that_changed_after_judging_is_not_overwritten_and_the_rest_is_undone(root, swap):
    target = root / "src/a.py"
    first = ("new/dir/x.py", b"x"), ("config/app.yaml", None), ("src/crlf.py", b"c")
    changes = planned(root, *first, ("src/appears.py" if swap == "appeared" else "src/a.py", b"mine"))
    if swap == "link":
        target.unlink()
        target.symlink_to(root.parent / "outside/canary")
    elif swap == "file":
        target.write_text("theirs, of another size\n")
    elif swap == "gone":
        target.unlink()
    elif swap == "directory":
        target.unlink()
        target.mkdir()
    else:
        (root / "src/appears.py").write_text("theirs\n")
    before = snapshot(root.parent)
    with pytest.raises(EditRefused) as refused:
        write(root, changes)
    assert refused.value.code == "raced"
    assert snapshot(root.parent) == before


def test_full_disk_leaves_everything_as_it_was(root):
    code = """
import resource, signal, sys
from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree import apply_reply_to
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    apply_reply_to(sys.argv[1], sys.stdin.read())
except EnvironmentBlockedError as error:
    print(error)
"""
    before = snapshot(root.parent)
    files = (replace("src/a.py", "one = 11\n"), create("new/dir/x.py"), create("new/large.txt", "x\n" * 10_000))
    done = subprocess.run(
        [sys.executable, "-c", code, root], input=reply(*files), capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert "nothing was changed" in done.stdout, done.stderr
    assert snapshot(root.parent) == before


def test_names_alike_finds_other_spellings_on_the_way(root):
    with opened_root(root) as root_fd:
        assert names_alike(root_fd, ["SRC/UTIL/x.py", "src/A.py", "none/x"]) == {"src/", "src/a.py"}
        assert names_alike(root_fd, ["src/util/b.py"]) == {"src/", "src/util/", "src/util/b.py"}


def test_names_that_are_no_utf_8_on_disk_do_no_harm(root):
    os.mkdir(os.fsencode(root) + b"/src/\xff\xfe")  # noqa: PTH102 - bytes
    assert apply_reply_to(root, reply(create("src/n.py"))) == ["src/n.py"]


def test_many_files_at_once_need_few_descriptors(root):
    files = [create(f"many/d{number}/f.py") for number in range(400)]
    assert len(apply_reply_to(root, reply(*files))) == 400
