import os
import subprocess
import sys
import sysconfig

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.plan import Link
from autopack.worktree.link import copy_tree, link
from autopack.worktree.repository import Repository
from tests.support.git_repository import toy_repository, work_tree_at


@pytest.fixture
def toy(tmp_path):
    toy = toy_repository(tmp_path)
    toy.commit({".gitignore": ".venv/\nnode_modules/\n/data\n"})
    return toy


@pytest.fixture
def repository(toy):
    return Repository.discover(toy.root, toy.environment).owned_by("r1", "autopack/r1")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state/r1/s1"


def linked(repository, place, *links):
    work_tree = work_tree_at(repository, place, repository.head()[0], linked=tuple(item.path for item in links))
    link(repository, place, links)
    work_tree.keep({})
    return work_tree


def test_copy_is_the_runs_own_and_stays_over_resets(repository, toy, place):
    toy.write({"web/node_modules/p/index.js": "1", "web/node_modules/p/run": "#!/bin/sh\n", "web/node_modules/.bin/keep": "x"})
    (toy.root / "web/node_modules/p/run").chmod(0o755)
    (toy.root / "web/node_modules/.bin/run").symlink_to("../p/run")
    work_tree = linked(repository, place, Link(path="web/node_modules"))
    copied = place / "web/node_modules"
    assert (copied / "p/index.js").read_text() == "1"
    assert os.access(copied / "p/run", os.X_OK)
    assert (copied / ".bin/run").readlink().as_posix() == "../p/run"
    (copied / "p/index.js").write_text("2")
    work_tree.keep({})
    assert (toy.root / "web/node_modules/p/index.js").read_text() == "1"
    assert (copied / "p/index.js").stat().st_ino != (toy.root / "web/node_modules/p/index.js").stat().st_ino
    (copied / "p/index.js").write_text("3")
    work_tree.reset(repository.head()[0])
    link(repository, place, [Link(path="web/node_modules")])
    assert (copied / "p/index.js").read_text() == "2", "what set-up did to it stays"
    assert work_tree.written() == ()


@pytest.mark.parametrize("mode", ["ro", "symlink"])
def test_link_leads_to_the_users_own(repository, toy, place, mode):
    toy.write({"data/x": "1"})
    work_tree = linked(repository, place, Link(path="data", mode=mode))
    assert (place / "data").readlink() == toy.root / "data"
    assert work_tree.written() == ()
    work_tree.reset(repository.head()[0])
    work_tree.remove()
    assert (toy.root / "data/x").read_text() == "1"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("src", "does not ignore src/b.py"),
        ("loose", "does not ignore loose/x"),
        ("none", "does not exist"),
        ("../home", "no path below"),
        ("/etc", "no path below"),
        (".git", "no path below"),
    ],
)
def test_what_cannot_be_linked_is_refused_with_a_sentence(repository, toy, place, path, words):
    toy.write({"loose/x": "1"})
    with pytest.raises(EnvironmentBlockedError, match=words) as caught:
        linked(repository, place, Link(path=path))
    assert caught.value.exit_code == 7


def test_environment_that_ignores_itself_counts_as_ignored(repository, toy, place):
    toy.write({"venv2/.gitignore": "*\n", "venv2/pyvenv.cfg": "home\n"})
    linked(repository, place, Link(path="venv2"))
    assert (place / "venv2/pyvenv.cfg").exists()


def test_copy_that_was_cut_short_is_made_again_whole(tmp_path):
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "deep/x").write_text("x")
    os.mkfifo(source / "pipe")
    half = tmp_path / ".target.autopack-copying"
    half.mkdir()
    (half / "half").write_text("x")
    copy_tree(source, tmp_path / "target")
    assert sorted(path.name for path in (tmp_path / "target").rglob("*")) == ["deep", "x"]
    assert not half.exists()


def test_copy_that_fails_leaves_nothing_and_says_why(tmp_path):
    with pytest.raises(EnvironmentBlockedError, match="could not be copied"):
        copy_tree(tmp_path / "none", tmp_path / "target")
    assert list(tmp_path.iterdir()) == []


def environment_with(toy, installed_from):
    """A virtual environment as ``pip install -e`` leaves it, pytest within reach."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(toy.root / ".venv")], check=True)
    packages = next((toy.root / ".venv/lib").glob("python*")) / "site-packages"
    (packages / "pytest-of-this-machine.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    (packages / "__editable__.shop-1.0.pth").write_text(f"{installed_from}\n")


def test_checks_in_a_linked_editable_install_would_pass_on_the_wrong_code_so_it_is_refused(repository, toy, place):
    toy.commit(
        {"lib/shop.py": "def price(): return 1\n", "tests/test_shop.py": "import shop\n\ndef test_price():\n    assert shop.price() == 1\n"}
    )
    environment_with(toy, toy.root / "lib")
    work_tree_at(repository, place, repository.head()[0], linked=(".venv",))
    with pytest.raises(EnvironmentBlockedError, match=r"__editable__\.shop-1\.0\.pth leads back to .*lib.*workspace\.setup"):
        link(repository, place, [Link(path=".venv")])
    (place / "lib/shop.py").write_text("def price(): return 'broken by the candidate'\n")
    command = [str(place / ".venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    false_green = subprocess.run(command, cwd=place, env=toy.environment, capture_output=True, text=True, check=False)
    assert "1 passed" in false_green.stdout, false_green.stdout + false_green.stderr
    pointer = next(place.glob(".venv/lib/python*/site-packages/__editable__*"))
    pointer.write_text(f"{place / 'lib'}\n")
    link(repository, place, [Link(path=".venv")])
    assert "1 failed" in subprocess.run(command, cwd=place, env=toy.environment, capture_output=True, text=True, check=False).stdout
