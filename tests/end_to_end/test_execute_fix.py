"""Commands that a doctor asks for: run only where the user allows it, judged, seen in the next request, part of what lands."""

import json
import shutil
import signal
import threading

import pytest

from autopack.core.failure import RULES, FailureKind
from tests.end_to_end.test_recovery import APPROVED, FIX, GREAT, hanging
from tests.support.command import Desk, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

ALLOWED = "replan: {max_replans_per_phase: 0}\ndoctor: {allow_execute_fix_global: true}\n"
CHECK = {"command": "grep -q two app.txt && test -f src/new.txt", "tests": "none", "timeout_s": 30}
MOVE = ["mv", "src/old.txt", "src/new.txt"]


def asks(*commands, **keys):
    kind = "git" if commands[0][0] == "git" else "file"
    return {**FIX, "action": "execute_fix", "hint": "", "fix_type": kind, "fix_commands": list(commands), **keys}


def script(*diagnoses, right_at=3):
    """The builder writes one file, right from attempt `right_at` on; doctors answer in their order."""
    left = list(diagnoses)

    def answer(request):
        attempt = int(request.headers["x-autopack-attempt"])
        text = "two\n" if attempt >= right_at else f"wrong {attempt}\n"
        edit = {"path": "app.txt", "action": "replace", "content": text}
        builds = {"summary": "Say two.", "files": [edit], "blocked": None}
        said = {"builder": builds, "auditor": APPROVED}.get(request.headers["x-autopack-role"]) or left.pop(0)
        choice = request.body.get("tool_choice")
        text = json.dumps(said)
        return {"tools": [{"name": choice["name"], "raw": text}]} if isinstance(choice, dict) and "name" in choice else {"text": text}

    return answer


@pytest.fixture
def shop(tmp_path):
    """A repository with a history of two commits, and a person's stash."""
    desk = Desk.make(tmp_path, {"app.txt": "the oldest text\n", "src/old.txt": "the moved text\n", "docs/notes.txt": "notes\n"})
    (desk.repo / "app.txt").write_text("one\n", "utf-8")
    desk.git("commit", "-qam", "Second")
    (desk.repo / "docs/notes.txt").write_text("stashed\n", "utf-8")
    desk.git("stash", "push", "-q")
    desk.plan(phase_of("one", "app.txt", "src/", ci=CHECK, allow_mass_deletion=True))
    return desk.configured(ALLOWED)


