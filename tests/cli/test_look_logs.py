import json
import subprocess
import time

from autopack.core.transitions import RunEvent
from autopack.executor.lock import run_lock
from tests.support.cli import COMMAND, cli_environment, typed


def test_events_are_told_a_line_each_and_as_objects(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    assert typed("logs", "shop-1") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("run: created (branch autopack/shop-1)")
    assert lines[-1].endswith(f"add-model [1]: complete (commit {told.head[:10]})")
    typed("logs", "shop-1", "--json")
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(objects) == len(lines)
    assert {"schema", "time", "run_id", "phase", "attempt", "event"} <= set(objects[0])
    assert objects[-1]["event"] == "phase_complete"


def test_events_of_one_phase_only(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.begin("add-basket")
    typed("logs", "add-basket", "--json")
    assert {json.loads(line)["phase"] for line in capsys.readouterr().out.splitlines()} == {"add-basket"}


def test_event_text_cannot_steer_the_terminal(told, capsys):
    told.tell("note", message="a\x1b[2J\x1b]52;c;aGk=\x07b\nforged line")
    typed("logs", "shop-1")
    assert capsys.readouterr().out.splitlines()[-1].endswith("  ab forged line")


def test_check_output_comes_from_the_log_or_the_recorded_report(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.fail_once("add-basket", {"src/b.py": "X = 1\n"})
    log = told.write_log("add-basket", 1, "\x1b[31mFAILED\x1b[0m ä\r\n 10 %\r100 %\nno end")
    assert typed("logs", "shop-1", "--check") == 0
    assert capsys.readouterr().out.splitlines() == [
        "==> add-model, attempt 1 (from the state database) <==",
        "$ pytest -q",
        "2 passed",
        "",
        f"==> add-basket, attempt 1 ({log}) <==",
        "FAILED ä",
        " 10 %",
        "100 %",
        "no end",
    ]
    typed("logs", "shop-1", "add-basket", "--check", "--json")
    first, *lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert first == {"schema": 1, "run_id": "shop-1", "phase": "add-basket", "attempt": 1, "stage": "check", "log": str(log)}
    assert lines[0]["line"] == "\x1b[31mFAILED\x1b[0m ä"


def test_logs_of_set_up_base_and_derived_files_stand_where_they_belong(told, capsys):
    told.start()
    told.begin("add-basket")
    for name, attempt in (("add-basket", 0), ("add-model", 0), ("add-basket", 1)):
        told.write_log(name, attempt, "x\n")
    folder = told.repo / ".autonomous_runs/shop-1/ci"
    (folder / "setup.log").write_text("x\n")
    (folder / "add-basket-1-derive.log").write_text("x\n")
    (folder / "link.log").symlink_to("/etc/passwd")
    typed("logs", "shop-1", "--check")
    heads = [line.removeprefix("==> ").split(" (")[0] for line in capsys.readouterr().out.splitlines() if line.startswith("==>")]
    assert heads == [
        "setup",
        "add-model, on the base, before the first attempt",
        "add-basket, on the base, before the first attempt",
        "add-basket, attempt 1, derived files",
        "add-basket, attempt 1",
    ]


def test_model_calls_are_readable(told, capsys):
    told.start()
    reply = json.dumps({"summary": "s", "files": [{"path": "a.py", "content": "x = 1\ny = '\x1b[2J'\n"}]})
    told.ask(told.begin("add-model"), "builder", reply, question="Make a model.\nNow.")
    assert typed("logs", "shop-1", "--model") == 0
    said = capsys.readouterr().out
    head, facts, *rest = said.splitlines()
    assert head == "==> add-model, attempt 1, builder 1 <=="
    assert (
        "anthropic/sonnet-5 answered by sonnet-5-20260101 · 12,345 tokens in (1,000 more from cache), 678 out · stop: end · $0.0312"
        in facts
    )
    assert rest[:6] == ["--- system", "You build.", "--- request", "Make a model.", "Now.", "--- reply"]
    assert rest[6:] == ["summary: s", "files:", "  - path: a.py", "    content: |", "      x = 1", "      y = ''", ""]


def test_model_calls_as_objects_hold_request_and_reply(told, capsys):
    told.start()
    told.ask(told.begin("add-model"), "builder", "{}", usd=None)
    typed("logs", "shop-1", "--model", "--json")
    call = json.loads(capsys.readouterr().out)
    assert (call["phase"], call["attempt"], call["role"], call["ordinal"], call["state"]) == ("add-model", 1, "builder", 1, "replied")
    assert (call["requested_model"], call["answering_model"], call["usd"]) == ("anthropic/sonnet-5", "sonnet-5-20260101", None)
    assert call["request"]["prompt"]["blocks"][0]["text"] == "Do it."
    assert call["text"] == "{}"


def test_two_kinds_at_once_are_a_wrong_word(told, capsys):
    assert typed("logs", "--check", "--model") == 2
    assert "choose one" in capsys.readouterr().err


def test_nothing_to_tell_is_said_beside_the_data(told, capsys):
    assert typed("logs", "shop-1", "--check") == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "no check has ended yet.\n")


def test_following_prints_what_another_process_writes_and_ends_with_it(told):
    told.start()
    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        following = _following(told, "logs", "shop-1", "--follow")
        assert following.stdout.readline().endswith("run: created (branch autopack/shop-1)\n")
        assert following.stdout.readline().endswith("run: running\n")
        told.begin("add-model")
        assert following.stdout.readline().endswith("add-model [1]: building (full file)\n")
        told.end(RunEvent.INTERRUPT, 130, "stop", "stopped by 'autopack stop'.")
    rest, errors = following.communicate(timeout=30)
    assert rest.endswith("  interrupted: stopped by 'autopack stop'.\n")
    assert (following.returncode, errors) == (0, "")


def test_following_a_check_log_prints_lines_as_they_are_added(told):
    told.start()
    told.begin("add-model")
    log = told.write_log("add-model", 1, "one\n")
    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        following = _following(told, "logs", "shop-1", "--check", "--follow")
        assert [following.stdout.readline() for _ in range(2)][1] == "one\n"
        with log.open("a") as file:
            file.write("two\n")
        assert following.stdout.readline() == "two\n"
    rest, _ = following.communicate(timeout=30)
    assert rest == ""


def test_following_a_run_that_nobody_works_on_prints_and_says_so(told, capsys):
    told.start()
    told.end(RunEvent.STOP, 5, "usd")
    began = time.monotonic()
    assert typed("logs", "shop-1", "-f") == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1].endswith("run: stopped")
    assert said.err == "nobody works on run 'shop-1' (stopped).\n"
    assert time.monotonic() - began < 30


def _following(told, *words):
    return subprocess.Popen(
        [*COMMAND, *words], cwd=told.repo, env=cli_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
