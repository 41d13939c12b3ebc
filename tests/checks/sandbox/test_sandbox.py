"""What real commands in the sandbox can and cannot do, in whatever way the folders lie to one another."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from autopack.checks.commands.unstartable import missing
from autopack.checks.processes.call_filter import has_filter
from autopack.checks.processes.command import CommandEnd, CommandSpec, EndKind
from autopack.checks.processes.process import run_command
from autopack.checks.sandbox.sandbox import Sandbox, SandboxPaths, hidden, make_sandbox, proven
from tests.support.commands import LIMITS, PATH, is_running, read_pid
from tests.support.repos import git, make_repo

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
CANARY = "canary-of-the-home"


@dataclass(frozen=True)
class Site:
    """A repository with Autopack's state, a linked work tree, a home with secrets; commands of a plan run in it."""

    paths: SandboxPaths
    tree: Path
    out: Path
    environment: dict[str, str]

    @classmethod
    def make(cls, home: Path, repo: Path, state: Path) -> "Site":
        for name in (".ssh/id_ed25519", ".netrc", ".npmrc", ".cargo/credentials.toml", "mine.txt", ".cargo/bin/tool"):
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(CANARY)
        (home / ".cargo/bin/tool").write_text("#!/bin/sh\n")
        make_repo(repo, {"a.txt": "one\n", "packages/b/b.txt": "b\n"})
        (repo / ".env").write_text(CANARY)
        records = repo / ".autonomous_runs" / "r"
        records.mkdir(parents=True)
        (records / "report.md").write_text(CANARY)
        hidden = repo / ".git" / "autopack"
        hidden.mkdir()
        (hidden / "autopack.db").write_text(CANARY)
        tree, out = state / "1", state / "out"
        out.mkdir(parents=True)
        git(repo, "worktree", "add", "--detach", str(tree))
        environment = {"PATH": f"{home}/.cargo/bin:{PATH}", "HOME": str(home), "AUTOPACK_OUT": str(out)}
        return cls(SandboxPaths(home, repo, repo / ".git", hidden), tree, out, environment)

    def with_env(self, **variables: str) -> "Site":
        return replace(self, environment={**self.environment, **variables})

    def sandbox(self) -> Sandbox:
        found = proven(make_sandbox(self.paths, self.environment), self.paths, self.tree, self.out, self.environment)
        assert found.name == "bubblewrap", found.reason
        return found

    def run(self, command, *, network=False, cwd: Path | None = None, sandbox: Sandbox | None = None) -> CommandEnd:
        prefix = (sandbox or self.sandbox()).prefix(self.tree, self.out, network=network)
        return run_command(CommandSpec(command, cwd or self.tree, self.environment, 60, limits=LIMITS, prefix=prefix))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap")
    home = tmp_path / "home"
    return Site.make(home, home / "code" / "shop", home / ".local" / "state" / "autopack" / "r")


def layouts(folder: Path) -> dict[str, tuple[Path, Path, Path]]:
    home = folder / "home"
    return {
        "everything below home": (home, home / "shop", home / ".local/state/r"),
        "home beside all": (home, folder / "shop", folder / "state/r"),
        "the repository holds the home": (folder / "shop" / "home", folder / "shop", folder / "state"),
        "spaces and umlauts": (folder / "heim ä ö", folder / "läden" / "mein laden", folder / "zu stand ü" / "r"),
        "work tree beside the checkout": (home, folder / "code/shop", folder / "code/shop-state"),
    }


@needs_bubblewrap
@pytest.mark.parametrize("name", layouts(Path("/")))
def test_every_layout_holds_and_works(tmp_path, name):
    site = Site.make(*layouts(tmp_path)[name])
    outside = Path("/tmp", f"autopack-{uuid4()}")  # noqa: S108 - the machine's own must not have it
    look = f"""
    echo new > made.txt && echo out > "$AUTOPACK_OUT/o.txt" && mkdir -p ~/.cache && echo x > ~/.cache/x && echo x > {outside} && echo wrote
    git log --oneline | wc -l; git describe --always >/dev/null && echo described; pwd
    cat '{site.paths.home}'/mine.txt '{site.paths.checkout}'/.env '{site.paths.state}'/autopack.db
    cat '{site.paths.checkout}'/.autonomous_runs/r/report.md
    grep -rs {CANARY} ~ /tmp "$PWD" | head -3; true
    """
    end = site.run(look)
    assert CANARY not in end.output.replace(look, "")
    assert end.output.startswith(f"wrote\n1\ndescribed\n{site.tree}\n")
    assert ((site.tree / "made.txt").read_text(), (site.out / "o.txt").read_text()) == ("new\n", "out\n")
    assert not (site.paths.home / ".cache").exists()
    assert not outside.exists()


