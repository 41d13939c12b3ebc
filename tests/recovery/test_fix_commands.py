import os
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autopack.recovery.fix_commands import CommandRefused, parse_fix_command

FILES = {
    "src/a.py": "A = 1\n",
    "src/util/b.py": "B = 1\n",
    "src/..foo": "x\n",
    "docs/My File.md": "x\n",
    "app/[slug]/page.tsx": "x\n",
    "-rf.txt": "x\n",
    ".env": "K=1\n",
    ".env.example": "K=\n",
    ".github/workflows/ci.yml": "on: push\n",
    "config/deep/.npmrc": "x\n",
    "package-lock.json": "{}\n",
    "build/tmp/o.txt": "x\n",
}


def lay(folder: Path) -> Path:
    """A work tree with a commit behind it, links of every kind, and something outside that they lead to."""
    root = folder / "ws"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (folder / "outside").mkdir()
    (folder / "outside/canary.txt").write_text("canary\n")
    (root / "src/link").symlink_to(folder / "outside")
    (root / "src/leaf.py").symlink_to(folder / "outside/canary.txt")
    (root / "linked").mkdir()
    (root / "linked/a.py").symlink_to(folder / "outside/canary.txt")
    os.link(folder / "outside/canary.txt", root / "src/hard.txt")
    os.mkfifo(root / "src/pipe")
    (root / "nested/.git").mkdir(parents=True)
    (root / "nested/a.py").write_text("x\n")
    git = (
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "commit.gpgsign=false",
        "-C",
        str(root),
    )
    subprocess.run((*git, "init", "-q"), check=True)
    for number in range(3):
        (root / "src/a.py").write_text(f"A = {number}\n")
        subprocess.run((*git, "add", "src", "docs", "app", "build"), check=True)
        subprocess.run((*git, "commit", "-qm", str(number)), check=True)
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return lay(tmp_path_factory.mktemp("fix"))


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("git checkout -- src/a.py", "git checkout -- src/a.py"),
        ("git checkout -q HEAD~2 -- ./src/util/../a.py", "git checkout -q HEAD~2 -- src/a.py"),
        ("git checkout -qf -- src/", "git checkout -qf -- src"),
        ("git checkout -- 'app/[slug]/page.tsx' \"docs/My File.md\"", "git checkout -- 'app/[slug]/page.tsx' 'docs/My File.md'"),
        ("git checkout -- app/[slug]/page.tsx", "git checkout -- 'app/[slug]/page.tsx'"),
        ("git checkout -- docs/My\\ File.md", "git checkout -- 'docs/My File.md'"),
        ("git reset --hard HEAD", "git reset --hard HEAD"),
        ("git reset -q -- .", "git reset -q -- ."),
        ("git stash push -u -m 'wip; rm -rf / && $(id)' -- src", "git stash push -u -m 'wip; rm -rf / && $(id)' -- src"),
        ("git stash list", "git stash list"),
        ("git clean -nd src/util", "git clean -nd -- src/util"),
        ("git clean -fd", "git clean -fd"),
        ("git merge --abort", "git merge --abort"),
        ("  rm   -rf\tbuild/ ", "rm -rf -- build"),
        ("rm -r -f build src/gone.py", "rm -r -f -- build src/gone.py"),
        ("rm ./-rf.txt", "rm -- -rf.txt"),
        ("rm -f src/..foo", "rm -f -- src/..foo"),
        ("rm -f package-lock.json", "rm -f -- package-lock.json"),
        ("rm -f 'src/a$b.py' src/C#.md", "rm -f -- 'src/a$b.py' 'src/C#.md'"),
        ("mkdir -p build src/new/deep", "mkdir -p -- build src/new/deep"),
        ("cp -r src/util src/util2", "cp -r -- src/util src/util2"),
        ("cp src/a.py .env.example docs", "cp -- src/a.py .env.example docs"),
        ("mv -f src/a.py .", "mv -f -- src/a.py ."),
        ("mv src/util src/moved/", "mv -- src/util src/moved"),
    ],
)
def test_a_command_of_the_table_is_taken_with_its_paths_behind_dashes(root, command, argv):
    assert parse_fix_command(command, root).argv == tuple(shlex.split(argv))


