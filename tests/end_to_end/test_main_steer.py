"""A person steers a run: held, failed and blocked phases, and the words that lead on from each."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.support import bread_shop
from tests.support.command import FILES, ONE, ending, oracle_of, phase_of, refusal
from tests.support.older_state import as_version_3
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

CHAIN = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}, "three": {"app.txt": "four\n"}}
REJECT = {
    "verdict": "reject",
    "confidence": 0.9,
    "summary": "not like that",
    "criteria": [],
    "issues": [{"severity": "major", "path": "app.txt", "line": 1, "message": "say it in words"}],
    "failure_kind": None,
}


def blocked(kind, paths=(), message="I need the notes."):
    return json.dumps({"summary": "", "files": [], "blocked": {"kind": kind, "paths": list(paths), "message": message}})


def notify_of(desk, command, *states):
    settings = desk.home / ".config" / "autopack" / "settings.yaml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"notify": {"command": ["/bin/sh", "-c", command], "on": states}}), "utf-8")


def history_of(repo):
    """How much is kept of what a run asked, tried and recorded."""
    with closing(sqlite3.connect(repo / ".git" / "autopack" / "autopack.db")) as connection:
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("call", "attempt", "step")]  # noqa: S608


def test_a_failed_phase_takes_its_dependents_with_it_and_the_others_go_on(desk):
    answers = oracle_of({"lost": {"app.txt": "x\n"}, "free": {"docs/free.txt": "free\n"}, "late": {"docs/late.txt": "late\n"}})

    def script(request):
        is_lost = request.headers["x-autopack-phase"] == "lost" and request.headers["x-autopack-attempt"] <= "2"
        return "No." if is_lost else answers(request)

    desk.plan(
        phase_of("lost", max_attempts=2),
        phase_of("late", "docs/late.txt"),
        phase_of("free", "docs/free.txt", depends_on=[]),
    )
    with scripted_server(script) as server:
        keyed = desk.beside(server)
        assert "not complete: lost, late." in ending(keyed.autopack("run", "--run-id", "r"), 1)
        status = desk.autopack("status", "r", "--json")
        assert status.exit_code == 1
        found = {phase["id"]: phase for phase in status.json["phases"]}
        assert {name: phase["state"] for name, phase in found.items()} == {"lost": "failed", "late": "skipped", "free": "complete"}
        assert (found["lost"]["attempts"], found["late"]["skipped_because"]) == (2, "lost")
        assert [call.phase for call in server.asked("builder")] == ["lost", "lost", "free"]
        done = keyed.autopack("retry", "r", "lost", "--note", "answer in JSON")
        assert done.exit_code == 0, done.stderr
        assert keyed.autopack("resume", "r").exit_code == 0
        assert "answer in JSON" in server.asked("builder", "lost")[-1].text
    assert [phase["state"] for phase in desk.status("r")["phases"]] == ["complete"] * 3
    assert "Autopack-Attempt: 3" in desk.git("log", "--format=%B", "autopack/r")


def test_what_only_the_auditor_is_against_waits_and_lands_by_name_alone(desk):
    oracle = oracle_of(ONE)
    desk.plan(phase_of("one", max_attempts=2))
    with scripted_server(
        lambda request: json.dumps(REJECT) if request.headers["x-autopack-role"] == "auditor" else oracle(request)
    ) as server:
        keyed = desk.beside(server)
        assert "waits for a person: one." in ending(keyed.autopack("run", "--run-id", "r"), 4)
        assert desk.status("r")["phases"][0]["held"] == "review"
        assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")
        assert "--override audit" in refusal(desk.autopack("approve", "r", "one"), 2)
        assert desk.autopack("approve", "r", "one", "--override", "audit", "--note", "I want it").exit_code == 0
        calls = len(server.calls)
        assert keyed.autopack("resume", "r").exit_code == 0
        assert len(server.calls) == calls
    assert "Autopack-Override: audit" in desk.git("log", "-1", "--format=%B", "autopack/r")
    assert desk.at("autopack/r", "app.txt") == "two\n"


@pytest.mark.parametrize("override", [(), ("--override", "audit")], ids=["gate", "override"])
def test_what_a_person_approved_lands_on_top_of_their_own_commit_too(desk, override):
    """The branch moved while the phase was held: the approval stands for the lap on the new head."""
    oracle = oracle_of(ONE)
    desk.plan(phase_of("one", max_attempts=1) if override else phase_of("one", gate="hold"))

    def script(request):
        return json.dumps(REJECT) if override and request.headers["x-autopack-role"] == "auditor" else oracle(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        mine = desk.repo.parent / "mine"
        desk.git("worktree", "add", "-q", str(mine), "autopack/r")
        (mine / "docs" / "notes.txt").write_text("mine\n", "utf-8")
        desk.git("-C", str(mine), "commit", "-q", "-am", "By hand")
        desk.git("worktree", "remove", str(mine))
        assert desk.autopack("approve", "r", "one", *override).exit_code == 0
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 2
    assert desk.git("log", "--format=%s", "main..autopack/r").split("\n")[1] == "By hand"
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_gate_holds_until_it_is_approved_and_a_rejection_reaches_the_next_attempt(desk, tmp_path):
    """Whoever asked to be told of it is told, and nobody who asked for something else."""
    desk.plan(phase_of("one", gate="hold"))
    told = tmp_path / "told"
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        notify_of(desk, f"cat > '{told}'", "held")
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        record = json.loads(told.read_text("utf-8"))
        assert (record["event"], record["exit_code"], record["phases"]) == ("run_held", 4, {"one": "held"})
        assert "waits for a person: one." in record["message"]
        notify_of(desk, f"cat > '{told}.again'", "failed", "complete")
        assert desk.autopack("status", "r", "--json").exit_code == 4
        assert desk.autopack("reject", "r", "one", "--note", "louder please").exit_code == 0
        ending(keyed.autopack("resume", "r"), 4)
        assert not (tmp_path / "told.again").exists()
        first, second = server.asked("builder", "one")
        assert "louder please" in second.text
        assert "louder please" not in first.text
        assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")
        assert desk.autopack("approve", "r", "one").exit_code == 0
        assert desk.autopack("resume", "r").exit_code == 0, "nothing is left to buy, so no key is needed"
        assert len(server.calls) == 4
    assert "Autopack-Attempt: 2" in desk.git("log", "-1", "--format=%B", "autopack/r")
    assert "Autopack-Override" not in desk.git("log", "-1", "--format=%B", "autopack/r")


def test_a_blocked_builder_asks_and_is_answered_with_a_wider_scope(desk):
    oracle = oracle_of({"one": {"docs/notes.txt": "more\n"}})

    def script(request):
        is_first = request.headers["x-autopack-attempt"] == "1"
        return blocked("needs_scope", ["docs/notes.txt"]) if is_first else oracle(request)

    desk.plan()
    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        assert desk.status("r")["phases"][0]["held"] == "question"
        shown = desk.autopack("show", "r", "one", "--json").json
        assert shown["next"][0] == "autopack retry r one --add-scope docs/notes.txt"
        assert "no green candidate to approve" in refusal(desk.autopack("approve", "r", "one"), 2)
        done = desk.autopack("retry", "r", "one", "--note", "only the notes", "--add-scope", "docs/")
        assert done.exit_code == 0, done.stderr
        answered = desk.autopack("status", "r", "--json")
        assert (answered.exit_code, answered.json["next"]) == (4, ["autopack resume r"])
        assert answered.json["message"] == "waits for autopack resume; answered: one."
        assert desk.autopack("show", "r", "one", "--json").json["scope"] == ["app.txt", "docs/"]
        assert keyed.autopack("resume", "r").exit_code == 0
        second = server.asked("builder")[1].text
    assert "only the notes" in second
    assert "docs/" in second
    assert desk.at("autopack/r", "docs/notes.txt") == "more\n"


def test_what_may_be_added_is_granted_at_once_and_told_to_the_auditor(desk):
    oracle = oracle_of({"one": {"docs/notes.txt": "more\n"}})

    def script(request):
        is_first = request.headers["x-autopack-attempt"] == "1"
        return blocked("needs_scope", ["docs/notes.txt"]) if is_first else oracle(request)

    desk.plan({**phase_of("one"), "scope": {"paths": ["app.txt"], "may_add": ["docs/**"]}, "max_attempts": 1})
    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert "Granted beyond the scope: docs/notes.txt" in server.asked("auditor")[0].text


def asks_for_more(request):
    attempt = request.headers["x-autopack-attempt"]
    return blocked("needs_scope", [f"lib/part_{attempt}.py", "app.txt"], f"part {attempt} is missing")


def test_a_builder_that_asks_for_ever_more_paths_becomes_a_question(desk):
    """Three grants a phase, each an event with its paths; a retry does not count them anew."""
    desk.plan({**phase_of("one"), "scope": {"paths": ["app.txt"], "may_add": ["lib/"]}, "max_attempts": 3})
    with scripted_server(asks_for_more) as server:
        keyed = desk.beside(server)
        done = keyed.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 4, done.stderr
        assert [call.attempt for call in server.asked("builder")] == [1, 2, 3, 4]
        assert "app.txt, lib/part_1.py, lib/part_2.py, lib/part_3.py" in server.asked("builder")[-1].text
        assert "The scope now holds lib/part_3.py too." in server.asked("builder")[-1].text
        granted = [line["paths"] for line in done.told("phase_queued") if line["by"] == "grant"]
        assert granted == [[f"lib/part_{number}.py"] for number in (1, 2, 3)]
        (phase,) = desk.status("r")["phases"]
        assert (phase["state"], phase["held"], phase["attempts"]) == ("held", "question", 4)
        assert "granted 3 times already" in phase["failure"]["message"]
        assert desk.autopack("retry", "r", "one", "--note", "do with what you have").exit_code == 0
        ending(keyed.autopack("resume", "r"), 4)
        assert [call.attempt for call in server.asked("builder")] == [1, 2, 3, 4, 5]


def test_a_grant_that_an_older_state_kept_as_a_failed_attempt_is_still_granted(desk):
    oracle = oracle_of({"one": {"docs/notes.txt": "more\n", "docs/b.txt": "b\n"}})

    def script(request):
        asks = {"1": blocked("needs_scope", ["docs/notes.txt", "docs/b.txt"]), "2": blocked("question")}
        return asks.get(request.headers["x-autopack-attempt"]) or oracle(request)

    desk.plan({**phase_of("one"), "scope": {"paths": ["app.txt"], "may_add": ["docs/"]}})
    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        state = desk.repo / ".git" / "autopack" / "autopack.db"
        as_version_3(state)
        with closing(sqlite3.connect(state)) as connection:
            connection.execute("UPDATE attempt SET outcome = 'failed', evidence = 'docs/notes.txt\ndocs/b.txt' WHERE outcome = 'granted'")
            connection.execute("ALTER TABLE phase DROP COLUMN granted_scope")
            connection.execute("PRAGMA user_version = 2")
            connection.commit()
        assert desk.autopack("retry", "r", "one").exit_code == 0
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert "Granted beyond the scope: docs/notes.txt, docs/b.txt" in server.asked("auditor")[0].text
    assert desk.at("autopack/r", "docs/b.txt") == "b\n"


def test_a_builder_that_asks_for_what_it_has_is_told_so_and_nobody_is_woken(desk):
    oracle = oracle_of(ONE)
    desk.plan({**phase_of("one", "app.txt", "docs/"), "max_attempts": 2})

    def script(request):
        is_first = request.headers["x-autopack-attempt"] == "1"
        return blocked("needs_scope", ["app.txt", "docs/new.txt"], "may I?") if is_first else oracle(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
        assert [line["kind"] for line in done.told("phase_recovering")] == ["needless_scope"]
        assert [call.attempt for call in server.asked("builder")] == [1, 1, 1, 2]
        assert "docs/new.txt: there is no such file" in server.asked("builder")[1].text
        assert "In the scope already: app.txt, docs/new.txt." in server.asked("builder")[3].text
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_builder_is_shown_at_once_what_it_asks_to_see(desk):
    """Two looks in one attempt: a file outside the scope, lines of one, a name; never a secret; a resume asks nothing twice."""
    commit_files(desk.repo, {"lib/tax.py": "def rate():\n    return 19\n", "lib/.env": "TOKEN=do-not-show\n"}, "more to look at")
    desk.plan(phase_of("one", "app.txt"))
    oracle = oracle_of(ONE)
    looks = [blocked("needs_context", ["lib/tax.py:2-2", "lib/.env", "nowhere"], "?"), blocked("needs_context", ["rate"], "?")]

    def script(request):
        return looks.pop(0) if looks and request.headers["x-autopack-role"] == "builder" else oracle(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
        first, second, third = server.asked("builder")
        assert {call.attempt for call in (first, second, third)} == {1}
        assert "2|    return 19" in second.text
        assert "1|def rate():" not in second.text
        assert "1|def rate():" in third.text
        assert "nowhere: there is no such file, folder or name" in second.text
        assert "do-not-show" not in third.text
        assert third.text.startswith(second.text[: second.text.rindex("You asked for more")])
        assert [line["asked"] for line in done.told("looked")] == [["lib/tax.py:2-2", "lib/.env", "nowhere"], ["rate"]]
        (phase,) = desk.status("r")["phases"]
        assert (phase["state"], phase["attempts"]) == ("complete", 1)


def test_a_question_can_be_skipped_with_what_depends_on_it(desk):
    answers = oracle_of({"free": {"docs/free.txt": "free\n"}})
    desk.plan(phase_of("one"), phase_of("two"), phase_of("free", "docs/free.txt", depends_on=[]))

    def script(request):
        return blocked("question") if request.headers["x-autopack-phase"] == "one" else answers(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        assert [phase["state"] for phase in desk.status("r")["phases"]] == ["held", "queued", "complete"]
        assert desk.autopack("skip", "r", "one", "--note", "not needed").exit_code == 0
        assert "not complete: one, two." in ending(desk.autopack("resume", "r"), 1)
        assert len(server.asked("builder")) == 2
    assert [phase["state"] for phase in desk.status("r")["phases"]] == ["skipped", "skipped", "complete"]


def test_a_persons_commit_answers_a_question_and_is_checked_and_audited(desk):
    answers = oracle_of(CHAIN)
    desk.plan(phase_of("one"), phase_of("two"))

    def script(request):
        is_blocked = request.headers["x-autopack-phase"] == "one" and request.headers["x-autopack-role"] == "builder"
        return blocked("contradiction") if is_blocked else answers(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        nothing = desk.autopack("adopt", "r")
        assert "nothing to adopt" in refusal(nothing, 2)
        assert "next: git worktree add --detach ../r-by-hand autopack/r" in nothing.stderr
        mine = desk.repo.parent / "mine"
        desk.git("worktree", "add", "-q", "--detach", str(mine), "autopack/r")
        (mine / "app.txt").write_text("\n", "utf-8")
        desk.git("-C", str(mine), "commit", "-q", "-am", "By hand, and red")
        red = desk.git("-C", str(mine), "rev-parse", "HEAD")
        assert desk.autopack("adopt", "r", "one", "--commit", red).exit_code == 0
        assert "waits for a person: one." in ending(keyed.autopack("resume", "r"), 4)
        phase = desk.status("r")["phases"][0]
        assert (phase["state"], phase["held"]) == ("held", "question")
        assert "The commit that was adopted did not pass" in phase["failure"]["message"]
        assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main"), "the branch holds nothing of it"
        desk.git("-C", str(mine), "switch", "-q", "autopack/r")
        (mine / "app.txt").write_text("two\n", "utf-8")
        desk.git("-C", str(mine), "commit", "-q", "-am", "By hand")
        where = desk.autopack("adopt", "r").stderr
        assert f"autopack/r is checked out in {mine}: switch to another branch there first (git switch -)" in where
        desk.git("worktree", "remove", str(mine))
        by_hand = desk.git("rev-parse", "autopack/r")
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert [(call.role, call.phase) for call in server.calls] == [
            ("builder", "one"),
            ("auditor", "one"),
            ("builder", "two"),
            ("auditor", "two"),
        ]
    assert desk.status("r")["phases"][0]["commit"] == by_hand
    assert desk.git("rev-list", "--count", "main..autopack/r") == "2"
    assert desk.at("autopack/r", "app.txt") == "three\n"


def test_a_rollback_is_proved_by_its_tree_and_goes_on_from_there(desk):
    desk.plan(phase_of("one"), phase_of("two"), phase_of("three"))
    with scripted_server(oracle_of(CHAIN)) as server:
        keyed = desk.beside(server)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 0
        former, middle = desk.git("rev-parse", "autopack/r"), desk.git("rev-parse", "autopack/r~1")
        before = (bread_shop.snapshot(desk.repo), history_of(desk.repo), set(desk.git("for-each-ref").split("\n")))
        assert "there is nothing to roll back" in refusal(desk.autopack("rollback", "r", "--to", "three"), 2)
        mine = desk.repo.parent / "mine"
        desk.git("worktree", "add", "-q", str(mine), "autopack/r")
        away = refusal(desk.autopack("rollback", "r", "--to", "two"), 7)
        assert f"autopack/r is checked out in {mine}" in away
        assert "next: autopack rollback r --to two" in away
        assert "approve" not in away
        desk.git("worktree", "remove", str(mine))
        printed = desk.autopack("rollback", "r", "--to", "two")
        assert printed.exit_code == 0, printed.stderr
        tree = desk.git("rev-parse", f"{middle}^{{tree}}")
        assert printed.stdout.splitlines() == [
            f"back at phase 'two', commit {middle[:10]}",
            f"tree as it landed  {tree}",
            f"tree of the branch {tree}",
        ]
        assert "rolled back: three; the former head is kept as refs/autopack/r/_former/" in printed.stderr
        back = desk.autopack("rollback", "r", "--to", "one", "--json")
        assert back.exit_code == 0, back.stderr
        found = back.json
        assert found["recorded_tree"] == found["tree"] == desk.git("rev-parse", "autopack/r^{tree}")
        assert found["phases"] == ["two"]
        assert desk.git("rev-parse", found["kept"]) == middle
        assert desk.git("rev-parse", f"refs/autopack/r/_former/{former[:12]}") == former
        assert (bread_shop.snapshot(desk.repo), history_of(desk.repo)) == before[:2]
        moved = {line.split("\t")[1] for line in before[2] ^ set(desk.git("for-each-ref").split("\n"))}
        assert moved == {"refs/heads/autopack/r", found["kept"], f"refs/autopack/r/_former/{former[:12]}"}
        assert desk.at("autopack/r", "app.txt") == "two\n"
        assert desk.autopack("status", "r", "--json").exit_code == 1
        assert [phase["state"] for phase in desk.status("r")["phases"]] == ["complete", "rolled_back", "rolled_back"]
        assert desk.autopack("retry", "r", "two").exit_code == 0
        again = keyed.autopack("resume", "r")
        assert again.exit_code == 0, again.stderr
        assert len(server.asked("builder", "one")) == 1
    assert desk.at("autopack/r", "app.txt") == "four\n"
    assert desk.git("rev-list", "--count", "main..autopack/r") == "3"
    assert desk.at("main", "app.txt") == FILES["app.txt"]


def test_a_retry_may_name_the_builders_model_and_the_auditor_stays_as_it_was(desk):
    oracle = oracle_of(ONE)
    desk.plan()
    aliases = desk.home / ".config" / "autopack" / "models.yaml"
    aliases.parent.mkdir(parents=True)
    aliases.write_text("aliases: {mine: anthropic/claude-mine-1}\n", "utf-8")

    def script(request):
        is_first = request.headers["x-autopack-attempt"] == "1"
        return blocked("question") if is_first else oracle(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        assert "--model nonsense: no such model" in refusal(desk.autopack("retry", "r", "one", "--model", "nonsense"), 2)
        assert desk.status("r")["phases"][0]["state"] == "held", "what is refused changes nothing"
        assert desk.autopack("retry", "r", "one", "--model", "mine").exit_code == 0
        aliases.write_text("{}\n", "utf-8")
        assert "--model mine: no such model" in ending(keyed.autopack("resume", "r"), 3)
        aliases.write_text("aliases: {mine: anthropic/claude-mine-1}\n", "utf-8")
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        builders, (auditor,) = server.asked("builder"), server.asked("auditor")
        assert [call.model for call in builders][1] == "claude-mine-1" != builders[0].model
        assert auditor.model not in {call.model for call in builders}
