import json
import os
import sys
import time

from autopack.checks.commands.notify import notify

ENVIRONMENT = {"PATH": os.environ["PATH"]}
EVENT = json.dumps({"event": "run_held", "message": "wartet auf Ärger"})


def python(code):
    return (sys.executable, "-c", code)


def test_the_command_reads_the_event_on_stdin(tmp_path):
    target = tmp_path / "told.json"
    code = f"import sys; open({str(target)!r}, 'wb').write(sys.stdin.buffer.read())"
    assert notify(python(code), EVENT, ENVIRONMENT) is None
    assert json.loads(target.read_bytes())["message"] == "wartet auf Ärger"


def test_a_command_that_reads_nothing_is_fine():
    assert notify(python("pass"), EVENT * 100_000, ENVIRONMENT) is None


def test_a_failing_command_is_a_sentence():
    assert notify(python("raise SystemExit(3)"), EVENT, ENVIRONMENT).endswith("ended with exit code 3.")


def test_a_missing_command_is_a_sentence():
    assert "cannot be started" in notify(("/no/such/program",), EVENT, ENVIRONMENT)


def test_a_command_that_hangs_is_ended_with_its_children():
    began = time.monotonic()
    told = notify(("/bin/sh", "-c", "sleep 60 & sleep 60"), EVENT, ENVIRONMENT, timeout_s=0.3)
    assert "did not end within 0.3 s" in told
    assert time.monotonic() - began < 30
