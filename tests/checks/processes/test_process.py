import re
import shlex
import signal
import subprocess
import sys
import time

import psutil
import pytest

from autopack.checks.processes.command import EndKind, Watch
from autopack.checks.processes.process import run_command
from autopack.core.settings import CheckLimits
from tests.support.commands import LIMITS, command_spec, is_running, read_pid

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
PYTHON = sys.executable


def test_exit_code_and_both_streams_come_back_in_order(tmp_path):
    end = run_command(command_spec("echo one; echo two >&2; exit 3", tmp_path))
    assert (end.kind, end.exit_code, end.output) == (EndKind.EXITED, 3, "one\ntwo\n")
    assert end.output_bytes == 8


def test_a_list_is_run_without_a_shell(tmp_path):
    end = run_command(command_spec(("echo", "$HOME; rm -rf *", "ü"), tmp_path))
    assert end.output == "$HOME; rm -rf * ü\n"


def test_the_environment_is_exactly_what_was_given(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "canary")
    end = run_command(command_spec(("env",), tmp_path, environment={"GREETING": "grüße"}))
    assert "canary" not in end.output
    assert "GREETING=grüße" in end.output


def test_stdin_is_empty_and_no_terminal_can_be_asked(tmp_path):
    end = run_command(command_spec("cat; (read answer < /dev/tty) 2>/dev/null || echo nobody to ask", tmp_path))
    assert (end.exit_code, end.output) == (0, "nobody to ask\n")


def test_total_timeout_ends_it_in_time(tmp_path):
    began = time.monotonic()
    end = run_command(command_spec("echo on; sleep 60", tmp_path, timeout_s=1.5))
    assert time.monotonic() - began < 30
    assert (end.kind, end.exit_code) == (EndKind.TIMEOUT, None)
    assert end.output == "on\n"
    assert "1.5 s" in end.detail


def test_silence_ends_it_but_a_busy_command_goes_on(tmp_path):
    silent = run_command(command_spec("echo once; sleep 60", tmp_path, idle_timeout_s=1.2))
    busy = run_command(command_spec("for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done", tmp_path, idle_timeout_s=1.2))
    assert silent.kind is EndKind.IDLE
    assert (busy.kind, busy.exit_code) == (EndKind.EXITED, 0)


def test_a_command_that_ignores_sigterm_is_killed_after_the_grace(tmp_path):
    script = f"import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    began = time.monotonic()
    end = run_command(command_spec((PYTHON, "-S", "-c", script), tmp_path, timeout_s=3))
    assert end.kind is EndKind.TIMEOUT
    assert 3.4 < time.monotonic() - began < 30
    assert not is_running(read_pid(tmp_path / "pid"))


def test_a_polite_command_may_tidy_up_within_the_grace(tmp_path):
    end = run_command(
        command_spec("trap 'echo tidied; exit 0' TERM; sleep 60 & wait", tmp_path, timeout_s=1.5, limits=CheckLimits(kill_grace_s=20))
    )
    assert end.kind is EndKind.TIMEOUT
    assert "tidied" in end.output


@linux_only
def test_a_daemon_of_two_forks_is_ended_with_its_check(tmp_path):
    script = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    os._exit(0)
