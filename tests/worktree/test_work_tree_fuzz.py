"""Whatever a command leaves in a work tree, the next one finds it as it was: names, depths, modes, kinds and numbers by chance."""

import os
import random
import shutil
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import git  # noqa: F401 - a child without powers could not import it any more
import pytest

from autopack.worktree.repository import Repository
from autopack.worktree.written import shown
from tests.support.git_repository import ToyRepository, toy_repository, work_tree_at

TREES: Final = int(os.environ.get("AUTOPACK_FUZZ_TREES", "15"))
SOMEBODY: Final = 1000
COMMITTED: Final = {
    "a.py": "a = 1\n",
    "src/b.py": "b = 1\n",
    "src/deep/er/c.py": "c\n",
    "tests/test_a.py": "x\n",
    ".gitignore": "*.log\n/made/\n",
}
MADE: Final = {"made/bin/tool": "#!/bin/sh\n", "made/lib/x.py": "x = 1\n", "src/built.o": "o\n", "out.log": "log\n"}
NAMES: Final = (
    b"\xff\xfe\x80bad",
    b"new\nline",
    b"-rf",
    b" ",
    b"\r",
    b"\xe2\x80\xae",
    b"\x1b[2J",
    b"con",
    b"A.PY",
    b"*",
    b"\\",
    b'"',
    b".git ",
    b"x" * 255,
)


def snapshot(root: Path) -> dict[bytes, tuple[int, bytes]]:
    found = {}
    for folder, names, files in os.walk(os.fsencode(root)):
        for name in (*names, *files):
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            content = os.readlink(path) if stat.S_ISLNK(mode) else b"" if stat.S_ISDIR(mode) else Path(os.fsdecode(path)).read_bytes()
            found[path] = (mode, content)
    return found


class Vandal:
    """Does what a command could do, with an outside that nobody may touch in its reach."""

    def __init__(self, place: Path, outside: Path, dice: random.Random) -> None:
        self.place, self.outside, self.dice = os.fsencode(place), os.fsencode(outside), dice

    def rampage(self) -> None:
        ways = [
            *(self.write, self.write, self.folder, self.deep, self.close, self.close, self.link, self.pipe, self.socket),
            *(self.second_name, self.swap, self.swap, self.many, self.remove, self.repository, self.pointer, self.sparse, self.same_size),
        ]
        for _ in range(self.dice.randint(3, 12)):
            with suppress(OSError, RecursionError):  # shutil.rmtree goes no deeper than Python's stack
                self.dice.choice(ways)()

    def existing(self) -> bytes:
        found = [self.place]
        for folder, names, files in os.walk(self.place):
            found += [os.path.join(folder, name) for name in (*names, *files) if name != b".git"]
            if len(found) > 300:
                break
        return self.dice.choice(found)

    def parent(self) -> bytes:
        path = self.existing()
        return path if os.path.isdir(path) and not os.path.islink(path) else os.path.dirname(path)

    def new(self) -> bytes:
        name = self.dice.choice((*NAMES, self.dice.randbytes(self.dice.randint(1, 60)).replace(b"/", b"_").replace(b"\0", b"0")))
        return _no_link(os.path.join(self.parent(), name))

    def write(self) -> None:
        with open(self.new(), "wb", opener=_without_waiting) as file:
            file.write(self.dice.randbytes(20))

    def folder(self) -> None:
        os.makedirs(os.path.join(self.new(), b"in", b"ner"))

    def deep(self) -> None:
        depth = self.dice.choice((50, 250, 3000))
        descriptor = os.open(self.parent(), os.O_RDONLY)
        for _ in range(depth):
            with suppress(FileExistsError):
                os.mkdir("d", dir_fd=descriptor)
            below = os.open("d", os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        os.close(descriptor)

    def close(self) -> None:
        os.chmod(_no_link(self.existing()), self.dice.choice((0o000, 0o111, 0o444, 0o222, 0o555, 0o6777)))

    def link(self) -> None:
        os.symlink(self.dice.choice((self.outside, b".", b"..", b"/", b"nowhere", b"a.py", self.outside + b"/kept")), self.new())

    def pipe(self) -> None:
        os.mkfifo(self.new())

    def socket(self) -> None:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.join(self.place, b"s%d" % self.dice.randint(0, 99)))

    def second_name(self) -> None:
        os.link(self.existing(), self.new(), follow_symlinks=False)

    def swap(self) -> None:
        path = self.existing()
        if path == self.place:
            return
        os.rename(path, path + b".moved")
        self.dice.choice((os.mkdir, os.mkfifo, lambda at: os.symlink(self.outside, at), lambda at: open(at, "wb").close()))(path)

    def many(self) -> None:
        folder = self.new()
        os.mkdir(folder)
        for number in range(self.dice.choice((50, 500))):
            os.close(os.open(os.path.join(folder, b"%d" % number), os.O_CREAT | os.O_WRONLY))

    def remove(self) -> None:
        path = self.existing()
        if path != self.place:
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)

    def repository(self) -> None:
        inner = b".git" if self.dice.random() < 0.5 else b"x"
        os.makedirs(
            os.path.join(_no_link(os.path.join(self.parent(), inner)), b"objects" if inner == b".git" else b".git/objects"), exist_ok=True
        )

    def pointer(self) -> None:
        path = os.path.join(self.place, b".git")
        os.unlink(path)
        self.dice.choice((os.mkdir, os.mkfifo, lambda at: os.symlink(self.outside, at)))(path)

    def sparse(self) -> None:
        with open(self.new(), "wb", opener=_without_waiting) as file:
            file.truncate(1 << 38)

    def same_size(self) -> None:
        path = self.existing()
        before = os.lstat(path)
        if stat.S_ISREG(before.st_mode):
            with open(path, "r+b") as file:
                file.write(b"Z" * min(before.st_size, 100))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _no_link(path: bytes) -> bytes:
    """The path; a link there may lead outside, which is not even the vandal's to touch."""
    if os.path.islink(path):
        raise FileExistsError(path)
    return path