@pytest.mark.parametrize(
    "command",
    [
        *("git stash; id", "git stash | sh", "git stash > x", "git stash < x", "git stash\nid", "git stash `id`", 'rm -f "$HOME/x"'),
        *(
            "rm -f *.py",
            "rm -f src/?.py",
            "rm -f src/[ab].py",
            "rm -f src/{a,b}.py",
            "rm -f ~/x",
            "rm -f '~/x'",
            "rm -f src/a\\b.py",
            "rm -f 'x",
        ),
        *("# x", "git # x", "'git' stash", "git 'stash'", "gi''t stash", "\\git stash", "GIT stash", "/usr/bin/git stash", "git"),
        *("git -C . stash", "git checkout main", "git checkout HEAD", "git checkout HEAD~1", "git checkout --", "git checkout src/a.py"),
        *(
            "git checkout HEAD^ -- src/a.py",
            "git checkout main -- src/a.py",
            "git checkout -p -- src/a.py",
            "git checkout HEAD -q -- src/a.py",
        ),
        *("git checkout -- '*.py'", "git checkout -- ':/'", "git checkout -- :(top)src", "git checkout -- .github/workflows/ci.yml"),
        *("git reset --hard HEAD~1", "git reset --soft", "git reset --hard -- src/a.py", "git reset HEAD src/a.py", "git reset --merge"),
        *(
            "git stash drop",
            "git stash clear",
            "git stash pop stash@{1}",
            "git stash push -a",
            "git stash push -m",
            "git stash push -m --all",
        ),
        *(
            "git clean",
            "git clean -d",
            "git clean -fdx",
            "git clean -f -f -d",
            "git clean -fdi",
            "git clean -fd --",
            "git clean -fd nested",
        ),
        *("git merge", "git merge --continue", "git revert HEAD", "git commit -m x", "git switch -", "git restore src/a.py"),
        *("rm", "rm -rf .", "rm -rf src/..", "rm -rf ./build/..", "rm -f build/../../outside", "rm -f nested/a.py", "rm -rf nested"),
        *("rm -rf .github", "rm -rf config", "rm -f .env", "rm -f src/link/canary.txt", "rm -f src/leaf.py", "rm -f src/hard.txt"),
        *(
            "rm -f src/pipe",
            "rm -f src//a.py",
            "rm -f src/a.py/",
            "rm -f src/a.py/../b",
            "rm -f ''",
            "rm -f src/a.py -r",
            "rm -Rf -f x",
            "rm -Ir x",
        ),
        *("mkdir .git/x", "mkdir -p .vscode", "mkdir -m 777 x", "mkdir SRC", "mkdir .", "mkdir src/a.py/x", "mkdir -p src/link/x"),
        *(
            "cp src/a.py",
            "cp src/a.py src/leaf.py",
            "cp src/a.py linked",
            "cp src/a.py linked/",
            "cp -r src copy",
            "cp -rL src/util x",
            "cp .env x",
        ),
        *(
            "cp src/a.py src/A.py",
            "cp src/a.py new/",
            "cp src/a.py src/util/b.py src/c.py",
            "cp src/pipe x",
            "cp -r . x",
            "cp src/a.py src/x.pth",
        ),
        *(
            "mv src/a.py .github/workflows/",
            "mv src x",
            "mv .github x",
            "mv src/a.py src/util/b.py docs src/c.py",
            "mv -t docs src/a.py",
            "mv -i a b",
        ),
        *("rm -f src/a%2fb", "rm -f src/a\u202eb", "rm -f src/\uff0e\uff0e/x", "rm\u00a0-f src/a.py", "rm -f /etc/passwd", "rm -f CON"),
    ],
)
def test_what_is_in_no_form_or_leads_elsewhere_is_refused(root, command):
    with pytest.raises(CommandRefused) as refused:
        parse_fix_command(command, root)
    assert str(refused.value).endswith((".", ")"))


@pytest.mark.parametrize(
    "command", [None, 3, b"git stash", [], ["git", 1], [["git", "stash"]], {"git": "stash"}, ["git stash"], ["sh", "-c", "x"]]
)
def test_what_is_no_list_of_words_is_refused(root, command):
    with pytest.raises(CommandRefused):
        parse_fix_command(command, root)


def test_in_a_list_no_character_is_special_to_a_shell(root):
    assert parse_fix_command(["rm", "-f", "src/a b; c$(d).py"], root).argv == ("rm", "-f", "--", "src/a b; c$(d).py")


def test_a_directory_that_would_become_a_repository_is_not_made(root, tmp_path):
    for name in ("objects", "refs"):
        (tmp_path / "bare" / name).mkdir(parents=True)
    (tmp_path / "x").write_text("x")
    with pytest.raises(CommandRefused, match="repository"):
        parse_fix_command("cp x bare/HEAD", tmp_path)