@pytest.mark.parametrize(
    "secret", [".ssh/id_ed25519", ".netrc", ".npmrc", ".cargo/credentials.toml", "mine.txt", "code/shop/.env", "code/shop/a.txt"]
)
def test_nothing_of_the_home_or_the_checkout_can_be_read(site, secret):
    end = site.run(("cat", str(site.paths.home / secret)))
    assert end.exit_code == 1
    assert CANARY not in end.output


def test_a_tool_below_home_runs_and_its_credentials_stay_hidden(site):
    tool = site.paths.home / ".cargo/bin/tool"
    tool.write_text("#!/bin/sh\necho tool ran\ncat ~/.cargo/credentials.toml\n")
    tool.chmod(0o755)
    end = site.run(("tool",))
    assert end.output.startswith("tool ran\n")
    assert CANARY not in end.output


def test_the_sandboxs_own_program_loads_no_library_that_a_command_left_in_the_tree(site):
    """An empty word in the variable is the folder that a program is started in."""
    (site.tree / "libcap.so.2").write_text("no library")
    end = site.with_env(LD_LIBRARY_PATH=":/nowhere").run('echo "$LD_LIBRARY_PATH in $PWD"')
    assert (end.exit_code, end.output) == (0, f":/nowhere in {site.tree}\n")


@pytest.mark.parametrize(
    "write",
    [
        "echo x > {repo}/a.txt",
        "echo x > {repo}/.git/config",
        "echo x > {repo}/.git/hooks/post-checkout",
        "git config user.name x",
        "git commit --allow-empty -m x",
        "git update-ref refs/heads/x HEAD",
        "rm -f .git",
        "echo gitdir: /tmp > .git",
        "mv .git other",
        "touch new && mv new .git",
        "mount -o remount,bind,rw {repo}/.git",
        "umount {repo}/.git",
        "echo x > {home}/mine.txt && grep -q canary {home}/mine.txt",
        "echo x > {state}/beside",
        "echo x > /usr/bin/autopack-was-here",
        "echo x > /etc/autopack-was-here",
    ],
)
def test_nothing_outside_the_work_tree_can_be_written(site, write):
    repo, home = site.paths.checkout, site.paths.home
    before = {path: path.read_bytes() for path in sorted(repo.rglob("*")) if path.is_file() and "worktrees" not in path.parts}
    pointer = (site.tree / ".git").read_bytes()
    command = write.format(repo=repo, home=home, state=site.tree.parent)
    assert site.run(f"git --version >/dev/null; {command}").kind is EndKind.EXITED
    after = {path: path.read_bytes() for path in sorted(repo.rglob("*")) if path.is_file() and "worktrees" not in path.parts}
    assert after == before
    assert (site.tree / ".git").read_bytes() == pointer
    assert (home / "mine.txt").read_text() == CANARY
    assert not (site.tree.parent / "beside").exists()
    assert not [folder for folder in ("/usr/bin", "/etc") if Path(folder, "autopack-was-here").exists()]


def test_other_processes_cannot_be_seen_or_ended(site):
    with subprocess.Popen(["sleep", "60"]) as bystander:
        try:
            end = site.run(f"ls -d /proc/[0-9]* | wc -l; cat /proc/{os.getpid()}/environ; kill {bystander.pid} || echo cannot")
            assert bystander.poll() is None
        finally:
            bystander.kill()
    count, *rest = end.output.splitlines()
    assert int(count) <= 6
    assert rest[-1] == "cannot"


def test_a_daemon_does_not_outlive_its_command(site):
    script = "import os, time\nif os.fork():\n    os._exit(0)\nos.setsid()\nif os.fork():\n    os._exit(0)\nfor fd in range(3):\n    os.close(fd)\nos.environ.clear()\ntime.sleep(60)"
    (site.tree / "daemon.py").write_text(script)
    end = site.run(f"env -i {sys.executable} daemon.py; sleep 0.5; ls -d /proc/[0-9]* | wc -l")
    assert end.exit_code == 0
    assert not [line for line in _command_lines() if str(b"daemon.py") in line and str(site.tree) in line]


def test_a_killed_sandbox_takes_its_command_along(site):
    (site.tree / "daemon.sh").write_text("setsid sh -c 'sleep 61 & sleep 61' &\nsleep 61\n")
    spec = CommandSpec(
        "sh daemon.sh", site.tree, site.environment, 1.5, limits=LIMITS, prefix=site.sandbox().prefix(site.tree, site.out, network=False)
    )
    assert run_command(spec).kind is EndKind.TIMEOUT
    assert not [line for line in _command_lines() if line.split("\0")[:2] == ["sleep", "61"]]


@contextlib.contextmanager
def _listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def answer() -> None:
            with contextlib.suppress(OSError):
                taken, _ = server.accept()
                with taken:
                    taken.sendall(b"hello")

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        with contextlib.suppress(OSError), socket.create_connection(server.getsockname(), 1):
            pass  # so that nobody waits for a guest who never came
        thread.join()


def test_the_network_is_closed_until_it_is_opened(site):
    with _listening() as port:
        reach = f"import socket; print(socket.create_connection(('127.0.0.1', {port}), 5).recv(9))"
        closed = site.run((sys.executable, "-c", reach))
        opened = site.run((sys.executable, "-c", reach), network=True)
    assert "ConnectionRefusedError" in closed.output
    assert opened.output == "b'hello'\n"


def test_a_server_of_the_command_itself_can_be_reached_without_the_network(site):
    own = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(socket.create_connection(s.getsockname(), 5).getpeername()[0])"
    assert site.run((sys.executable, "-c", own)).output == "127.0.0.1\n"


def test_pytest_of_an_environment_on_path_runs_the_work_trees_tests(site):
    (site.tree / "test_a.py").write_text("import pathlib\n\n\ndef test_a():\n    assert pathlib.Path('a.txt').read_text() == 'one\\n'\n")
    end = site.run("python -m pytest -q -p no:cacheprovider")
    assert (end.exit_code, "1 passed" in end.output) == (0, True), end.output


def test_a_new_environment_with_a_linked_interpreter_works_from_anywhere(site):
    place = site.paths.home / "envs" / "e"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(place)], check=True)
    found = site.with_env(PATH=f"{place}/bin:/usr/bin:/bin", VIRTUAL_ENV=str(place))
    assert found.run("python -c 'import sys; print(sys.prefix)'").output == f"{place}\n"


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_node_and_npm_run(site):
    (site.tree / "package.json").write_text('{"name": "x", "version": "1.0.0", "scripts": {"test": "node -e \\"console.log(40 + 2)\\""}}')
    end = site.run("npm test --silent")
    assert (end.exit_code, end.output.split()[-1:]) == (0, ["42"]), end.output


def test_a_command_runs_in_its_own_directory(site):
    assert site.run("pwd; cat b.txt", cwd=site.tree / "packages/b").output == f"{site.tree}/packages/b\nb\n"


def test_linked_paths_of_the_checkout_can_be_read_and_not_written(site):
    checkout = site.paths.checkout
    (checkout / "node_modules").mkdir()
    (checkout / "node_modules" / "x.js").write_text("x\n")
    store = site.paths.home / "store"
    store.mkdir()
    (store / "y.js").write_text("y\n")
    (checkout / "vendor").symlink_to(store)
    for name in ("node_modules", "vendor"):
        (site.tree / name).symlink_to(checkout / name)
    linked = replace(site, paths=replace(site.paths, linked=(checkout / "node_modules", checkout / "vendor")))
    end = linked.run(
        "cat node_modules/x.js vendor/y.js; echo z > node_modules/x.js; echo z > vendor/y.js; cat node_modules/x.js; cat ~/mine.txt"
    )
    assert end.output.startswith("x\ny\n")
    assert "Read-only" in end.output
    assert CANARY not in end.output
    assert (checkout / "node_modules/x.js").read_text() == "x\n"


def test_what_the_user_opens_can_be_read_and_the_state_stays_hidden(site):
    opened = replace(site, paths=replace(site.paths, readable=(site.paths.home,)))
    end = opened.run(f"cat ~/mine.txt; echo; cat '{site.paths.state}'/autopack.db; echo x > ~/mine.txt")
    assert end.output.startswith(CANARY + "\n")
    assert end.output.count(CANARY) == 1
    assert (site.paths.home / "mine.txt").read_text() == CANARY


