"""What an auditor says decides: what blocks, what blocks only where much is at stake, and what was not judged."""

import json

import pytest

from tests.support.command import Desk, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

CRITERION = "the app says what the phase is called"
MAJOR = {"severity": "major", "path": "app.txt", "line": 1, "message": "The name is misleading."}
VERDICTS = {
    "critical": {"issues": [{**MAJOR, "severity": "critical"}]},
    "not-met": {"criteria": [{"criterion": CRITERION, "met": False, "evidence": "app.txt:1 says something else"}]},
    "risky": {"issues": [MAJOR]},
    "plain": {"issues": [MAJOR], "criteria": [{"criterion": "1", "met": True, "evidence": "app.txt:1"}]},
    "silent": {},
}
BLOCKED = {
    "critical": "Critical issue: app.txt:1: The name is misleading.",
    "not-met": f"Criterion not met: {CRITERION} (app.txt:1 says something else)",
    "risky": "Major issue: app.txt:1: The name is misleading.",
}


def test_an_approval_lands_unless_something_in_it_blocks_and_what_was_not_judged_is_told(desk: Desk):
    files = {f"{name}.txt": f"{name}\n" for name in VERDICTS}
    oracle = oracle_of({name: {f"{name}.txt": files[f"{name}.txt"]} for name in VERDICTS})

    def script(request):
        phase, role = request.headers["x-autopack-phase"], request.headers["x-autopack-role"]
        if role == "builder":
            return oracle(request)
        return json.dumps({"verdict": "approve", "confidence": 0.8, "summary": "read", "issues": [], "criteria": [], **VERDICTS[phase]})

    desk.plan(
        *(
            phase_of(
                name,
                f"{name}.txt",
                depends_on=[],
                max_attempts=1,
                acceptance_criteria=[CRITERION],
                task_category="auth-login" if name == "risky" else "feature",
            )
            for name in VERDICTS
        )
    )
    with scripted_server(script) as server:
        keyed = desk.beside(server)
        assert "waits for a person: critical, not-met, risky" in ending(keyed.autopack("run", "--run-id", "night-1"), 4)
        assert len(server.calls) == 2 * len(VERDICTS)
        slip = keyed.autopack("run", "--run-id", "night-2")
        assert len(server.calls) == 2 * len(VERDICTS)
    assert slip.exit_code == 2
    assert "there is no run 'night-2', but 'night-1' can go on; say --new to make a new one." in slip.stderr
    phases = {phase["id"]: phase for phase in desk.status("night-1")["phases"]}
    assert {name: phase["state"] for name, phase in phases.items()} == {
        **dict.fromkeys(BLOCKED, "held"),
        "plain": "complete",
        "silent": "complete",
    }
    for name, reason in BLOCKED.items():
        assert phases[name]["failure"]["kind"] == "audit_rejected"
        assert reason in phases[name]["failure"]["message"]
    told = map(json.loads, desk.autopack("logs", "night-1", "--events", "--json").stdout.splitlines())
    unjudged = {line["phase"]: line["not_judged"] for line in told if line["event"] == "phase_integrating"}
    assert unjudged == {"plain": [], "silent": [CRITERION]}
    shown = desk.autopack("show", "night-1", "silent").stdout
    assert f"{CRITERION} (not judged)" in shown
    assert desk.git("ls-tree", "--name-only", "autopack/night-1").split("\n") == sorted(
        ["app.txt", "check.sh", "docs", "plain.txt", "silent.txt"]
    )


OPEN = "services:\n  web:\n    image: web:1\n    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock\n"
BLOCKED_BUILDER = json.dumps({"summary": "", "files": [], "blocked": {"kind": "contradiction", "paths": [], "message": "No."}})
OPENED = "the service `web` mounts the socket /var/run/docker.sock"


def asked_of_the_auditor(server):
    return json.dumps([call.body for call in server.asked("auditor")][-1])


def held_for_review(desk: Desk):
    (phase,) = desk.status("night-1")["phases"]
    assert (phase["state"], phase["held"]) == ("held", "review")


@pytest.mark.parametrize("by", ["the builder", "a tool"])
def test_a_compose_file_that_opens_the_machine_is_told_to_the_auditor_and_waits_for_a_person(desk: Desk, by: str):
    if by == "the builder":
        desk.plan(phase_of("open", "compose.yaml"))
        files = {"compose.yaml": OPEN}
    else:
        tool = {"command": "cp app.txt compose.yaml", "when": ["app.txt"], "writes": ["compose.yaml"]}
        desk.plan(phase_of("open", "app.txt", derive=[tool]))
        files = {"app.txt": OPEN}
    with scripted_server(oracle_of({"open": files})) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "night-1"), 4)
        held_for_review(desk)
        assert f"compose.yaml: {OPENED}" in asked_of_the_auditor(server)
        assert keyed.autopack("approve", "night-1", "open", "--note", "meant").exit_code == 0
        ending(keyed.autopack("resume", "night-1"), 0)
    assert desk.at("autopack/night-1", "compose.yaml") == OPEN


def test_a_compose_file_in_an_adopted_commit_is_judged_as_a_builders(desk: Desk):
    desk.plan(phase_of("open", "app.txt"))
    with scripted_server(lambda _: BLOCKED_BUILDER) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "night-1"), 4)
    mine = desk.repo.parent / "mine"
    desk.git("worktree", "add", "-q", "--detach", str(mine), "autopack/night-1")
    (mine / "compose.yaml").write_text(OPEN, "utf-8")
    desk.git("-C", str(mine), "add", ".")
    desk.git("-C", str(mine), "commit", "-q", "-m", "By hand")
    assert desk.autopack("adopt", "night-1", "open", "--commit", desk.git("-C", str(mine), "rev-parse", "HEAD")).exit_code == 0
    with scripted_server(oracle_of({"open": {"app.txt": "x\n"}})) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("resume", "night-1"), 4)
        held_for_review(desk)
        assert f"compose.yaml: {OPENED}" in asked_of_the_auditor(server)
        assert keyed.autopack("approve", "night-1", "open").exit_code == 0
        ending(keyed.autopack("resume", "night-1"), 0)
    assert desk.at("autopack/night-1", "compose.yaml") == OPEN


def test_the_auditor_sees_the_whole_function_that_a_hunk_touches(tmp_path):
    body = "\n".join(f"    step_{number}()" for number in range(40))
    before = f"def sell(cart):\n    lock(cart)\n{body}\n    unlock(cart)\n\n\ndef other():\n    return 1\n"
    files = {"check.sh": "true\n", "shop.py": before}
    desk = Desk.make(tmp_path, files)
    desk.plan(phase_of("one", scope={"paths": ["shop.py"]}))
    with scripted_server(oracle_of({"one": {"shop.py": before.replace("step_20()", "step_20(cart)")}}, files)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
        (asked,) = server.asked("auditor", "one")
    for line in ("The rest of the functions that it touches", "2|    lock(cart)", "43|    unlock(cart)"):
        assert line in asked.text
    assert "def other" not in asked.text
