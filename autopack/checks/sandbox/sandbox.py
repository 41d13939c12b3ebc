"""Limits what a command of the plan can reach: with bubblewrap, the work tree, the tools on PATH, and little else.

The mounts are an allow-list. The user's home is empty, and HOME the run's own; git's data can be read, Autopack's state cannot even
be seen; the network is off unless the plan opens it. See https://github.com/containers/bubblewrap.
"""

import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from autopack.checks.processes.call_filter import has_filter
from autopack.checks.processes.command import CommandSpec, EndKind
from autopack.checks.processes.process import run_command
from autopack.checks.sandbox.toolchain import SYSTEM, is_system, tool_paths

RESOLVERS: Final = ("/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager")
PROBE_S: Final = 30.0
_RESOLVER: Final = Path("/etc/resolv.conf")
_SPLIT: Final = ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
_KEYS: Final = ("/proc/keys", "/proc/key-users")  # no namespace cuts off the user's keyrings; the calls are refused by ``call_filter``
_CLOSED: Final = tuple(word for name in _KEYS for word in ("--ro-bind-try", "/dev/null", name))
_APART: Final = ("--die-with-parent", *_SPLIT, "--proc", "/proc", *_CLOSED, "--dev", "/dev")
_BUILDERS: Final = Path("/nix/var/nix/daemon-socket")
"""A service in a readable folder that builds outside of the sandbox, with a network of its own."""
_ROOT_READS: Final = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi", "mtrr")
"""Below /proc: root may write these whatever its powers, and bubblewrap leaves them open to root."""

_ROOT_KEEPS: Final = ("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_SETUID", "CAP_SETGID", "CAP_KILL")
"""The powers over files and users that root keeps; none of them reaches a mount, a device or another process."""

_PROBE: Final = """
[ -n "$(ls -A "$1" 2>/dev/null)" ] && echo "Autopack's state can be seen"
( : > "$2/autopack-probe" ) 2>/dev/null && rm -f "$2/autopack-probe" && echo "git's data can be written"
mount -o remount,bind,rw "$2" 2>/dev/null && echo "mounts can be changed"
v="$(cat /proc/sys/kernel/core_pattern)" && ( echo "$v" > /proc/sys/kernel/core_pattern ) 2>/dev/null && echo "the kernel can be changed"
[ "$(grep -c : /proc/net/dev)" -le 1 ] || echo "the network is open"
[ "$(ls -d /proc/[0-9]* | wc -l)" -le 12 ] || echo "other processes can be seen"
( : > "$3/autopack-probe" ) 2>/dev/null || echo "the work tree cannot be written"
rm -f "$3/autopack-probe"
[ -z "$6" ] || grep -q "^Seccomp:[^0-9]*2" /proc/self/status || echo "system calls that reach past it are not refused"
( : > "$4/tried" ) 2>/dev/null || echo "AUTOPACK_OUT cannot be written"
echo "tried $5"
exit 0
"""


@dataclass(frozen=True)
class SandboxPaths:
    """What lies where.

    ``state`` is Autopack's own folder below ``common_dir``, git's. ``linked`` are the paths of the checkout that links of the work
    tree lead to, ``readable`` what the user's configuration opens.
    """

    home: Path
    checkout: Path
    common_dir: Path
    state: Path
    linked: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Sandbox:
    """The sandbox of commands. ``program`` is None where there is none; ``reason`` then says why."""

    program: str | None = None
    reason: str = ""
    fixed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "bubblewrap" if self.program else "none"

    def prefix(self, root: Path, *beside: Path, network: bool) -> tuple[str, ...]:
        """The arguments before a command's own: it can write ``root`` (the work tree) and ``beside``, nothing else. None without a sandbox.

        ``spawn.argument_list`` adds the command's directory and the end of these arguments.
        """
        if self.program is None:
            return ()
        services = ("--tmpfs", str(_BUILDERS)) if _BUILDERS.is_dir() else ()
        net = () if network else ("--unshare-net", *services)
        own = [word for path in (root, *beside) for word in ("--bind", str(path), str(path))]
        pointer = root / ".git"
        if pointer.is_file():
            own += ["--ro-bind", str(pointer), str(pointer)]
        return (self.program, *_APART, *_without_powers(), *self.fixed, *net, *own)


def hidden(paths: Iterable[Path]) -> tuple[str, ...]:
    """The words after a prefix that put nothing in the place of each file and folder; a link is left alone: what it leads to may not be."""
    there = [(path, path.lstat().st_mode) for path in paths if os.path.lexists(path)]
    folders = [word for path, mode in there if stat.S_ISDIR(mode) for word in ("--tmpfs", str(path))]
    files = [word for path, mode in there if stat.S_ISREG(mode) for word in ("--ro-bind", os.devnull, str(path))]
    return (*folders, *files)


