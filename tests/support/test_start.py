"""The warm way to start a command is the real one to whoever looks, and is left wherever it would not be."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.command import ONE, Desk, held_until, oracle_of
from tests.support.server import scripted_server
from tests.support.start import AT_START, PATH, READ_AT_START, ROOT, Start, WarmServer, is_warm, start_command

NAMES = """
import os, sys
read = set()

class Watched(type(os.environ)):
    def __getitem__(self, name):
        read.add(name)
        return super().__getitem__(name)

os.environ.__class__ = Watched
from tests.support.warm_server import preload
preload()
print(*read, sep="\\n")
"""
DYING = """
import os, signal
from tests.support.start import WarmServer
print(WarmServer()._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
warm_only = pytest.mark.skipif(
    sys.platform != "linux" or os.environ.get("AUTOPACK_TESTS_START") == "process", reason="every command is a process of its own"
)


@pytest.fixture
def desk(tmp_path):
    return Desk.make(tmp_path)


def start_of(desk: Desk, **variables: str) -> Start:
    return Start(["status", "x"], desk.repo, {**desk.environment, **variables})


@pytest.mark.parametrize(
    "words", [["--version"], ["plan", "schema"], ["status", "x"], ["no-such"], ["run"], ["plan", "check", "\udcff"]], ids=" ".join
)
def test_a_warm_start_says_what_a_fresh_one_says(desk, words):
    warm, fresh = desk.autopack(*words), desk.fresh().autopack(*words)
    assert replace(warm, seconds=0) == replace(fresh, seconds=0)
    assert fresh.stdout or fresh.stderr


@warm_only
def test_a_plain_command_starts_warm(desk):
    (desk.repo / "shop").mkdir()
    (desk.repo / "shop" / "__init__.py").touch()
    assert is_warm(start_of(desk))


@pytest.mark.parametrize(
    ("name", "value"),
    [("PYTHONHASHSEED", "1"), ("LC_ALL", "C"), ("LANG", "C"), ("LD_PRELOAD", "x.so"), ("OPENAI_LOG", "debug"), ("PATH", "/nowhere")],
)
def test_a_variable_that_counts_at_the_start_has_a_process_of_its_own(desk, name, value):
    assert not is_warm(start_of(desk, **{name: value}))
    process = start_command(start_of(desk, **{name: value}), 1, 2)
    assert isinstance(process, subprocess.Popen)
    process.wait()


@pytest.mark.parametrize("name", ["typing.py", "git/__init__.py", "autopack/__init__.py"])
def test_a_directory_that_hides_a_module_has_a_process_of_its_own(desk, name):
    (desk.repo / name).parent.mkdir(exist_ok=True)
    (desk.repo / name).touch()
    assert not is_warm(start_of(desk))


def test_every_variable_that_an_import_reads_is_known():
    done = subprocess.run(
        [sys.executable, "-c", NAMES], cwd=ROOT, env={**AT_START, "PATH": PATH}, capture_output=True, text=True, check=True
    )
    read = set(done.stdout.split())
    assert {"OPENAI_LOG", "GIT_PYTHON_TRACE"} <= read
    looked_at_otherwise = {"HOME", "PATH"}  # no module of a virtual environment lies in HOME; of PATH it is git that counts
    assert {name for name in read if not READ_AT_START.fullmatch(name)} == looked_at_otherwise


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_ends_by_a_signal_as_a_process_does_and_leaves_the_table(desk, number, code):
    desk.plan()
    release = threading.Event()
    with scripted_server(held_until(release, oracle_of(ONE))) as server, desk.beside(server).start("run", "--json") as running:
        running.until(lambda: len(server.calls) == 1)
        assert os.getpgid(running.pid) == os.getpgid(0)
        running.send(number)
        release.set()
        assert running.end().exit_code == code
        assert not Path(f"/proc/{running.pid}").exists()


@warm_only
def test_a_server_that_has_ended_is_told_in_a_sentence(desk):
    server = WarmServer()
    try:
        server._process.kill()
        server._process.wait()
        with pytest.raises(AssertionError, match="the process that starts the tests' commands has ended"):
            server.start(start_of(desk), 0, 1, 2)
    finally:
        server.close()


@warm_only
def test_the_server_ends_with_the_tests_however_they_end():
    with subprocess.Popen([sys.executable, "-c", DYING], cwd=ROOT, stdout=subprocess.PIPE) as tests:
        pid = int(tests.stdout.readline())
    end = time.monotonic() + 60
    while Path(f"/proc/{pid}/exe").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
