"""Whatever a run does, the user's checkout stays as it is, byte for byte; and repositories of every kind will do."""

import pytest

from autopack.edits.model import AcceptedEdits
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.candidate import Content, Stamp, make_candidate
from autopack.worktree.diff import diff, numstat
from autopack.worktree.message import CommitText
from autopack.worktree.rebase import rebase_onto
from autopack.worktree.repository import Repository
from autopack.worktree.repository_notes import facts
from autopack.worktree.run_branch import RunBranch
from tests.support.git_repository import ToyRepository, toy_repository, work_tree_at


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def run_everything(root, environment, place):
    """One phase, from base tree to a landed commit, with a derive step, a second head and a removed work tree."""
    branch = RunBranch.of(Repository.discover(root, environment), "r1", "autopack/r1")
    repository = branch.repository
    base = BaseTree(repository.git, branch.ensure(repository.head()[0]).head)
    content = Content(AcceptedEdits({"a.py": "a = 2\n", "neu ü\n/x.txt": "x\n"}, {}), {})
    work_tree = work_tree_at(repository, place, base.commit)
    work_tree.prepare_directories(["neu/"])
    work_tree.write(base, content)
    (place / "made.lock").write_text("made\n")
    derived = work_tree.hash_files(work_tree.written())
    trailers = (("Autopack-Run", "r1"), ("Autopack-Phase", "p"), ("Autopack-Attempt", "1"))
    stamp = Stamp(CommitText("p", "", trailers), repository.identity, 1e9, "refs/autopack/r1/p/1")
    candidate = make_candidate(repository, base, Content(content.accepted, {}, derived), stamp).candidate
    work_tree.reset(candidate.commit)
    assert work_tree.written() == ()
    repository.uncommitted()
    facts(repository, base)
    committed = branch.integrate(candidate, base.commit)
    assert branch.landed("p", 1, base.commit) == committed.commit
    assert len(numstat(repository, base.commit, committed.commit)) == 3
    assert "+made" in diff(repository, base.commit, committed.commit)
    rebase_onto(repository, candidate, base.commit, "refs/autopack/r1/p/1.1")
    work_tree.remove()
    return committed.commit


def traces(root, git_dir, toy):
    """Everything of the user's that could change: bytes and times of files, index, HEAD, refs, stash, configuration."""
    kept = {path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts}
    kept |= {git_dir / name for name in ("index", "HEAD", "config", "ORIG_HEAD", "FETCH_HEAD", "info/exclude")}
    kept |= {path for path in (git_dir / "logs").rglob("*") if path.is_file() and "autopack" not in path.parts}
    found = {str(path): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in kept if path.exists()}
    refs = toy.git("for-each-ref", "--format=%(refname) %(objectname)", cwd=root).split("\n")
    return found, [ref for ref in refs if "autopack" not in ref], toy.git("stash", "list", "--format=%H %gd %gs", cwd=root)


def test_dirty_tree_index_stash_and_untracked_files_are_as_before(toy, tmp_path):
    toy.write({"a.py": "stashed\n"})
    toy.git("stash", "-q")
    toy.write(
        {
            "a.py": "unstaged\n",
            "src/b.py": "staged\n",
            "leer zeichen ü\n.txt": "untracked\n",
            "deep/ignored.log": "x",
            ".git/info/exclude": "*.log\n",
        }
    )
    toy.git("add", "src/b.py")
    toy.write({"src/b.py": "staged, then changed\n"})
    before, status = traces(toy.root, toy.root / ".git", toy), toy.git("status", "--porcelain", "-z", "--ignored", GIT_OPTIONAL_LOCKS="0")
    run_everything(toy.root, toy.environment, tmp_path / "state/r1/s1")
    assert traces(toy.root, toy.root / ".git", toy) == before
    assert toy.git("status", "--porcelain", "-z", "--ignored", GIT_OPTIONAL_LOCKS="0") == status
    assert list((toy.root / ".git").rglob("*.lock")) == []
    assert toy.git("worktree", "list", "--porcelain").count("worktree ") == 1
    toy.git("fsck", "--strict")


