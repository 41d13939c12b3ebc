"""The real command line on a real repository, as a user with an own home would type it: to its end, or in the background with signals.

`Desk.make(tmp_path)` gives a repository of three files and a shell's environment that reaches nothing of this machine but its programs;
`desk.beside(server)` is the same desk with a key for the scripted server. `CHECK` is a quick check without tests; `plan_of` spells a plan.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from tests.support.git_variables import nasty_git_variables
from tests.support.oracle import Oracle, changes_between
from tests.support.repos import git, make_repo
from tests.support.server import Scripted
from tests.support.start import AT_START, COMMAND, PATH, Process, Start, run_to_its_end, start_command

NASTY_GIT: Final = os.environ.get("AUTOPACK_TESTS_GIT") == "nasty"
"""`make git-variables`: every shell of every end-to-end test says to git what it must not follow."""

PATIENCE_S: Final = 180.0  # a machine that does much else at a time must fail no test
FILES: Final = {"app.txt": "one\n", "docs/notes.txt": "notes\n", "check.sh": "grep -q . app.txt\n"}
CHECK: Final = {"command": "sh check.sh", "tests": "none", "timeout_s": 30}
PYTEST: Final = {"command": "python -B -m pytest -q -p no:cacheprovider --disable-plugin-autoload", "timeout_s": 120}
"""A project's own tests, without the plugins that are installed beside this pytest: loading them takes longer than all else in a start."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended. `stdout` and `stderr` are strict UTF-8: anything else is a failure of the test."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines of `--json`; every line has to be one object."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    def told(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.events if line["event"] == event]

    @property
    def said(self) -> str:
        """The last lines that are no event and no ``next:``: what a person is left with."""
        lines = [line for line in self.stderr.splitlines() if not line.startswith(("next: ", "      "))]
        return lines[-1] if lines else ""