def _without_waiting(path: bytes, flags: int) -> int:
    """A pipe that stands there already has no reader, and never will."""
    return os.open(path, flags | os.O_NONBLOCK, 0o666)


def vandalise(folder: Path, toy: ToyRepository, seeds: range) -> None:
    outside = folder / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    repository = Repository.discover(toy.root, toy.environment).owned_by("r1", "autopack/r1")
    place = folder / "state" / "r1" / "1"
    commit = toy.git("rev-parse", "HEAD")
    work_tree = work_tree_at(repository, place, commit)
    for name, text in MADE.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    (place / "made/bin/tool").chmod(0o555)
    (place / "made/lib").chmod(0o555)
    work_tree.keep({})
    at_first, apart = snapshot(place), snapshot(outside)
    assert len(at_first) == len(MADE) + len(COMMITTED) + 8
    for seed in seeds:
        Vandal(place, outside, random.Random(seed)).rampage()  # noqa: S311 - to be done again
        if seed % 10 == 0:  # by another process
            work_tree = work_tree_at(repository, place, commit)
        else:
            "\n".join(shown(work_tree.settle())).encode("utf-8")
        now = snapshot(place)
        assert now == at_first, (seed, {path: (now.get(path), at_first.get(path)) for path in now.keys() ^ at_first.keys()})
        assert snapshot(outside) == apart, seed
    assert {path.name for path in place.parent.iterdir()} == {"1", ".1.guard", ".1.kept"}


@pytest.fixture
def toy(tmp_path):
    toy = toy_repository(tmp_path)
    toy.commit(COMMITTED)
    return toy


def test_any_tree_is_brought_back(toy, tmp_path):
    vandalise(tmp_path, toy, range(TREES))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_any_tree_of_a_user_without_powers_is_brought_back():
    """Folders of mode 000 are open to root and to nobody else."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        toy = toy_repository(folder)
        toy.commit(COMMITTED)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)
        said = folder / "said"
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setgroups([])
                os.setgid(SOMEBODY)
                os.setuid(SOMEBODY)
                tempfile.tempdir = name
                vandalise(folder, toy, range(1000, 1000 + TREES))
                code = 0
            except BaseException as error:  # noqa: BLE001 - whatever it was, the parent tells it
                said.write_text(f"{type(error).__name__}: {error}"[:3000], "utf-8", "backslashreplace")
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said.read_text("utf-8")