def test_users_traps_do_not_matter(toy, tmp_path):
    plain = run_everything(toy.root, toy.environment, tmp_path / "state/r1/s1")
    trapped = toy_repository(tmp_path / "home")
    marker = tmp_path / "hooked"
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit", "post-commit"):
        file = trapped.root / ".git/hooks" / hook
        file.write_text(f"#!/bin/sh\ntouch '{marker}'\nexit 1\n")
        file.chmod(0o755)
    (tmp_path / "ignore").write_text("*.py\n")
    for key, value in [
        ("core.autocrlf", "true"), ("commit.gpgsign", "true"), ("gpg.program", "/bin/false"), ("core.fsmonitor", str(trapped.root / ".git/hooks/pre-commit")),
        ("diff.external", "/bin/false"), ("core.quotePath", "true"), ("core.excludesFile", str(tmp_path / "ignore")), ("status.showUntrackedFiles", "no"),
        ("submodule.recurse", "true"), ("core.pager", "/bin/false"), ("color.ui", "always"), ("core.safecrlf", "true"), ("checkout.guess", "false"),
        ("worktree.guessRemote", "true"), ("core.hooksPath", str(trapped.root / ".git/hooks")), ("log.showSignature", "true"), ("core.eol", "crlf"), ("core.logAllRefUpdates", "false"),
        ("clean.requireForce", "true"), ("core.checkStat", "minimal"), ("core.trustctime", "false"), ("core.untrackedCache", "true"), ("index.version", "4"), ("log.date", "iso"),
        ("trailer.separators", "="), ("i18n.commitEncoding", "latin-1"), ("i18n.logOutputEncoding", "latin-1"), ("format.pretty", "oneline"), ("core.abbrev", "5"),
    ]:  # fmt: skip
        trapped.git("config", "--global", key, value)
    for event in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit", "post-commit"):  # hooks of git 2.54
        trapped.git("config", "--global", f"hook.mine-{event}.event", event)
        trapped.git("config", "--global", f"hook.mine-{event}.command", f"touch '{marker}'; false")
    committed = run_everything(trapped.root, trapped.environment, tmp_path / "other/r1/s1")
    assert toy.git("rev-parse", f"{plain}^{{tree}}") == trapped.git("rev-parse", f"{committed}^{{tree}}")
    assert not marker.exists()


CLONE = {
    "shallow": ["--depth=1"],
    "sparse": ["--sparse"],
    "partial": ["--filter=blob:none"],
    "separate_git_dir": ["--separate-git-dir={place}/apart"],
    "alternates": ["--shared"],
    "submodule": [],
    "inside_submodule": [],
    "worktree_config": [],
}
ADD_SUBMODULE = ["-c protocol.file.allow=always submodule --quiet add file://{toy} sub", "commit -q -m sub"]
AFTER = {
    "submodule": ADD_SUBMODULE,
    "inside_submodule": ADD_SUBMODULE,
    "worktree_config": ["config extensions.worktreeConfig true", "config --worktree core.sparseCheckout true"],
}
INIT = {"sha256": ("--object-format=sha256", (2, 29)), "reftable": ("--ref-format=reftable", (2, 45))}


@pytest.mark.parametrize("kind", ["linked", *CLONE, *INIT])
def test_repositories_of_every_kind_will_do(toy, tmp_path, kind):
    root, git_dir = other_kind(toy, tmp_path, kind)
    (root / "a.py").write_text("dirty\n")
    user = ToyRepository(root, toy.environment)
    before = traces(root, git_dir, user)
    committed = run_everything(root, toy.environment, tmp_path / "state/r1/s1")
    assert traces(root, git_dir, user) == before
    assert user.git("rev-parse", "autopack/r1") == committed
    assert {"a.py", "made.lock", "neu ü\n/x.txt", "src/b.py"} <= set(user.paths(committed))


def other_kind(toy, tmp_path, kind):
    """A repository of that kind: its root and the directory that holds its index."""
    root = tmp_path / "other"
    if kind == "linked":
        toy.git("worktree", "add", "-q", "-b", "side", str(root))
        return root, toy.root / ".git/worktrees/other"
    if kind in INIT:
        version = tuple(int(part) for part in toy.git("version").split()[2].split(".")[:2])
        if version < INIT[kind][1]:
            pytest.skip("this git is too old for it")
        root = toy_repository(tmp_path / "home", INIT[kind][0]).root
        return root, root / ".git"
    source = str(toy.root) if kind == "alternates" else f"file://{toy.root}"
    toy.git("config", "uploadpack.allowFilter", "true")
    toy.git("clone", "-q", *(option.format(place=tmp_path) for option in CLONE[kind]), source, str(root))
    for command in AFTER.get(kind, ()):
        toy.git(*command.format(toy=toy.root).split(), cwd=root)
    if kind == "separate_git_dir":
        return root, tmp_path / "apart"
    return (root / "sub", root / ".git/modules/sub") if kind == "inside_submodule" else (root, root / ".git")