def run(desk, *diagnoses, right_at=3):
    with scripted_server(script(*diagnoses, right_at=right_at)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        return done, server.calls


def builder(calls, attempt):
    return next(call for call in calls if (call.role, call.attempt) == ("builder", attempt))


def test_what_the_commands_change_in_the_scope_is_shown_to_the_builder_and_lands_with_a_trailer(shop):
    before = shop.git("stash", "list"), shop.git("status", "--short")
    done, calls = run(shop, asks(["mkdir", "-p", "src/deep"], MOVE, ["rm", "-f", "docs/notes.txt"], hint="Now say two."))
    assert done.exit_code == 0, done.stderr
    doctor = next(call for call in calls if call.role == "doctor")
    assert "execute_fix" in doctor.text
    asked = builder(calls, 3).text
    assert "src/new.txt" in asked
    assert "src/old.txt" not in builder(calls, 3).body["messages"][0]["content"][0]["text"]
    for part in (
        RULES[FailureKind.FIXED].lead,
        "Commands: mkdir -p src/deep; mv src/old.txt src/new.txt",
        "Put back: docs/notes.txt",
        "Now say two.",
    ):
        assert part in asked
    assert shop.at("autopack/r", "src/new.txt") == "the moved text\n"
    assert sorted(shop.git("ls-tree", "-r", "--name-only", "autopack/r").split("\n")) == ["app.txt", "docs/notes.txt", "src/new.txt"]
    trailers = shop.git("log", "-1", "--format=%(trailers:key=Autopack-Fix,valueonly)", "autopack/r").split("\n")
    assert trailers[:2] == ["mkdir -p src/deep", "mv src/old.txt src/new.txt"]
    (told,) = done.told("step_fix")
    assert (told["kind"], told["undone"][0].partition(" ")[0]) == ("fixed", "docs/notes.txt")
    assert "runs mkdir -p -- src/deep; mv -- src/old.txt src/new.txt;" in done.told("fix_begun")[0]["message"]
    assert "its commands changed src/new.txt, src/old.txt" in " ".join(shop.autopack("show", "r", "one").stdout.split()).replace(
        "Its", "its"
    )
    assert (shop.git("stash", "list"), shop.git("status", "--short")) == before


def test_an_older_version_of_a_file_is_brought_back_by_git(shop):
    shop.plan(phase_of("one", "app.txt", ci={**CHECK, "command": "grep -q two app.txt"}))
    done, calls = run(shop, asks(["git", "checkout", "HEAD~1", "--", "app.txt"]))
    assert done.exit_code == 0, done.stderr
    assert "the oldest text" in builder(calls, 3).text
    assert "the oldest text" not in builder(calls, 2).text


@pytest.mark.parametrize(
    ("commands", "kind", "why"),
    [
        ([["rm", "-f", "docs/notes.txt"]], "fix_without_effect", "put back: docs/notes.txt"),
        ([["git", "checkout", "--", "app.txt"]], "fix_without_effect", "changed no file of the scope"),
        ([MOVE, ["sh", "-c", "touch src/new.txt"]], "fix_refused", "is not one of"),
        ([["rm", "-rf", "../x"]], "fix_refused", "leads out of the work tree"),
        ([["rm", "src/gone.txt"]], "fix_failed", "No such file"),
        ([["git", "stash", "pop"]], "fix_failed", "No stash entries"),
        ([MOVE] * 11, "fix_refused", "1 to 10 commands"),
        ([], "fix_refused", "1 to 10 commands"),
    ],
)
def test_a_fix_that_comes_to_nothing_is_told_by_its_name_and_the_next_row_applies(shop, commands, kind, why):
    stash = shop.git("stash", "list")
    answer = {**asks(MOVE), "fix_commands": commands}
    done, calls = run(shop, answer, {**FIX, "action": "mark_fatal"})
    (told,) = done.told("step_fix")
    assert told["kind"] == kind
    assert why in told["message"]
    assert builder(calls, 3).model == GREAT, "the next row is the one for another model"
    assert "src/old.txt" in builder(calls, 3).text
    second = [call for call in calls if call.role == "doctor"][1]
    assert why in second.text, "the next doctor is told"
    assert shop.git("stash", "list") == stash


@pytest.mark.parametrize("called", ["file", "git", None])
def test_only_allowed_types_are_run_whatever_they_are_called(shop, called):
    shop.configured(ALLOWED.replace("true}", "true, allowed_fix_types: [git]}"))
    done, calls = run(shop, asks(MOVE, fix_type=called), {**FIX, "action": "mark_fatal"})
    assert "of the type file are not allowed" in done.told("step_fix")[0]["message"]
    doctor = next(call for call in calls if call.role == "doctor")
    assert "git checkout" in doctor.text
    assert "mkdir" not in doctor.text


def test_a_phase_has_one_fix_and_the_next_doctor_is_not_offered_another(shop):
    done, calls = run(shop, asks(MOVE), asks(["cp", "src/new.txt", "src/more.txt"]), right_at=9)
    assert [told["kind"] for told in done.told("step_fix")] == ["fixed", "fix_refused"]
    first, second = [call for call in calls if call.role == "doctor"]
    assert ("execute_fix" in first.text, "- execute_fix:" in second.text) == (True, False)
    assert "src/new.txt" in builder(calls, 5).text, "what the fix changed stays"


def test_nothing_is_run_unless_the_user_says_so(shop):
    shop.configured("replan: {max_replans_per_phase: 0}\n")
    done, calls = run(shop, asks(MOVE), {**FIX, "action": "mark_fatal"})
    assert "allow_execute_fix_global" in done.told("step_fix")[0]["message"]
    assert "- execute_fix:" not in next(call for call in calls if call.role == "doctor").text
    assert "src/old.txt" in builder(calls, 3).text


@pytest.mark.parametrize("key", ["allow_execute_fix_global: true", "allowed_fix_types: [git, file]", "max_execute_fix_per_phase: 2"])
def test_no_file_of_a_repository_opens_it(shop, key):
    (shop.repo / ".autopack").mkdir()
    (shop.repo / ".autopack/models.yaml").write_text(f"doctor: {{{key}}}\n", "utf-8")
    refused = shop.autopack("run", "--run-id", "r")
    assert refused.exit_code == 3, refused.stderr
    assert key.partition(":")[0] in refused.stderr


def test_a_replay_takes_the_files_from_the_journal_and_runs_nothing(shop, tmp_path):
    done, _ = run(shop, asks(MOVE))
    assert done.exit_code == 0, done.stderr
    journal = tmp_path / "journal.jsonl"
    assert shop.autopack("journal", "export", "r", "-o", journal).exit_code == 0
    shop.configured("")
    clone = Desk(tmp_path / "clone", shop.environment)
    git(tmp_path, "clone", "-q", str(shop.repo), str(clone.repo))
    shutil.copy(shop.repo / "autopack.yaml", clone.repo)
    played = clone.autopack("run", "--run-id", "again", "--replay", journal, "--replay-strict", "--json")
    assert played.exit_code == 0, played.stdout + played.stderr
    assert not played.told("fix_begun")
    assert clone.git("rev-parse", "autopack/again^{tree}") == shop.git("rev-parse", "autopack/r^{tree}")


def third_waits(release, answer):
    """The same answers; the builder's third comes only once the event is set."""

    def script(request):
        is_third = (request.headers["x-autopack-role"], request.headers["x-autopack-attempt"]) == ("builder", "3")
        return hanging("builder", release, answer)(request) if is_third else answer(request)

    return script


KILLED = """
import os, signal
from autopack.executor.attempt import execute_fix
run = execute_fix.run_logged
def once(spec, context):
    run(spec, context)
    os.kill(os.getpid(), signal.SIGKILL)
execute_fix.run_logged = once
from autopack.cli.app import main
main()
"""


def test_killed_in_the_middle_of_the_commands_the_next_start_runs_them_anew(shop):
    with scripted_server(script(asks(["cp", "src/old.txt", "src/half.txt"], MOVE))) as server:
        at = shop.beside(server)
        with at.start("run", "--run-id", "r", "--json", program=KILLED) as running:
            assert running.end().exit_code == -signal.SIGKILL
        done = at.autopack("resume", "r", "--json")
        assert done.exit_code == 0, done.stderr
        assert len(server.asked("doctor")) == 1
    assert shop.at("autopack/r", "src/half.txt") == shop.at("autopack/r", "src/new.txt") == "the moved text\n"


def test_killed_after_the_commands_the_next_start_goes_on_from_what_they_left(shop):
    release = threading.Event()
    answer = script(asks(MOVE))

    with scripted_server(third_waits(release, answer)) as server:
        at = shop.beside(server)
        with at.start("run", "--run-id", "r", "--json") as running:
            running.until(lambda: len(server.asked("builder")) == 3)
            running.send(signal.SIGKILL)
            running.end()
        release.set()
        done = at.autopack("resume", "r", "--json")
        assert done.exit_code == 0, done.stderr
        third, again = server.asked("builder")[2:4]
        assert third.body["messages"] == again.body["messages"]
    assert [line["event"] for line in done.events].count("step_fix") == 0
    assert shop.at("autopack/r", "src/new.txt") == "the moved text\n"


def test_when_a_person_changes_the_same_file_on_the_branch_the_fix_is_left_out_and_told(shop):
    release = threading.Event()
    answer = script(asks(["git", "checkout", "HEAD~1", "--", "app.txt"]), right_at=4)
    shop.plan(phase_of("one", "app.txt", ci={**CHECK, "command": "grep -q two app.txt"}))

    with scripted_server(third_waits(release, answer)) as server:
        at = shop.beside(server)
        with at.start("run", "--run-id", "r", "--json") as running:
            running.until(lambda: len(server.asked("builder")) == 3)
            git(shop.repo, "worktree", "add", "-q", "--detach", str(shop.home / "own"), "autopack/r")
            (shop.home / "own/app.txt").write_text("a person's\n", "utf-8")
            git(shop.home / "own", "commit", "-qam", "Mine")
            shop.git("update-ref", "refs/heads/autopack/r", git(shop.home / "own", "rev-parse", "HEAD").strip())
            release.set()
            done = running.end()
        assert done.exit_code == 0, done.stderr
        assert "a person's" in server.asked("builder")[3].text
    assert any("not taken over" in line["message"] for line in done.told("note"))