WORDS = st.sampled_from(
    [
        *(
            "git",
            "rm",
            "mkdir",
            "cp",
            "mv",
            "sh",
            "checkout",
            "reset",
            "stash",
            "push",
            "pop",
            "list",
            "clean",
            "merge",
            "HEAD",
            "HEAD~1",
            "main",
        ),
        *(
            "-f",
            "-r",
            "-rf",
            "-fd",
            "-d",
            "-n",
            "-p",
            "-q",
            "-u",
            "-x",
            "-m",
            "--",
            "--hard",
            "--abort",
            "-t",
            "--soft",
            "-L",
            "-s",
            "-l",
            "-a",
        ),
        *(
            ".",
            "..",
            "src",
            "src/",
            "src/a.py",
            "src/util/b.py",
            "src/util/../a.py",
            "src/new.py",
            "build",
            "build/tmp/",
            "app/[slug]/page.tsx",
        ),
        *("../outside", "../outside/canary.txt", "src/link", "src/link/canary.txt", "src/leaf.py", "linked", "linked/a.py", "src/hard.txt"),
        *(
            ".git",
            ".git/hooks/x",
            ".GIT/config",
            "nested",
            "nested/a.py",
            ".env",
            ".github",
            ".github/workflows/ci.yml",
            "src/pipe",
            "/etc/passwd",
        ),
        *(
            "'docs/My File.md'",
            "docs/My\\ File.md",
            "$HOME",
            "$(id)",
            "*",
            "src/*",
            "{a,b}",
            "a;b",
            "'a;b'",
            "x&",
            "`id`",
            "#",
            "~",
            ":/",
            "':!src'",
        ),
        *(
            "''",
            '"src/a.py"',
            "GIT_DIR=x",
            "-",
            "--pathspec-from-file=x",
            "src/link/../a.py",
            "src/a.py/",
            "./build",
            "CON",
            "x\u202e",
            "a\nb",
        ),
    ]
)
LIKELY = st.tuples(
    st.sampled_from(["git checkout --", "git checkout HEAD~1 --", "git reset --", "git stash push -u --", "git clean -fd", "git stash pop"])
    | st.sampled_from(["git reset --hard", "git stash", "rm -rf", "rm -f", "mkdir -p", "cp", "cp -r", "mv", "mv -f"]),
    st.lists(WORDS, max_size=3),
).map(lambda parts: " ".join((parts[0], *parts[1])))
COMMANDS = LIKELY | st.lists(WORDS, max_size=7).map(" ".join)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=COMMANDS | st.text(alphabet="girmcpv -'\"\\;$./~\n#sx[]", max_size=30))
def test_a_text_means_what_a_shell_would_make_of_it_or_is_refused(root, command):
    try:
        found = parse_fix_command(command, root)
    except CommandRefused:
        return
    assert parse_fix_command(shlex.split(command), root) == found
    assert parse_fix_command(found.text, root) == found
    assert parse_fix_command(list(found.argv), root) == found


def everything(folder: Path) -> dict[str, object]:
    """All below a folder, links not followed."""
    return {str(path.relative_to(folder)): (path.lstat().st_mode, content(path)) for path in folder.rglob("*")}


def content(path: Path) -> object:
    return path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None


@settings(max_examples=60, deadline=None)
@given(command=LIKELY)
def test_no_command_that_is_taken_changes_anything_outside_or_what_is_protected(tmp_path_factory, command):
    root = lay(tmp_path_factory.mktemp("run"))
    try:
        found = parse_fix_command(command, root)
    except CommandRefused:
        return
    head = (root / ".git/HEAD").read_bytes(), (root / ".git/refs/heads/main").read_bytes()
    outside, hooks = everything(root.parent / "outside"), everything(root / ".git/hooks")
    kept = [everything(root / name) for name in (".github", "config", "nested")], (root / ".env").read_bytes()
    environment = {**os.environ, "GIT_LITERAL_PATHSPECS": "1", "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t"}
    environment |= {"GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t"}
    subprocess.run(found.argv, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert ((root / ".git/HEAD").read_bytes(), (root / ".git/refs/heads/main").read_bytes()) == head
    assert everything(root.parent / "outside") == outside
    assert everything(root / ".git/hooks") == hooks
    if found.type == "file":
        assert ([everything(root / name) for name in (".github", "config", "nested")], (root / ".env").read_bytes()) == kept
    assert sorted(path.name for path in root.parent.iterdir()) == ["outside", "ws"]