@dataclass(frozen=True)
class Running:
    """A command in the background. Its output goes to files, so that it never waits for a reader; leaving a `with` ends it."""

    process: Process
    out: Path
    err: Path
    began: float

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def events(self) -> list[dict[str, Any]]:
        """The whole lines of `--json` so far."""
        return [json.loads(line) for line in self.out.read_text("utf-8").split("\n")[:-1]]

    def until(self, is_reached: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Waits for something the command does; a command that ended without it is a failure."""
        end = time.monotonic() + patience_s
        while not is_reached():
            assert self.process.poll() is None, f"it ended with {self.process.poll()}:\n{self.err.read_text('utf-8')}"
            assert time.monotonic() < end, f"not within {patience_s:g} s:\n{self.err.read_text('utf-8')}"
            time.sleep(0.02)

    def send(self, number: int = signal.SIGINT) -> None:
        self.process.send_signal(number)

    def end(self, patience_s: float = PATIENCE_S) -> Ended:
        try:
            code = self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it did not end within {patience_s:g} s:\n{self.err.read_text('utf-8')}") from None
        return Ended(code, self.out.read_text("utf-8"), self.err.read_text("utf-8"), time.monotonic() - self.began)


@dataclass(frozen=True)
class Desk:
    """A repository and the environment of the shell that stands in it."""

    repo: Path
    environment: Mapping[str, str]
    is_fresh: bool = False

    @classmethod
    def make(cls, folder: Path, files: Mapping[str, str | bytes] = FILES, name: str = "shop") -> "Desk":
        """`folder/<name>` is the repository, `folder/home` the user's home."""
        return cls(make_repo(folder / name, files), shell_environment(folder))

    def beside(self, server: Scripted, api: str = "anthropic") -> "Desk":
        return self.with_env(**server.environment(api))

    def with_env(self, **variables: str) -> "Desk":
        return replace(self, environment={**self.environment, **variables})

    def without(self, *names: str) -> "Desk":
        return replace(self, environment={name: value for name, value in self.environment.items() if name not in names})

    def fresh(self) -> "Desk":
        """The same desk, each of whose commands is an interpreter of its own: where the very start, hash order or `/proc` matters."""
        return replace(self, is_fresh=True)

    @property
    def home(self) -> Path:
        return Path(self.environment["HOME"])

    def configured(self, text: str, name: str = "models.yaml") -> "Desk":
        """The same desk, whose user has that file of configuration."""
        folder = self.home / ".config" / "autopack"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
        return self

    def plan(self, *phases: Mapping[str, Any], name: str = "autopack.yaml", **keys: Any) -> Path:
        """Writes the plan into the repository, uncommitted."""
        file = self.repo / name
        file.write_text(json.dumps(plan_of(*phases, **keys), indent=1) + "\n", "utf-8")
        return file

    def autopack(self, *words: str | Path, cwd: Path | None = None, patience_s: float = PATIENCE_S) -> Ended:
        """One command to its end, with no terminal and an empty stdin."""
        start = Start([str(word) for word in words], cwd or self.repo, self.environment, is_fresh=self.is_fresh)
        return _to_its_end(lambda stdout, stderr: start_command(start, stdout, stderr), patience_s)

    def python(self, program: str, *words: str) -> Ended:
        """A program that changes something of Autopack and then runs its `main`."""
        return _to_its_end(lambda stdout, stderr: self._popen([sys.executable, "-c", program, *words], stdout, stderr), PATIENCE_S)

    def _popen(self, command: Sequence[str], stdout: int, stderr: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(command, cwd=self.repo, env=self.environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)

    def start(self, *words: str | Path, program: str | None = None, through: Sequence[str] = ()) -> Running:
        """One command in the background: `with desk.start(\"run\") as running: ...; ended = running.end()`.

        `program` is Python text in place of `-m autopack`: the command with something about it changed; `through` a program before it.
        """
        folder = self.home.parent / "output"
        folder.mkdir(exist_ok=True)
        number = len(list(folder.iterdir()))
        out, err = folder / f"{number}.out", folder / f"{number}.err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            ends = stdout.fileno(), stderr.fileno()
            if program or through:
                command = (sys.executable, "-c", program) if program else COMMAND
                process: Process = self._popen([*through, *command, *map(str, words)], *ends)
            else:
                start = Start([str(word) for word in words], self.repo, self.environment, is_fresh=self.is_fresh)
                process = start_command(start, *ends)
        return Running(process, out, err, time.monotonic())

    def status(self, run_id: str) -> Any:
        """What `status ID --json` says."""
        return self.autopack("status", run_id, "--json").json

    def git(self, *arguments: str) -> str:
        return git(self.repo, *arguments).strip()

    def branches(self) -> list[str]:
        return self.git("for-each-ref", "--format=%(refname)").split("\n")

    def at(self, ref: str, path: str) -> str:
        """A file of a commit, byte for byte."""
        return git(self.repo, "cat-file", "blob", f"{ref}:{path}")


def _to_its_end(start: Callable[[int, int], Process], patience_s: float) -> Ended:
    began = time.monotonic()
    with ExitStack() as ends:
        with ExitStack() as theirs:
            pipes = [os.pipe() for _ in ("stdout", "stderr")]
            for ours, its in pipes:
                ends.callback(os.close, ours)
                theirs.callback(os.close, its)
            process = start(*(its for _, its in pipes))
        code, (stdout, stderr) = run_to_its_end(process, [ours for ours, _ in pipes], patience_s)
    return Ended(code, stdout.decode("utf-8"), stderr.decode("utf-8"), time.monotonic() - began)


def refusal(ended: Ended, exit_code: int) -> str:
    """The one sentence of a start that was refused before anything was made; nothing else was printed but where it leads on."""
    told = f"exit code {ended.exit_code}, stdout {ended.stdout!r}, stderr:\n{ended.stderr}"
    assert ended.exit_code == exit_code, told
    assert ended.stdout == "", told
    assert "Traceback" not in ended.stderr, told
    sentence, *rest = ended.stderr.splitlines()
    assert sentence.startswith("autopack: "), told
    assert sentence.endswith(":") or all(line.startswith("next: ") for line in rest), told
    return ended.stderr.removeprefix("autopack: ")


def ending(ended: Ended, exit_code: int) -> str:
    """The one sentence with which a run that had begun came to its end."""
    told = f"exit code {ended.exit_code}, stdout {ended.stdout!r}, stderr:\n{ended.stderr}"
    assert ended.exit_code == exit_code, told
    assert "Traceback" not in ended.stderr, told
    last = [line for line in ended.stderr.splitlines() if line.startswith("run ")]
    assert last, told
    return last[-1]


def shell_environment(folder: Path) -> dict[str, str]:
    """What a user's shell has, with everything of the user below `folder`; the programs of this Python come first on PATH."""
    home = folder / "home"
    for place in (home, folder / "tmp"):
        place.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": PATH,
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "TMPDIR": str(folder / "tmp"),
        **AT_START,
        "TERM": "xterm-256color",
        "AUTOPACK_MAX_WAIT_HOURS": "0",  # a provider that is down is waited for only where the test is about that
        "GIT_CONFIG_NOSYSTEM": "1",
        **(nasty_git_variables(folder / "nasty") if NASTY_GIT else {}),
    }


def phase_of(phase_id: str, *paths: str, **keys: Any) -> dict[str, Any]:
    """A phase that changes `paths` (default: app.txt)."""
    return {"id": phase_id, "description": f"Make the change {phase_id}.", "scope": {"paths": list(paths) or ["app.txt"]}, **keys}


def plan_of(*phases: Mapping[str, Any], **keys: Any) -> dict[str, Any]:
    """A plan of these phases (default: `one` on app.txt), checked by `CHECK`; `keys` replace what stands at the top."""
    top = {"version": 1, "project": "shop", "goal": "The app says two.", "defaults": {"complexity": "low", "ci": CHECK}}
    return {**top, "phases": [dict(phase) for phase in phases] or [phase_of("one")], **keys}


def oracle_of(changes: Mapping[str, Mapping[str, str | None]], before: Mapping[str, str] = FILES, **options: Any) -> Oracle:
    """The model that knows the answer: phase -> the files it leaves behind (None deletes); phases build on one another in this order."""
    standing: dict[str, str] = dict(before)
    phases = {}
    for phase, after in changes.items():
        phases[phase] = changes_between(standing, after)
        standing = {path: text for path, text in {**standing, **after}.items() if text is not None}
    return Oracle(phases, **options)


def held_until(release: threading.Event, script: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same answers, none of them before the event is set."""

    async def answer(request: Any) -> Any:
        while not release.is_set():  # noqa: ASYNC110 - it is set by another thread
            await asyncio.sleep(0.02)
        return script(request)

    return answer


ONE: Final = {"one": {"app.txt": "two\n"}}
"""What `oracle_of` needs for the plan that `Desk.plan()` writes."""