@needs_bubblewrap
@pytest.mark.parametrize("inner", ["", "/home", "/home/tmp"])
def test_a_temporary_folder_of_the_users_own_is_the_commands_own(tmp_path, inner):
    site = Site.make(tmp_path / "home", tmp_path / "shop", tmp_path / "state")
    folder = tmp_path / inner.lstrip("/")
    folder.mkdir(exist_ok=True)
    end = site.with_env(TMPDIR=str(folder)).run('f=$(mktemp) && echo "$f"; echo x > ~/y && cat a.txt ~/y')
    assert end.output.splitlines()[1:] == ["one", "x"]
    assert end.output.startswith(str(folder))
    assert not Path(end.output.splitlines()[0]).exists()


@needs_bubblewrap
def test_a_home_that_does_not_exist_is_made_for_the_command(tmp_path):
    site = Site.make(tmp_path / "home", tmp_path / "shop", tmp_path / "state")
    gone = tmp_path / "gone"
    moved = replace(site, paths=replace(site.paths, home=gone)).with_env(HOME=str(gone))
    assert moved.run("echo x > ~/y && cat ~/y").output == "x\n"
    assert not gone.exists()


@pytest.mark.parametrize("folder", ["bin", ".config/bin", "code/shop/bin", "tools"])
def test_a_folder_on_path_opens_itself_and_not_what_is_around_it(site, folder):
    place = site.paths.home / folder
    place.mkdir(parents=True)
    (place / "hello").write_text("#!/bin/sh\necho hello\n")
    (place / "hello").chmod(0o755)
    (place.parent / "near.txt").write_text(CANARY)
    end = site.with_env(PATH=f"{place}:/usr/bin:/bin").run(f"hello; cat {place.parent}/near.txt ~/.netrc {site.paths.checkout}/.env")
    assert end.output.startswith("hello\n")
    assert CANARY not in end.output


def test_root_has_no_powers_over_the_machine(site):
    end = site.run("grep CapEff /proc/self/status; mount -t tmpfs x /mnt 2>&1; mknod x c 1 3; unshare -m true")
    powers = int(end.output.split()[1], 16)
    assert not powers & (1 << 21 | 1 << 19 | 1 << 27 | 1 << 12 | 1 << 16 | 1 << 18)  # admin, ptrace, mknod, net_admin, module, chroot
    assert not (site.tree / "x").exists()


@pytest.mark.parametrize("way", ["{}", "unshare -Urm {}", "unshare -Urpf --mount-proc {}", "unshare -Urm sh -c 'umount /proc/sys; {}'"])
def test_the_kernel_cannot_be_changed(site, way):
    (site.tree / "write.sh").write_text(  # what stands there is written again: where it can be written, nothing changes
        "for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/threads-max /proc/sys/vm/swappiness; do\n"
        '  old=$(cat $file) && echo "$old" > $file && echo written\ndone\n'
    )
    end = site.run(way.format("sh write.sh"))
    assert "written" not in end.output.split("\n"), end.output


@pytest.mark.parametrize("command", [("kill-me",), "exec kill-me"])
def test_a_signal_and_an_exit_code_come_back_as_they_were(site, command):
    (site.tree / "bin").mkdir()
    (site.tree / "bin" / "kill-me").write_text("#!/bin/sh\nkill -SEGV $$\n")
    (site.tree / "bin" / "kill-me").chmod(0o755)
    found = site.with_env(PATH=f"{site.tree}/bin:/usr/bin:/bin")
    end = found.run(command)
    assert "SIGSEGV" in end.detail
    assert end.kind is EndKind.SIGNALLED or end.exit_code == 139
    assert [found.run(f"exit {code}").exit_code for code in (0, 3, 127)] == [0, 3, 127]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("no-such-program", "-x"), "'no-such-program' is not found on PATH"),
        (("./missing.sh",), "'./missing.sh' is not there"),
        (("./plain.txt",), "'./plain.txt' may not be executed"),
        (("./odd.sh",), "'./odd.sh' names an interpreter in its first line that is not there"),
        ("no-such-program -x", "'no-such-program' is not found"),
        ("./missing.sh", "'./missing.sh' is not found"),
        ("./plain.txt", "'./plain.txt' cannot be executed"),
    ],
)
def test_what_cannot_be_started_reads_as_without_a_sandbox(site, command, said):
    (site.tree / "plain.txt").write_text("#!/bin/sh\n")
    (site.tree / "odd.sh").write_text("#!/no/such/interpreter\n")
    (site.tree / "odd.sh").chmod(0o755)
    end = site.run(command)
    found = missing(command, end)
    assert found is not None, end
    assert said in found.sentence
    without = missing(command, run_command(CommandSpec(command, site.tree, site.environment, 30, limits=LIMITS)))
    assert without is not None
    assert without.sentence == found.sentence


