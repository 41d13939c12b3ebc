"""What follows failures: each decision is seen in the next request, the log and `show`, over kills, restarts and replays."""

import json
import shutil
import signal
import threading
from collections import Counter
from itertools import pairwise

import pytest

from autopack.core.failure import FAULTS, RULES, FailureKind
from tests.support.command import Desk, held_until, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

APPROVED = {"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "checked"}
PLANNED = {"description": "Write the number.", "acceptance_criteria": [], "builder_mode": None, "approach": "Begin with the second line."}
HINT = "Line one must say two."
FIX = {"action": "retry_with_fix", "confidence": 0.9, "rationale": "It writes the wrong word.", "hint": HINT, "failure_kind": None}
RED = {"command": "grep -q two app.txt", "tests": "none", "timeout_s": 30}
SMALL, GREAT = "claude-sonnet-5-5", "claude-opus-5-5"


def script(*, right_at=99, **replies):
    """A builder that is wrong until attempt `right_at`; the other roles answer as they are told, a list in its order."""
    seen = Counter()

    def answer(request):
        role = request.headers.get("x-autopack-role", "")
        attempt = int(request.headers.get("x-autopack-attempt") or 1)
        if role == "builder":
            text = "two\n" if attempt >= right_at else f"wrong {attempt}\n"
            edit = {"path": "app.txt", "action": "replace", "content": text}
            edit = edit if request.headers["x-autopack-phase"] == "one" else {"path": "docs/two.txt", "action": "create", "content": "2\n"}
            said = {"summary": "s", "files": [edit], "blocked": None}
        else:
            said = replies.get(role, {"auditor": APPROVED, "replanner": PLANNED, "doctor": FIX}[role])
            said = said[min(seen[role], len(said) - 1)] if isinstance(said, list) else said
        seen[role] += 1
        text = said if isinstance(said, str) else json.dumps(said)
        choice = request.body.get("tool_choice")
        return {"tools": [{"name": choice["name"], "raw": text}]} if isinstance(choice, dict) and "name" in choice else {"text": text}

    return answer


def run(desk, *words, **keys):
    with scripted_server(script(**keys)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json", *words)
        return done, server.calls


def stubborn(desk, **keys):
    desk.plan(phase_of("one", ci=RED, **keys))
    return desk


def asked(calls):
    return [(call.role, call.attempt, call.model) for call in calls]


def decided(done):
    return [line["remedy"] for line in done.told("recovery_decided")]


def blocks(call):
    """What a builder was asked, in order."""
    return [part["text"] for message in call.body["messages"] for part in message["content"]]


def test_a_stubborn_phase_is_retried_planned_anew_escalated_diagnosed_and_ends(desk):
    done, calls = run(stubborn(desk))
    assert done.exit_code == 1, done.stderr
    assert asked(calls) == [
        ("builder", 1, SMALL),
        ("builder", 2, SMALL),
        ("replanner", 2, GREAT),
        ("builder", 3, SMALL),
        ("builder", 4, GREAT),
        ("doctor", 4, SMALL),
        ("builder", 5, GREAT),
    ]
    assert decided(done) == ["retry", "replan", "retry", "escalate", "doctor", "retry"]
    builders = [blocks(call) for call in calls if call.role == "builder"]
    for earlier, later in pairwise(builders):
        assert later[: len(earlier)] == earlier, "what an attempt was shown stays where it was"
        assert len(later) > len(earlier)
    assert "Begin with the second line." in builders[2][-1]
    assert RULES[FailureKind.REPLANNED].lead in builders[2][-1]
    assert HINT in builders[4][-1]
    assert RULES[FailureKind.ADVISED].lead in builders[4][-1]
    told = next(call.text for call in calls if call.role == "doctor")
    for part in (
        "Make the change one.",
        "wrong 4",
        "Attempt 1 failed (ci_fail",
        "Decided then: escalate",
        "Left: 1 of 5 attempts",
        "0 of 10 questions that a provider let down, 0 of 15 attempts whose edits could not be used, 4 of 25 failures",
        "skip_phase",
    ):
        assert part in told
    assert "-one\\n+wrong 4" in told, "the last edit is told as a diff"
    shown = desk.autopack("show", "r", "one").stdout
    assert "The last 2 attempts failed alike" in " ".join(shown.split())
    assert "escalate: 3 failures at anthropic/claude-sonnet-5-5" in " ".join(shown.split())
    log = desk.autopack("logs", "r", "--events").stdout
    assert "one [4]: decided (doctor" in log
    assert "one [4]: doctor: retry with fix, confidence 0.90: It writes the wrong word." in log
    roles = {line["role"] for line in map(json.loads, desk.autopack("journal", "export", "r").stdout.splitlines()) if "role" in line}
    assert roles == {"builder", "replanner", "doctor"}


def test_a_hint_that_helps_lands_the_phase_and_the_run_plays_again(desk, tmp_path):
    done, calls = run(stubborn(desk), right_at=5)
    assert done.exit_code == 0, done.stderr
    assert [call.role for call in calls][-2:] == ["builder", "auditor"]
    journal = tmp_path / "journal.jsonl"
    assert desk.autopack("journal", "export", "r", "-o", journal).exit_code == 0
    clone = Desk(tmp_path / "clone", desk.environment)
    git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
    shutil.copy(desk.repo / "autopack.yaml", clone.repo)
    played = clone.autopack("run", "--run-id", "again", "--replay", journal, "--replay-strict", "--json")
    assert played.exit_code == 0, played.stdout + played.stderr
    assert decided(played) == decided(done)
    assert clone.git("rev-parse", "autopack/again^{tree}") == desk.git("rev-parse", "autopack/r^{tree}")


def test_a_journal_without_decisions_is_played_by_retries_alone(desk, tmp_path):
    wrong, right = ({"summary": "s", "files": [{"path": "app.txt", "action": "replace", "content": text}]} for text in ("no\n", "two\n"))
    replies = [("builder", n, wrong) for n in range(1, 5)] + [("builder", 5, right), ("auditor", 5, APPROVED)]
    lines = [{"phase": "one", "attempt": n, "role": role, "reply": {"text": json.dumps(said)}} for role, n, said in replies]
    journal = tmp_path / "journal.jsonl"
    journal.write_text("\n".join(map(json.dumps, [{"journal": 1}, *lines])) + "\n", "utf-8")
    played = stubborn(desk).autopack("run", "--run-id", "r", "--replay", journal, "--json")
    assert played.exit_code == 0, played.stdout + played.stderr
    assert decided(played) == ["retry"] * 4


def test_with_one_model_no_request_is_made_twice(desk):
    done, calls = run(stubborn(desk), "--model", "sonnet")
    assert done.exit_code == 1, done.stderr
    assert {call.model for call in calls} == {SMALL}
    assert decided(done) == ["retry", "replan", "retry", "retry", "doctor", "retry"]
    assert [line["mode"] for line in done.told("recovery_decided")][3:] == ["structured_edit"] * 3
    assert len({json.dumps(call.body["messages"]) + str(call.body.get("system")) for call in calls}) == len(calls)


def test_escalation_follows_the_configured_chain_and_counts_the_configured_types(desk):
    desk.configured(
        "escalation_chains: {builder: {low: {models: [haiku, sonnet]}, medium: {models: [sonnet]}, high: {models: [opus]}}}\n"
        "complexity_escalation: {thresholds: {low_to_medium: 1, medium_to_high: 1}, failure_types: [ci_fail]}\n"
        "replan: {max_replans_per_phase: 0}\ndoctor: {max_calls_per_run: 0}\n"
    )
    _, calls = run(stubborn(desk))
    assert [call.model for call in calls] == ["claude-haiku-5-5", SMALL, GREAT, GREAT, GREAT]


def test_escalation_that_is_turned_off_asks_nobody_else(desk):
    desk.configured("complexity_escalation: {enabled: false, max_attempts_per_phase: 3}\nreplan: {trigger_threshold: 9}\n")
    done, calls = run(stubborn(desk))
    assert asked(calls) == [("builder", 1, SMALL), ("builder", 2, SMALL), ("builder", 3, SMALL)]
    assert "All 3 attempts are spent" in done.told("phase_failed")[0]["message"]


def test_a_wrong_approach_is_planned_anew_at_once(desk):
    rejected = {**APPROVED, "verdict": "reject", "failure_kind": "wrong_tech_stack", "summary": "Not in Perl."}
    done, calls = run(stubborn(desk), right_at=1, auditor=[rejected, APPROVED])
    assert done.exit_code == 0, done.stderr
    assert [(call.role, call.attempt) for call in calls] == [
        ("builder", 1),
        ("auditor", 1),
        ("replanner", 1),
        ("builder", 2),
        ("auditor", 2),
    ]
    assert "wrong tech stack" in done.told("recovery_decided")[0]["message"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("I would rather not.", "not the one JSON object"),
        ({**PLANNED, "scope": {"paths": ["./"]}}, "It would change the scope"),
        ({**PLANNED, "ci": {"command": "true"}}, "It would touch the check"),
        ({**PLANNED, "acceptance_criteria": ["The app says a number."]}, "It would drop or reword a criterion"),
    ],
)
def test_a_replan_that_may_not_be_used_counts_is_told_and_the_next_row_applies(desk, answer, why):
    done, calls = run(stubborn(desk, acceptance_criteria=["The app says two."]), replanner=answer)
    assert why in done.told("step_replan")[0]["message"]
    assert [(call.role, call.attempt) for call in calls][:5] == [
        ("builder", 1),
        ("builder", 2),
        ("replanner", 2),
        ("builder", 3),
        ("builder", 4),
    ]
    assert calls[3].model == GREAT, "the next row is the one for another model"
    assert Counter(call.role for call in calls)["replanner"] == 1
    assert not any(RULES[FailureKind.REPLANNED].lead in call.text for call in calls)


def diagnosed(desk, answer, *further, **keys):
    """A run of which a doctor is asked after the second failure."""
    desk.configured("replan: {max_replans_per_phase: 0}\n")
    desk.plan(phase_of("one", ci=RED), phase_of("two", "docs/"))
    return run(desk, doctor=[answer, *further], **keys)


def test_a_doctor_may_skip_the_phase_and_what_depends_on_it(desk):
    done, calls = diagnosed(desk, {**FIX, "action": "skip_phase"})
    found = {phase["id"]: phase for phase in desk.status("r")["phases"]}
    assert (found["one"]["state"], found["two"]["state"]) == ("skipped", "skipped")
    assert found["one"]["skipped_because"] == "The doctor says: It writes the wrong word."
    assert [call.attempt for call in calls if (call.role, call.phase) == ("builder", "one")] == [1, 2]
    assert done.exit_code == 1, done.stderr


def test_a_doctor_may_end_the_phase(desk):
    done, calls = diagnosed(desk, {**FIX, "action": "mark_fatal"})
    assert done.told("phase_failed")[0]["message"] == "The doctor says: It writes the wrong word."
    assert [call.attempt for call in calls if (call.role, call.phase) == ("builder", "one")] == [1, 2]


def test_a_doctor_that_would_roll_back_asks_a_person(desk):
    done, _ = diagnosed(desk, {**FIX, "action": "rollback_run"})
    assert done.exit_code == 4, done.stderr
    found = desk.status("r")["phases"][0]
    assert (found["state"], found["held"]) == ("held", "question")
    assert "It writes the wrong word." in done.told("phase_held")[0]["message"]


def test_a_doctors_replan_is_made(desk):
    desk.configured("replan: {trigger_threshold: 9}\ncomplexity_escalation: {enabled: false}\n")
    _, calls = run(stubborn(desk), doctor={**FIX, "action": "replan"})
    assert [(call.role, call.attempt) for call in calls][3:7] == [("builder", 4), ("doctor", 4), ("replanner", 4), ("builder", 5)]
    assert RULES[FailureKind.REPLANNED].lead in calls[6].text


def test_a_criterion_that_the_auditor_calls_wrong_goes_back_to_its_author_before_anything_is_bought(desk):
    stubborn(desk, acceptance_criteria=["It says two.", "It says three."])
    wrong = {"criterion": "2", "met": False, "evidence": "", "wrong": "It contradicts the first."}
    met = {"criterion": "1", "met": True, "evidence": "app.txt:1", "wrong": None}
    rejected = {**APPROVED, "verdict": "reject", "criteria": [met, wrong]}
    done, calls = run(desk, right_at=1, auditor=[rejected, {**APPROVED, "criteria": [met]}])
    assert done.exit_code == 4, done.stderr
    assert [call.role for call in calls] == ["builder", "auditor"]
    phase = desk.status("r")["phases"][0]
    assert (phase["held"], phase["held_because"]["reason"], phase["failure"]["kind"]) == ("question", "criterion_wrong", "criterion_wrong")
    assert "It says three.: It contradicts the first." in phase["held_because"]["message"]
    shown = " ".join(desk.autopack("show", "r", "one").stdout.split())
    assert "called wrong: It contradicts the first." in shown
    assert "--accept-plan-change" in shown
    assert "It says three. (called wrong: It contradicts the first.)" in desk.autopack("report", "r", "--md").stdout
    assert desk.autopack("approve", "r", "one").exit_code == 2, "nothing is there to approve"
    stubborn(desk, acceptance_criteria=["It says two."])
    with scripted_server(script(right_at=1, auditor={**APPROVED, "criteria": [met]})) as server:
        again = desk.beside(server).autopack("resume", "r", "--accept-plan-change")
    assert again.exit_code == 0, again.stderr


def test_a_criterion_that_a_doctor_calls_wrong_goes_back_to_its_author_whatever_it_would_do(desk):
    doubts = [{"criterion": "1", "met": False, "wrong": "No file can say both."}]
    done, calls = diagnosed(desk, {**FIX, "criteria": doubts})
    assert done.exit_code == 4, done.stderr
    assert [call.attempt for call in calls if (call.role, call.phase) == ("builder", "one")] == [1, 2]
    phase = desk.status("r")["phases"][0]
    assert phase["held_because"]["reason"] == "criterion_wrong"
    assert "No file can say both." in phase["held_because"]["message"]


@pytest.mark.parametrize("answer", ["Take two.", {**FIX, "action": "execute_fix"}, {**FIX, "hint": ""}, {**FIX, "action": "replan"}])
def test_a_diagnosis_that_cannot_be_followed_counts_is_told_and_the_next_row_applies(desk, answer):
    done, calls = diagnosed(desk, answer, answer)
    of_one = [(call.role, call.attempt, call.model) for call in calls if call.phase == "one"]
    assert of_one[2:4] == [("doctor", 2, SMALL), ("builder", 3, GREAT)], "the next row is the one for another model"
    assert len(done.told("step_doctor")) >= 1


def test_an_unsure_doctor_is_followed_by_a_strong_one_at_once_and_two_calls_are_all(desk):
    done, calls = diagnosed(desk, {**FIX, "confidence": 0.4}, {**FIX, "hint": "Ask the baker."})
    doctors = [(call.attempt, call.model) for call in calls if call.role == "doctor"]
    assert doctors == [(2, SMALL), (2, GREAT)]
    assert "Ask the baker." in next(call.text for call in calls if (call.role, call.attempt) == ("builder", 3))
    assert [line["event"] for line in done.events].count("step_doctor") == 1
    assert len(done.told("step_doctor.2")) == 1


def test_the_second_call_of_a_phase_is_the_strong_models(desk):
    _, calls = diagnosed(desk, FIX, FIX)
    assert [(call.attempt, call.model) for call in calls if call.role == "doctor"] == [(2, SMALL), (4, GREAT)]


@pytest.mark.parametrize(
    ("says", "fault", "first"),
    [
        ("__import__('shop_cart')", "import", GREAT),
        ("exec('(')", "syntax", SMALL),
        ("exec('assert 1 == 2')", "logic", GREAT),
        ("1 / 0", None, SMALL),
    ],
)
def test_what_a_red_check_fails_of_is_told_to_builder_doctor_and_person_and_chooses_the_doctor(desk, says, fault, first):
    code = f'open("app.txt").read() == "two\\n" or {says}'
    desk.configured("replan: {max_replans_per_phase: 0}\n")
    desk.plan(phase_of("one", ci={"command": ["python3", "-c", code], "tests": "none"}))
    done, calls = run(desk)
    assert done.exit_code == 1, done.stderr
    second = next(call for call in calls if (call.role, call.attempt) == ("builder", 2)).text
    doctor = next(call for call in calls if call.role == "doctor")
    assert [word for word, lead in FAULTS.items() if lead in second] == ([fault] if fault else [])
    assert doctor.model == first
    assert f"failed (ci_fail{f', {fault}' if fault else ''}, by" in doctor.text
    assert desk.status("r")["phases"][0]["failure"]["fault"] == fault
    assert f"checks red{f' ({fault})' if fault else ''}: " in " ".join(desk.autopack("show", "r", "one").stdout.split())


def hanging(role, release, answer):
    """The same answers; that role's come only once the event is set."""
    held = held_until(release, answer)

    def script(request):
        return held(request) if request.headers.get("x-autopack-role") == role else answer(request)

    return script


@pytest.mark.parametrize(("role", "attempt"), [("replanner", 2), ("doctor", 4)])
def test_killed_between_decision_and_next_attempt_the_next_start_does_the_same(desk, role, attempt):
    release = threading.Event()
    with scripted_server(hanging(role, release, script(right_at=5))) as server:
        at = stubborn(desk).beside(server)
        with at.start("run", "--run-id", "r", "--json") as running:
            running.until(lambda: bool(server.asked(role)))
            running.send(signal.SIGKILL)
            running.end()
        release.set()
        done = at.autopack("resume", "r", "--json")
        assert done.exit_code == 0, done.stderr
        first, second = server.asked(role)
        assert (first.body["messages"], first.model) == (second.body["messages"], second.model)
        assert [call.attempt for call in server.asked("builder")] == [1, 2, 3, 4, 5]
    log = [json.loads(line) for line in desk.autopack("logs", "r", "--events", "--json").stdout.splitlines()]
    assert [line["remedy"] for line in log if line["event"] == "recovery_decided"] == [
        "retry",
        "replan",
        "retry",
        "escalate",
        "doctor",
        "retry",
    ]
    assert [line["attempt"] for line in log if line.get("remedy") == {"replanner": "replan"}.get(role, role)] == [attempt]


def test_limits_of_a_run_hold_over_its_phases(desk):
    desk.configured("replan: {max_replans_per_run: 1}\ndoctor: {max_calls_per_run: 1}\n")
    desk.plan(phase_of("one", ci=RED), phase_of("three", ci=RED, depends_on=[]))
    _, calls = run(desk)
    assert [(call.role, call.phase) for call in calls if call.role in ("replanner", "doctor")] == [("replanner", "one"), ("doctor", "one")]


def test_a_repository_may_lower_the_limits_and_not_raise_them(desk):
    folder = desk.repo / ".autopack"
    folder.mkdir()
    (folder / "models.yaml").write_text("doctor: {max_calls_per_run: 11}\nreplan: {max_replans_per_phase: 0}\n", "utf-8")
    refused = stubborn(desk).autopack("run", "--run-id", "r")
    assert refused.exit_code == 3, refused.stderr
    assert "may not raise `models.doctor.max_calls_per_run` above your 10" in refused.stderr
    assert "max_replans" not in refused.stderr


ALLOWED = "replan: {max_replans_per_phase: 0}\ndoctor: {allow_rollback: true}\n"
BACK = {**FIX, "action": "rollback_run"}


def rolled_back(desk, server):
    """The first phase lands; over the second a doctor asks for what is done to be taken back."""
    desk.configured(ALLOWED)
    desk.plan(phase_of("two", "docs/"), phase_of("one", ci=RED), phase_of("three", "docs/", depends_on=[]))
    return desk.beside(server).autopack("run", "--run-id", "r", "--json")


def test_a_doctor_that_may_takes_back_what_has_landed_and_the_run_ends(desk):
    with scripted_server(script(doctor=BACK)) as server:
        done = rolled_back(desk, server)
        assert done.exit_code == 1, done.stderr
        assert [call.phase for call in server.asked("builder")] == ["two", "one", "one"], "nothing more is bought"
    former = desk.git("rev-parse", f"refs/autopack/r/_former/{done.told('phase_complete')[0]['commit'][:12]}")
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")
    assert former == done.told("phase_complete")[0]["commit"]
    status = desk.status("r")
    assert [(phase["id"], phase["state"]) for phase in status["phases"]] == [("two", "rolled_back"), ("one", "failed"), ("three", "queued")]
    assert (status["state"], status["reason"]) == ("failed", "rolled_back")
    assert "It writes the wrong word." in status["message"]
    assert "taken back: two" in status["message"]
    assert "roll back" in " ".join(desk.autopack("show", "r", "one").stdout.replace("_", " ").split())


def test_killed_while_it_takes_back_the_next_start_does_the_rest(desk):
    with scripted_server(script(doctor=BACK)) as server:
        at = desk.configured(ALLOWED).beside(server)
        desk.plan(phase_of("two", "docs/"), phase_of("one", ci=RED))
        done = at.python(KILLED_BEFORE_ROWS, "run", "--run-id", "r", "--json")
        assert done.exit_code == -signal.SIGKILL, done.stderr
        assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")
        again = at.autopack("resume", "r", "--json")
        assert again.exit_code == 1, again.stderr
        assert len(server.asked("doctor")) == 1
    assert [phase["state"] for phase in desk.status("r")["phases"]] == ["rolled_back", "failed"]


KILLED_BEFORE_ROWS = """
import os, signal, sys
from autopack.cli.app import main
from autopack.store.phases import Phases
Phases.roll_back_run = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
sys.exit(main(sys.argv[1:]))
"""


def test_a_persons_commit_on_the_branch_makes_it_a_question(desk):
    def script_of(request):
        if request.headers["x-autopack-role"] == "doctor":
            person = desk.git("commit-tree", "autopack/r^{tree}", "-p", "autopack/r", "-m", "Mine")
            desk.git("update-ref", "refs/heads/autopack/r", person)
        return answer(request)

    answer = script(doctor=BACK)
    with scripted_server(script_of) as server:
        done = rolled_back(desk, server)
    assert done.exit_code == 4, done.stderr
    assert [phase["held_because"]["reason"] for phase in desk.status("r")["phases"] if phase["id"] == "one"] == ["rollback_advised"]
    assert desk.git("log", "-1", "--format=%s", "autopack/r") == "Mine"
