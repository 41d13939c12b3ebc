"""The preloaded library does to a call what its control file says, and writes down which call it was."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.crash_shim import Act, Injury, Kind, arm, build, calls, why_not

pytestmark = [pytest.mark.crash, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]


@dataclass(frozen=True)
class Hurt:
    folder: Path
    library: Path

    def run(self, script: str, injury: Injury) -> int:
        """The exit code of a Python that stands in the folder; what it wrote there stays."""
        control = self.folder.with_name("control")
        spared = self.folder.with_name("out")
        spared.touch()
        arm(control, injury, spared)
        environment = {"PATH": os.environ["PATH"], "LD_PRELOAD": str(self.library), "CRASH_CONTROL": str(control)}
        return subprocess.run([sys.executable, "-c", script], cwd=self.folder, env=environment, check=False).returncode

    def made(self, kind: Kind) -> list[tuple[str, str]]:
        return [(call.old, call.path) for call in calls(self.folder.with_name("control")) if call.kind is kind]


@pytest.fixture
def hurt(tmp_path):
    (tmp_path / "here").mkdir()
    return Hurt(tmp_path / "here", build(tmp_path))


WRITES = {
    "write": "os.write(fd, b'0123456789')",
    "pwrite": "os.pwrite(fd, b'0123456789', 0)",
    "writev": "os.writev(fd, [b'012', b'', b'3456', b'789'])",
}


@pytest.mark.parametrize("name", WRITES)
def test_a_torn_write_leaves_half_of_its_bytes_and_kills(hurt, name):
    script = f"import os\nfd = os.open('f', os.O_WRONLY | os.O_CREAT)\n{WRITES[name]}\n"
    assert hurt.run(script, Injury(at=1, act=Act.TORN, kinds=Kind.WRITE)) == -signal.SIGKILL
    assert (hurt.folder / "f").read_bytes() == b"01234"


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_fails_once_leaves_nothing_and_the_next_goes_through(hurt, name):
    script = f"import os\nfd = os.open('f', os.O_WRONLY | os.O_CREAT)\ntry:\n    {WRITES[name]}\nexcept OSError as error:\n    assert error.errno == 5\n    {WRITES[name]}\nelse:\n    raise SystemExit(3)\n"
    assert hurt.run(script, Injury(at=1, act=Act.ERRNO, error=5, kinds=Kind.WRITE)) == 0
    assert (hurt.folder / "f").read_bytes() == b"0123456789"


def test_calls_are_written_down_with_whole_paths_and_both_names(hurt):
    (hurt.folder / "below").mkdir()
    (hurt.folder / "a").touch()
    script = "import os\nos.link('a', 'b')\nos.rename('b', 'c d')\nfd = os.open('below', os.O_RDONLY)\nos.rename('c d', 'e', dst_dir_fd=fd)\nos.fsync(fd)\n"
    assert hurt.run(script, Injury()) == 0
    here = str(hurt.folder)
    assert hurt.made(Kind.LINK) == [(f"{here}/a", f"{here}/b")]
    assert hurt.made(Kind.RENAME) == [(f"{here}/b", f"{here}/c d"), (f"{here}/c d", f"{here}/below/e")]
    assert hurt.made(Kind.FSYNC) == [("", f"{here}/below")]


def test_a_search_along_path_is_one_exec(hurt):
    script = "import os\nos.environ['PATH'] = '/nowhere:/nor/here:/usr/bin:/bin'\nos.execvp('true', ['true'])\n"
    assert hurt.run(script, Injury()) == 0
    assert [path.rpartition("/")[2] for _, path in hurt.made(Kind.EXEC)] == ["true"]