def test_a_program_outside_the_walls_is_named_with_the_way_to_open_it(site):
    place = site.paths.home / "secret-tools"
    place.mkdir()
    (place / "x").write_text("#!/bin/sh\necho x\n")
    (place / "x").chmod(0o755)
    end = site.run((str(place / "x"),))
    assert end.kind is EndKind.NOT_STARTED
    assert "sandbox_read" in end.detail
    opened = replace(site, paths=replace(site.paths, readable=(place,)))
    assert opened.run((str(place / "x"),)).output == "x\n"


def _fake(folder: Path, script: str) -> dict[str, str]:
    folder.mkdir()
    (folder / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bwrap").chmod(0o755)
    return {"PATH": f"{folder}:{PATH}"}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('while [ "$1" != "--" ]; do shift; done; shift; exec "$@"', "Autopack's state can be seen"),
        ("exit 0", "did not run the command"),
        ("exit 1", "exit code 1"),
        ("echo bwrap: setting up uid map: Permission denied >&2; exit 1", "Permission denied"),
        ("kill -9 $$", "SIGKILL"),
        (
            'real=/usr/bin/bwrap; for w; do shift; [ "$w" = --unshare-net ] || set -- "$@" "$w"; done; exec $real "$@"',
            "the network is open",
        ),
        ('real=/usr/bin/bwrap; for w; do shift; [ "$w" = --unshare-pid ] || set -- "$@" "$w"; done; exec $real "$@"', "other processes"),
        ('real=/usr/bin/bwrap; for w; do shift; [ "$w" = --ro-bind ] && w=--bind; set -- "$@" "$w"; done; exec $real "$@"', "git's data"),
    ],
)
def test_a_sandbox_that_does_not_hold_is_found_out(site, tmp_path, script, said):
    environment = {**site.environment, **_fake(tmp_path / "fake", script)}
    found = proven(make_sandbox(site.paths, environment), site.paths, site.tree, site.out, environment)
    assert (found.name, found.prefix(site.tree, site.out, network=False)) == ("none", ())
    assert said in found.reason
    assert not list(site.paths.common_dir.glob("autopack-probe"))
    assert [path.name for path in site.paths.state.iterdir()] == ["autopack.db"]


def test_without_bubblewrap_there_is_none_and_a_reason(site):
    found = make_sandbox(site.paths, {**site.environment, "PATH": "/nowhere"})
    assert (found.name, found.reason) == ("none", "bubblewrap (bwrap) is not installed")
    assert proven(found, site.paths, site.tree, site.out, site.environment) == found


def test_it_costs_little(site):
    sandbox = site.sandbox()
    began = time.monotonic()
    for _ in range(5):
        assert site.run(("true",), sandbox=sandbox).exit_code == 0
    assert (time.monotonic() - began) / 5 < 2


def test_a_stopped_sandbox_leaves_no_process(site):
    (site.tree / "bg.sh").write_text("sleep 62 & echo $! > pid; wait\n")
    spec = CommandSpec(
        "sh bg.sh", site.tree, site.environment, 2, limits=LIMITS, prefix=site.sandbox().prefix(site.tree, site.out, network=False)
    )
    assert run_command(spec).kind is EndKind.TIMEOUT
    assert read_pid(site.tree / "pid") < 50  # a number of its own world
    assert not [line for line in _command_lines() if line.split("\0")[:2] == ["sleep", "62"]]


def _command_lines() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if is_running(int(path.name)):
                found.append((path / "cmdline").read_text(errors="replace"))
    return found