def make_sandbox(paths: SandboxPaths, environment: Mapping[str, str]) -> Sandbox:
    """The machine's sandbox with these paths; where there is none, ``reason`` is a part of a sentence."""
    if sys.platform != "linux":
        return Sandbox(reason="there is none for this system")
    program = shutil.which("bwrap", path=environment.get("PATH"))
    if program is None:
        return Sandbox(reason="bubblewrap (bwrap) is not installed")
    fixed = [*_system(), *_emptied(paths, environment), *_tools(paths, environment)]
    fixed += _read_only(path for path in paths.readable if path.exists())
    fixed += ["--ro-bind", str(paths.common_dir), str(paths.common_dir), "--tmpfs", str(paths.state)]
    return Sandbox(os.path.abspath(program), fixed=tuple(fixed))  # noqa: PTH100 - as it is called, links and all


def proven(sandbox: Sandbox, paths: SandboxPaths, root: Path, out: Path, environment: Mapping[str, str]) -> Sandbox:
    """Tries to get out of the sandbox. Gives it if that failed; else no sandbox, with the reason."""
    if sandbox.program is None:
        return sandbox
    out.mkdir(parents=True, exist_ok=True)
    word = secrets.token_hex(8)
    places = (str(path) for path in (paths.state, paths.common_dir, root, out))
    words = ("/bin/sh", "-c", _PROBE, "probe", *places, word, "filtered" if has_filter() else "")
    spec = CommandSpec(words, root, environment, PROBE_S, prefix=sandbox.prefix(root, out, network=False))
    paths.state.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=paths.state, prefix="seen-"):  # something to be seen, wherever the state itself lies
        end = run_command(spec)
    has_tried = (out / "tried").exists()
    (out / "tried").unlink(missing_ok=True)
    (paths.common_dir / "autopack-probe").unlink(missing_ok=True)
    if end.kind is EndKind.EXITED and end.exit_code == 0 and end.output.strip() == f"tried {word}" and has_tried:
        return sandbox
    said = end.output.replace(f"tried {word}", "").strip()
    code = f"exit code {end.exit_code}" if end.exit_code else "it did not run the command it was given"
    found = " ".join((said or end.detail or code).split())
    return Sandbox(reason=f"bubblewrap does not hold here: {found[:300]}")


def _without_powers() -> tuple[str, ...]:
    """Takes root's powers away, which bubblewrap would leave; anybody else has none."""
    if os.geteuid() != 0:
        return ()
    fixed = (word for name in _ROOT_READS for word in ("--ro-bind-try", f"/proc/{name}", f"/proc/{name}"))
    return (*fixed, "--cap-drop", "ALL", *(word for power in _ROOT_KEEPS for word in ("--cap-add", power)))


def _system() -> Iterator[str]:
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), name)
        elif path.exists():
            yield from ("--ro-bind", name, name)


def _emptied(paths: SandboxPaths, environment: Mapping[str, str]) -> Iterator[str]:
    """Empty folders of the command's own, the outermost first, so that none covers another."""
    found = {Path("/tmp"), Path("/var/tmp"), Path("/run"), *_hidden(paths)}  # noqa: S108 - the sandbox's own
    found |= {Path(environment[name]) for name in ("TMPDIR", "TEMP", "TMP") if Path(environment.get(name, "")).is_absolute()}
    for path in sorted(found - {Path("/")}, key=lambda path: (len(path.parts), path)):
        yield from ("--tmpfs", str(path))


def _hidden(paths: SandboxPaths) -> tuple[Path, ...]:
    """The user's home and checkout, also where they lie in a folder of the system (``/usr/src/app``, ``/opt/ci``)."""
    own = (paths.home, paths.checkout, paths.checkout.resolve())
    return tuple(path for path in dict.fromkeys(own) if path == paths.home or is_system(path))


def _tools(paths: SandboxPaths, environment: Mapping[str, str]) -> Iterator[str]:
    closed = (paths.home, paths.checkout, paths.state)
    resolvers = [Path(name) for name in RESOLVERS] + [_RESOLVER.resolve()]
    yield from _read_only(path for path in resolvers if path.exists() and not is_system(path))
    seen_anyway = [path for path in _hidden(paths) if path != Path("/")]
    tools = tool_paths(environment, paths.home, closed, paths.linked)
    yield from _read_only(path for path in tools if not is_system(path) or any(path.is_relative_to(own) for own in seen_anyway))
    yield from _read_only(path for linked in paths.linked for path in (linked, linked.resolve()) if path.exists())


def _read_only(paths: Iterable[Path]) -> list[str]:
    return [word for path in dict.fromkeys(paths) for word in ("--ro-bind", str(path), str(path))]
