"""What a command of the plan can reach: with bubblewrap the work tree and the tools on PATH, and little else.

The mounts are an allow-list. HOME is empty and goes with the command; git's data can be read, Autopack's state cannot even be seen;
the network is off unless the plan opens it. See https://github.com/containers/bubblewrap.
"""

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.checks.command import CommandSpec, EndKind
from autopack.checks.process import run_command
from autopack.checks.toolchain import SYSTEM, is_system, tool_paths

RESOLVERS: Final = ("/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager")
PROBE_S: Final = 30.0
_APART: Final = (
    *("--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--proc", "/proc", "--dev", "/dev"),
)
_PROBE: Final = """
[ -e "$1" ] && echo "Autopack's state can be seen"
( : > "$2/autopack-probe" ) 2>/dev/null && echo "git's data can be written"
[ "$(grep -c : /proc/net/dev)" -le 1 ] || echo "the network is open"
[ "$(ls -d /proc/[0-9]* | wc -l)" -le 12 ] || echo "other processes can be seen"
( : > "$3/probe" ) 2>/dev/null || echo "the work tree cannot be written"
rm -f "$3/probe"
exit 0
"""


@dataclass(frozen=True)
class Walls:
    """What lies where.

    ``state`` is Autopack's own folder below ``common_dir``, git's. ``readable`` are paths that links of the work tree lead to and
    what the user's configuration opens.
    """

    home: Path
    checkout: Path
    common_dir: Path
    state: Path
    readable: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Sandbox:
    """How commands are fenced in. ``program`` is None where they are not; ``reason`` then says why."""

    program: str | None = None
    reason: str = ""
    fixed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "bubblewrap" if self.program else "none"

    def prefix(self, root: Path, out: Path, *, network: bool) -> tuple[str, ...]:
        """The words before a command's own: ``root`` and ``out`` can be written, nothing else. None without a sandbox."""
        if self.program is None:
            return ()
        net = () if network else ("--unshare-net",)
        own = ["--bind", str(root), str(root), "--bind", str(out), str(out)]
        pointer = root / ".git"
        if pointer.is_file():
            own += ["--ro-bind", str(pointer), str(pointer)]
        return (self.program, *_APART, *net, *self.fixed, *own, "--chdir", str(root), "--")


def make_sandbox(walls: Walls, environment: Mapping[str, str]) -> Sandbox:
    """The machine's own sandbox with these walls; where there is none, the reason is a part of a sentence."""
    if sys.platform != "linux":
        return Sandbox(reason="there is none for this system")
    program = shutil.which("bwrap", path=environment.get("PATH"))
    if program is None:
        return Sandbox(reason="bubblewrap (bwrap) is not installed")
    fixed = [*_system(), *_tools(walls, environment)]
    fixed += ["--ro-bind", str(walls.common_dir), str(walls.common_dir), "--tmpfs", str(walls.state)]
    fixed += _read_only(path for path in walls.readable if path.exists())
    return Sandbox(program, fixed=tuple(fixed))


def proven(sandbox: Sandbox, walls: Walls, root: Path, out: Path, environment: Mapping[str, str]) -> Sandbox:
    """The sandbox after a command in it has tried to get out; none, with the reason, where it could or would not start."""
    if sandbox.program is None:
        return sandbox
    out.mkdir(parents=True, exist_ok=True)
    words = ("/bin/sh", "-c", _PROBE, "probe", str(walls.state / "autopack.db"), str(walls.common_dir), str(root))
    spec = CommandSpec(words, root, environment, PROBE_S, prefix=sandbox.prefix(root, out, network=False))
    end = run_command(spec)
    if end.kind is EndKind.EXITED and end.exit_code == 0 and not end.output.strip():
        return sandbox
    found = " ".join((end.output.strip() or end.detail or f"exit code {end.exit_code}").split())
    return Sandbox(reason=f"bubblewrap does not hold here: {found[:300]}")


def _system() -> Iterator[str]:
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), name)
        elif path.exists():
            yield from ("--ro-bind", name, name)
    yield from _read_only(Path(name) for name in RESOLVERS if Path(name).exists())


def _tools(walls: Walls, environment: Mapping[str, str]) -> Iterator[str]:
    for name in ("/tmp", "/var/tmp", "/run", str(walls.home)):  # noqa: S108 - the sandbox's own
        yield from ("--tmpfs", name)
    temporary = environment.get("TMPDIR")
    if temporary and Path(temporary).is_absolute() and Path(temporary) != walls.home:
        yield from ("--tmpfs", temporary)
    closed = (walls.home, walls.checkout, walls.state)
    yield from _read_only(path for path in tool_paths(environment, walls.home, closed) if not is_system(path))


def _read_only(paths: Iterable[Path]) -> list[str]:
    return [word for path in dict.fromkeys(paths) for word in ("--ro-bind", str(path), str(path))]