@pytest.mark.parametrize("system", ["darwin", "freebsd14"])
def test_on_another_system_there_is_none_and_a_reason(tmp_path, monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    paths = SandboxPaths(tmp_path, tmp_path, tmp_path / ".git", tmp_path / "state")
    found = make_sandbox(paths, {"PATH": PATH})
    assert (found.name, found.reason) == ("none", "there is none for this system")
    assert found.prefix(tmp_path, tmp_path, network=False) == ()
    assert proven(found, paths, tmp_path, tmp_path / "out", {}) == found


def test_a_command_over_its_memory_is_ended_in_the_sandbox_too(site):
    (site.tree / "hold_in_the_sandbox.py").write_text("import time\nheld = bytearray(b'x') * 400_000_000\ntime.sleep(60)\n")
    limits = LIMITS.model_copy(update={"memory_bytes": 150_000_000})
    words = (sys.executable, "hold_in_the_sandbox.py")
    prefix = site.sandbox().prefix(site.tree, site.out, network=False)
    end = run_command(CommandSpec(words, site.tree, site.environment, 60, limits=limits, prefix=prefix))
    assert (end.kind, end.exit_code) == (EndKind.MEMORY_LIMIT, None)
    assert "checks.memory_bytes" in end.detail
    assert not [line for line in _command_lines() if "hold_in_the_sandbox.py" in line]


REACHES = {
    "the keyring of the user's session": "keyctl(0, -3, 0)",
    "a key that the user has": "request_key(b'user', b'autopack-test', None, 0)",
    "a new key": "add_key(b'user', b'autopack-test', b'x', 1, -3)",
    "io_uring": "io_uring_setup(1, None)",
    "the 32-bit twin": "keyctl_of_the_twin(0, -3, 0)",
    "the virtual machine's host": "socket(40, 1, 0)",
    "the kernel's cryptography": "socket(38, 5, 0)",
}
CALLS = """
import ctypes, errno, platform
libc = ctypes.CDLL(None, use_errno=True)
numbers = {"x86_64": (248, 249, 250, 41), "aarch64": (217, 218, 219, 198)}[platform.machine()]
def calling(number):
    return lambda *words: libc.syscall(number, *words)
add_key, request_key, keyctl, socket = map(calling, numbers)
keyctl_of_the_twin, io_uring_setup = calling(0x40000000 + numbers[2]), calling(425)
print("reached" if (REACH) >= 0 else errno.errorcode[ctypes.get_errno()])
"""


@pytest.mark.parametrize("network", [True, False])
@pytest.mark.parametrize("reach", REACHES)
def test_nothing_is_reached_past_the_namespaces(site, reach, network):
    if not has_filter():
        pytest.skip("no filter for this kind of machine")
    end = site.run((sys.executable, "-c", CALLS.replace("REACH", REACHES[reach])), network=network)
    assert end.output.strip() in ("ENOSYS", "EAFNOSUPPORT"), end.output


def test_the_users_keys_are_not_even_listed(site):
    end = site.run("cat /proc/keys /proc/key-users 2>/dev/null | wc -c")
    assert end.output.strip() == "0"


def test_sockets_of_every_kind_that_programs_use_are_opened(site):
    code = "import socket; [socket.socket(family, socket.SOCK_DGRAM) for family in (1, 2, 10)]; socket.if_nameindex(); print('open')"
    assert site.run((sys.executable, "-c", code)).output == "open\n"


def test_a_sandbox_that_refuses_no_calls_is_not_trusted(site, monkeypatch):
    if not has_filter():
        pytest.skip("no filter for this kind of machine")
    monkeypatch.setattr("autopack.checks.processes.spawn.call_filter", lambda **_: contextlib.nullcontext(((), ())))
    found = proven(make_sandbox(site.paths, site.environment), site.paths, site.tree, site.out, site.environment)
    assert found.name == "none"
    assert "are not refused" in found.reason


@needs_bubblewrap
@pytest.mark.parametrize("name", layouts(Path("/")))
def test_what_is_hidden_has_nothing_in_its_place_and_the_rest_stays(tmp_path, name):
    site = Site.make(*layouts(tmp_path)[name])
    (site.tree / ".env").write_text(CANARY)
    (site.tree / "keys").mkdir()
    (site.tree / "keys" / "id_rsa").write_text(CANARY)
    (site.tree / "link").symlink_to("/etc/hostname")
    words = hidden((site.paths.common_dir, site.tree / ".env", site.tree / "keys", site.tree / "link", site.tree / "gone"))
    look = f"ls -A '{site.paths.common_dir}' keys; cat .env; git log; echo new > .env; rm -f .env; cat a.txt; echo made > made.txt"
    prefix = (*site.sandbox().prefix(site.tree, site.out, network=False), *words)
    end = run_command(CommandSpec(look, site.tree, site.environment, 60, limits=LIMITS, prefix=prefix))
    assert CANARY not in end.output
    assert "not a git repository" in end.output.lower()
    assert "one\n" in end.output
    assert (site.tree / ".env").read_text() == CANARY
    assert (site.tree / "made.txt").read_text() == "made\n"
    assert not (site.tree / "gone").exists()
