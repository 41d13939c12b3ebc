"""The sandbox for a user without powers: a whole run by one, as most people are; as root, by a child that has become nobody."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import CHECK, COMMAND, ONE, Desk, Ended, ending, oracle_of, phase_of
from tests.support.server import scripted_server
from tests.support.start import ROOT

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's"),
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap"),
]
SOMEBODY = 1000
SETPRIV = ("setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups")
NAMESPACE = ("unshare", "--user", f"--map-user={SOMEBODY}", f"--map-group={SOMEBODY}")
"""Root's files and none of its powers, under another number: /proc/sys is still its own to write, so no sandbox holds."""
OPEN_UP = """\
closed=$1 stage=$2; shift 2; number=0
for kept in $KEPT; do number=$((number + 1)); mkdir "$stage/$number"; mount --rbind "$kept" "$stage/$number" || exit; done
mount -t tmpfs -o mode=755 opened "$closed" || exit; number=0
for kept in $KEPT; do number=$((number + 1)); mkdir -p "$kept"; mount --rbind "$stage/$number" "$kept" || exit; done
exec "$@"
"""
"""In mounts of its own: the folder that is closed to others is one in which there is nothing but what Python and this checkout need."""


@dataclass(frozen=True)
class Person:
    """Who has no powers: the words before a command that make it theirs, and the number they go by."""

    become: tuple[str, ...]
    uid: int

    def autopack(self, desk: Desk, *words: str) -> Ended:
        command = [*self.become, *COMMAND, *words]
        done = subprocess.run(command, cwd=desk.repo, env=desk.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return Ended(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"), 0)

    def own(self, folder: Path) -> None:
        if self.become[-len(SETPRIV) :] == SETPRIV:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.uid, self.uid, follow_symlinks=False)


@pytest.fixture(params=["ordinary", "root under another number"])
def person(request, tmp_path):
    is_ordinary = request.param == "ordinary"
    if os.geteuid() != 0:
        return Person((), os.geteuid()) if is_ordinary else pytest.skip("only root can be under another number")
    if not is_ordinary:
        return Person(NAMESPACE, SOMEBODY)
    person = Person((*_opened(tmp_path), *SETPRIV), SOMEBODY)
    probe = [*person.become, "sh", "-c", f"'{sys.executable}' -c 'import autopack.cli.app'"]
    done = subprocess.run(
        probe, cwd="/", env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    return person if done.returncode == 0 else pytest.skip(f"no unprivileged user can run this interpreter: {done.stderr}")


def _opened(stage: Path) -> tuple[str, ...]:
    """The words before a command that let others read the interpreter and the checkout; none where they can."""
    needed = {str(path) for path in (Path(sys.base_prefix), Path(sys.prefix), ROOT)}
    closed = sorted({str(above) for path in needed for above in Path(path).parents if not above.stat().st_mode & 0o001}, key=len)
    if not closed:
        return ()
    kept = " ".join(sorted(path for path in needed if path.startswith(f"{closed[0]}/")))
    return ("unshare", "--mount", "env", f"KEPT={kept}", "sh", "-c", OPEN_UP, "open", closed[0], str(stage))


@pytest.fixture
def desk():
    """In a folder that others may enter; on its PATH is a link to a program in a folder that nobody may."""
    with tempfile.TemporaryDirectory(prefix="autopack-person-") as name:
        Path(name).chmod(0o755)
        desk = Desk.make(Path(name)).with_env(PYTHONDONTWRITEBYTECODE="1")
        closed, tools = Path(name) / "closed", Path(name) / "tools"
        (closed / "x/bin").mkdir(parents=True)
        (closed / "x/bin/tool").touch()
        tools.mkdir()
        (tools / "tool").symlink_to(closed / "x/bin/tool")
        yield desk.with_env(PATH=f"{desk.environment['PATH']}:{tools}")
        closed.chmod(0o700)


def configure(desk, text):
    (desk.home / ".config/autopack").mkdir(parents=True, exist_ok=True)
    (desk.home / ".config/autopack/settings.yaml").write_text(text, "utf-8")


def test_a_user_without_powers_gets_the_sandbox_or_is_told_that_there_is_none(desk, person):
    (desk.home / "secret").write_text("canary-of-the-home\n", "utf-8")
    check = f"cat {desk.home}/secret; id -u; grep CapEff /proc/self/status; grep -q . app.txt"
    desk.plan(phase_of("one", ci={**CHECK, "command": check, "log_on_success": True}))
    configure(desk, "sandbox: auto\n")
    person.own(desk.home.parent)
    (desk.home.parent / "closed").chmod(0)
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        done = person.autopack(keyed, "run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        configure(desk, "sandbox: required\n")
        required = person.autopack(keyed, "run", "--run-id", "s")
    said = done.told("run_introduced")[0]["message"]
    log = (desk.repo / ".autonomous_runs/r/ci/one-1.log").read_text("utf-8")
    assert f"\n{person.uid}\n" in log
    assert "CapEff:\t0000000000000000" in log
    is_hidden = "canary-of-the-home" not in log
    if "commands run in bubblewrap" in said:
        assert (is_hidden, required.exit_code) == (True, 0), log + required.stderr
    else:
        assert "commands run without a sandbox: bubblewrap does not hold here: " in said
        assert not is_hidden
        assert "requires a sandbox" in ending(required, 7)