os.wait()
"""
    end = run_command(command_spec(f"{shlex.quote(PYTHON)} -S -c {shlex.quote(script)}; while [ ! -s pid ]; do sleep 0.01; done", tmp_path))
    assert (end.kind, end.exit_code) == (EndKind.EXITED, 0)
    assert end.left_behind == 1
    assert "left running" in end.detail
    assert not is_running(read_pid(tmp_path / "pid"))


@linux_only
def test_a_daemon_that_threw_its_environment_away_is_known_by_the_output_it_holds(tmp_path):
    end = run_command(
        command_spec("(setsid env -i /bin/sh -c 'echo $$ > pid; exec sleep 60' &); while [ ! -s pid ]; do sleep 0.01; done", tmp_path)
    )
    assert end.left_behind >= 1
    assert not is_running(read_pid(tmp_path / "pid"))


@linux_only
def test_a_daemon_seen_once_below_the_command_stays_known(tmp_path):
    """It has left session, environment and output, but its parent lived long enough to be seen."""
    line = "setsid env -i /bin/sh -c 'echo $$ > pid; exec sleep 60 >/dev/null 2>&1' & sleep 1.2"
    run_command(command_spec(line, tmp_path))
    assert not is_running(read_pid(tmp_path / "pid"))


@linux_only
def test_a_timeout_reaches_grandchildren_in_sessions_of_their_own(tmp_path):
    run_command(command_spec("setsid sh -c 'trap \"\" TERM; echo $$ > pid; while :; do sleep 0.1; done' & wait", tmp_path, timeout_s=2))
    assert not is_running(read_pid(tmp_path / "pid"))


def test_a_child_that_goes_on_writing_holds_nobody_up(tmp_path):
    began = time.monotonic()
    end = run_command(command_spec("yes & exit 0", tmp_path))
    assert (end.kind, end.exit_code, end.left_behind) == (EndKind.EXITED, 0, 1)
    assert time.monotonic() - began < 30


def test_waiting_out_the_grace_does_not_spin(tmp_path):
    limits = CheckLimits(kill_grace_s=1.5)
    before = time.process_time()
    run_command(command_spec("sh -c 'trap \"\" TERM; sleep 60; :' & sleep 60", tmp_path, timeout_s=0.3, limits=limits))
    assert time.process_time() - before < 1


def test_a_child_that_goes_by_itself_is_not_called_left_behind(tmp_path):
    end = run_command(command_spec("sleep 0.02 & exit 0", tmp_path))
    assert (end.left_behind, end.detail) == (0, "")


def test_a_command_that_closes_its_output_and_goes_on_is_waited_for(tmp_path):
    end = run_command(command_spec("echo seen; exec >&- 2>&-; sleep 0.4; echo done > late; exit 7", tmp_path))
    assert (end.exit_code, end.output) == (7, "seen\n")
    assert (tmp_path / "late").exists()


def test_a_command_that_kills_itself_names_the_signal(tmp_path):
    end = run_command(command_spec("kill -SEGV $$", tmp_path))
    assert (end.kind, end.exit_code) == (EndKind.SIGNALLED, None)
    assert "SIGSEGV" in end.detail


def test_a_program_killed_inside_a_shell_is_explained(tmp_path):
    end = run_command(command_spec("sh -c 'kill -KILL $$'; exit $?", tmp_path))
    assert end.exit_code == 137
    assert "SIGKILL" in end.detail
    assert "memory" in end.detail


def test_undecodable_bytes_are_kept_visible(tmp_path):
    end = run_command(command_spec(r"printf 'gr\374n \303\274\n'", tmp_path))
    assert end.output == "gr\\xfcn ü\n"


def test_two_hundred_megabytes_cost_little_memory_and_the_ends_are_kept(tmp_path):
    limits = CheckLimits(output_kept_bytes=20_000, output_limit_bytes=1_000_000_000, kill_grace_s=0.5)
    script = "echo first; head -c 200000000 /dev/zero | tr '\\0' 'x' | fold -w 100; echo last"
    before = _peak_memory()
    end = run_command(command_spec(script, tmp_path, limits=limits, timeout_s=120))
    assert end.output_bytes > 200_000_000
    assert end.output.startswith("first\n")
    assert end.output.endswith("last\n")
    assert "bytes left out" in end.output
    assert len(end.output) < 21_000
    assert _peak_memory() - before < 30_000_000


def test_too_much_output_ends_the_command_with_the_reason(tmp_path):
    limits = CheckLimits(output_limit_bytes=5_000_000, kill_grace_s=0.5)
    began = time.monotonic()
    end = run_command(command_spec("yes | cat", tmp_path, limits=limits))
    assert end.kind is EndKind.OUTPUT_LIMIT
    assert "5,000,000 bytes" in end.detail
    assert time.monotonic() - began < 30


def test_stop_is_asked_and_ends_it(tmp_path):
    asked = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 1

    began = time.monotonic()
    end = run_command(command_spec("sleep 60", tmp_path), Watch(stop=stop))
    assert end.kind is EndKind.STOPPED
    assert time.monotonic() - began < 30


@linux_only
def test_an_exception_in_between_leaves_nothing_running(tmp_path):
    def interrupted(_: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_command(command_spec("echo $$ > pid; echo go; exec sleep 60", tmp_path), Watch(on_output=interrupted))
    assert not is_running(read_pid(tmp_path / "pid"))


@linux_only
def test_no_zombie_is_left(tmp_path):
    before = {child.pid for child in psutil.Process().children()}
    for command, limit in (("true", 5), ("sleep 60", 0.1), ("sleep 0.3 & exit 1", 5), (("no-such-program",), 5)):
        run_command(command_spec(command, tmp_path, timeout_s=limit))
    assert {child.pid for child in psutil.Process().children()} <= before


def test_children_are_told_before_and_after(tmp_path):
    told = []
    watch = Watch(on_start=lambda child: told.append(("start", child)), on_end=lambda child: told.append(("end", child)))
    end = run_command(command_spec("echo $$", tmp_path), watch)
    (first, child), (last, same) = told
    assert (first, last, child) == ("start", "end", same)
    assert child.pid == int(end.output)
    assert child.started > 0
    assert child.boot_id


@linux_only
def test_a_flood_of_processes_is_ended(tmp_path):
    """120 processes, each in a session of its own, all deaf to SIGTERM."""
    line = "i=0; while [ $i -lt 120 ]; do setsid sh -c 'trap \"\" TERM; echo $$ >> pids; sleep 60; :' & i=$((i+1)); done; wait"
    end = run_command(command_spec(line, tmp_path, timeout_s=2))
    assert end.kind is EndKind.TIMEOUT
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(pids) > 20
    assert not [pid for pid in pids if is_running(pid)]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("no-such-program", "-q"), "'no-such-program' is not found on PATH"),
        (("./missing.sh",), "'./missing.sh' is not there"),
        (("./plain.txt",), "may not be executed"),
        (("./no-first-line",), "is no program"),
        (("./bad-interpreter",), "interpreter"),
        (("echo", "a\0b"), "zero byte"),
        (("echo", "x" * 200_000), "longer than"),
        ("echo " + "x" * 200_000, "longer than"),
    ],
)
def test_what_cannot_be_started_says_which_word(tmp_path, command, says):
    for name, text, mode in (
        ("plain.txt", "hello", 0o644),
        ("no-first-line", "\x01\x02", 0o755),
        ("bad-interpreter", "#!/nowhere/python\n", 0o755),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    end = run_command(command_spec(command, tmp_path))
    assert end.kind is EndKind.NOT_STARTED
    assert says in end.detail


def test_a_missing_directory_is_named(tmp_path):
    spec = command_spec("true", tmp_path)
    end = run_command(type(spec)(spec.command, tmp_path / "gone", spec.environment, 5))
    assert end.kind is EndKind.NOT_STARTED
    assert "gone" in end.detail


def test_a_prefix_stands_before_the_argument_list_with_the_directory_and_its_own_end(tmp_path):
    end = run_command(command_spec("echo $0", tmp_path, prefix=("echo", "sandbox")))
    words = re.sub(r"--seccomp \d+ ", "", end.output)  # the filter of calls, where the machine's architecture has one
    assert words == f"sandbox --chdir {tmp_path} -- /bin/sh -c echo $0\n"


def test_true_costs_next_to_nothing(tmp_path):
    """Two milliseconds on an idle machine; measured is processor time, and what starts an interpreter would not fit."""
    spec = command_spec(("true",), tmp_path)
    run_command(spec)
    began = _processor_s()
    for _ in range(30):
        run_command(spec)
    cost = (_processor_s() - began) / 30
    assert cost < 0.015


def _processor_s() -> float:
    import resource

    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def test_commands_of_two_threads_do_not_end_each_other(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with ThreadPoolExecutor(2) as pool:
        long = pool.submit(run_command, command_spec("sleep 1; echo whole", tmp_path / "a"))
        short = [run_command(command_spec("setsid sleep 30 & exit 1", tmp_path / "b")) for _ in range(3)]
    assert long.result().output == "whole\n"
    assert [end.left_behind for end in short] == [1, 1, 1]


def _peak_memory() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if sys.platform == "linux" else 1)


def test_a_stopped_process_is_ended_too(tmp_path):
    end = run_command(command_spec("kill -STOP $$; sleep 60", tmp_path, timeout_s=1.5, limits=LIMITS))
    assert end.kind is EndKind.TIMEOUT
    with subprocess.Popen(("true",)) as other:
        assert other.wait() == 0
    assert signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL
