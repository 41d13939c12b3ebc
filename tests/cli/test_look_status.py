import json
import shlex
import subprocess
import time

import pytest

from autopack.core.states import RunState
from autopack.core.transitions import RunEvent
from autopack.executor.lock import run_lock
from tests.support.cli import COMMAND, autopack, cli_environment, typed
from tests.support.command import Desk
from tests.support.terminal import on_terminal
from tests.support.told_run import ToldRun

OF_RUN = {"schema", "run_id", "state", "reason", "next", "goal", "branch", "base_commit", "head_commit"}
OF_RUN |= {"plan", "owner", "sandbox", "budget", "usage", "phases"}
OF_PHASE = {
    "id",
    "state",
    "attempts",
    "commit",
    "model",
    "checks",
    "held",
    "held_because",
    "skipped_because",
    "failure",
    "tests",
    "quality_level",
    "risk",
}


def test_json_is_the_object_of_the_contract(told, capsys):
    told.start(max_usd=5.0)
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.end(RunEvent.HOLD, 4, "held")
    assert typed("status", "shop-1", "--json") == 4
    said = json.loads(capsys.readouterr().out)
    assert set(said) >= OF_RUN
    assert next(iter(said)) == "schema"
    assert (said["schema"], said["run_id"], said["state"], said["head_commit"]) == (1, "shop-1", "held", told.head)
    assert set(said["phases"][0]) == OF_PHASE
    assert said["phases"][0]["checks"] == {"passed": 2, "failed": 0, "newly_failed": 0, "flaky": 0}
    assert said["usage"] == {
        "calls": 2,
        "input_tokens": 24690,
        "output_tokens": 1356,
        "cache_read_tokens": 2000,
        "cache_write_tokens": 0,
        "usd": pytest.approx(0.0412),
    }
    assert said["budget"]["max_usd"] == 5.0


@pytest.mark.parametrize(
    ("event", "stored", "reason", "code"),
    [
        (RunEvent.FINISH, 0, None, 0),
        (RunEvent.FAIL, 1, "phases", 1),
        (RunEvent.HOLD, 4, "held", 4),
        (RunEvent.STOP, 5, "usd", 5),
        (RunEvent.BLOCK, 6, "provider", 6),
        (RunEvent.BLOCK, 7, "environment", 7),
        (RunEvent.INTERRUPT, 70, "defect", 70),
        (RunEvent.INTERRUPT, 130, "interrupted", 130),
        (RunEvent.INTERRUPT, 143, "terminated", 143),
    ],
)
def test_exit_code_is_that_of_the_state(told, event, stored, reason, code):
    told.start()
    told.end(event, stored, reason)
    assert typed("status", "shop-1") == code


def test_a_run_whose_owner_lives_is_9_and_one_whose_owner_died_is_interrupted(told, capsys):
    told.start()
    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        assert typed("status", "shop-1") == 9
        assert "running" in capsys.readouterr().out
    assert typed("status", "shop-1") == 143
    said = capsys.readouterr().out
    assert "interrupted" in said
    assert "next     autopack resume shop-1" in said


def test_newest_run_is_taken_and_said_on_stderr(told, capsys):
    ToldRun(told.repo, "shop-2", at=told.at).create().database.close()
    typed("status", "--json")
    said = capsys.readouterr()
    assert json.loads(said.out)["run_id"] == "shop-2"
    assert said.err == "newest run: shop-2\n"


def test_unknown_run_is_a_wrong_word_with_the_nearest_one(told, capsys):
    assert typed("status", "shop-11") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "there is no run 'shop-11'" in said.err
    assert "Did you mean 'shop-1'?" in said.err


def test_a_failed_attempt_is_told_until_the_next_one_begins(told, capsys):
    told.start()
    told.fail_once("add-model", {"src/m.py": "X = 1\n"})
    typed("status", "shop-1", "--json")
    assert json.loads(capsys.readouterr().out)["phases"][0]["failure"] == {
        "kind": "checks_red",
        "message": "1 of 2 tests fails: tests/test_a.py::test_two.",
        "fault": None,
    }
    told.retry("add-model")
    told.begin("add-model")
    typed("status", "shop-1", "--json")
    assert json.loads(capsys.readouterr().out)["phases"][0]["failure"] is None


def test_unknown_price_is_said_and_never_counted_as_nothing(told, capsys):
    told.start()
    told.ask(told.begin("add-model"), "builder", "{}", usd=None)
    typed("status", "shop-1")
    assert "spent    unknown" in capsys.readouterr().out


def test_model_text_cannot_steer_the_terminal(told, capsys):
    told.start()
    told.end(RunEvent.FAIL, 1, "phases", "bad\x1b]0;owned\x07 \x1b[2Jtext\x9b31m \u202egnp")
    typed("status", "shop-1")
    said = capsys.readouterr().out
    assert "why      bad text \\u202egnp" in said
    assert not set(said) & set("\x1b\x07\x9b\u202e")


def test_umlauts_come_out_as_utf8_in_any_locale(told):
    done = autopack("status", "shop-1", cwd=told.repo, env={"LANG": "C", "LC_ALL": "C"})
    assert f"{told.repo}/autopack.yaml" in done.stdout
    done = autopack("status", "shop-1", cwd=told.repo, env={"PYTHONIOENCODING": "ascii"})
    assert "mein läden" in done.stdout


def test_a_closed_pipe_is_quiet(told):
    script = f"{shlex.join(COMMAND)} logs shop-1 | head -1; echo ${{PIPESTATUS[0]}}"
    for _ in range(3000):
        told.tell("note", message="x" * 200)
    done = subprocess.run(
        ["bash", "-c", script], cwd=told.repo, env=cli_environment(), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[1] == "141"
    assert done.stderr == ""


def test_status_imports_no_sdk(told):
    code = "import sys; from autopack.cli.app import main; main(['status', 'shop-1']); print(sorted({'anthropic', 'openai', 'torch'} & set(sys.modules)))"
    done = subprocess.run(
        [COMMAND[0], "-c", code], cwd=told.repo, env=cli_environment(), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_watching_tells_each_change_and_ends_with_the_run(told):
    told.start()
    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        watching = subprocess.Popen(
            [*COMMAND, "status", "shop-1", "--watch"], cwd=told.repo, env=cli_environment(), stdout=subprocess.PIPE, text=True
        )
        first = watching.stdout.readline()
        told.complete("add-model", {"src/m.py": "X = 1\n"})
        landed = next(line for line in iter(watching.stdout.readline, "") if "complete" in line)  # it may look in between, too
        told.end(RunEvent.HOLD, 4, "held", "waits.")
    rest, _ = watching.communicate(timeout=30)
    assert first.endswith("  run shop-1: running\n")
    assert landed.endswith(f"  add-model: complete, commit {told.head[:10]}, 2 passed\n")
    assert rest.endswith("  run shop-1: held: waits.\n")
    assert watching.returncode == 4


def test_ctrl_c_leaves_a_watch_quietly(told):
    told.start()
    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        watching = subprocess.Popen(
            [*COMMAND, "status", "shop-1", "--watch", "--json"],
            cwd=told.repo,
            env=cli_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert json.loads(watching.stdout.readline())["state"] == RunState.RUNNING
        time.sleep(0.3)
        watching.send_signal(2)
        _, errors = watching.communicate(timeout=30)
    assert errors == ""
    assert watching.returncode == 9


def test_the_newest_run_is_shown_and_those_that_wait_beside_it_are_named(told, capsys):
    told.start()
    told.end(RunEvent.HOLD, 4, "held")
    ToldRun(told.repo, "shop-2", at=told.at).create().database.close()
    typed("status")
    said = capsys.readouterr()
    assert "waiting too: shop-1 (held)\nnext: autopack runs\n" in said.err
    typed("status", "shop-2")
    assert "waiting too" not in capsys.readouterr().err


def test_the_screen_of_a_watch_does_not_lead_to_itself(told):
    told.start()
    with (
        run_lock(told.repo / ".git/autopack/locks", "shop-1"),
        on_terminal(Desk(told.repo, cli_environment()), 80, "status", "shop-1", "--watch") as seen,
    ):
        frame = seen.until(lambda text: "add-checkout" in text)
        told.end(RunEvent.HOLD, 4, "held", "waits.")
        assert seen.end() == 4
    assert "--watch" not in frame
