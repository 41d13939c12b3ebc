"""A model whose replies report more tokens than were estimated is shown less by the next run, and a replay goes by its journal."""

import json

import pytest

from tests.support.command import Desk, oracle_of, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

FILES = {"check.sh": "true\n"} | {f"src/m{number}.txt": f"line of {number}\n" * 400 for number in range(30)}
CHANGE = {"one": {"src/m1.txt": "line of 1\n" * 399 + "two\n"}}


def dense(oracle):
    """Reports a token for every two characters."""

    def script(request):
        reply = oracle(request)
        reply = dict(reply) if isinstance(reply, dict) else {"text": reply}
        return reply | {"usage": {"input": len(json.dumps(request.body)) // 2}}

    return script


def shown(desk, *words):
    outlook = desk.autopack("run", "--dry-run", "--json", *words)
    assert outlook.exit_code == 0, outlook.stderr
    context = outlook.json["phases"][0]["context"]
    return sum(last - first for file in context["files"] for first, last in file["lines"]), context["tokens"]


def test_what_is_shown_is_fitted_by_what_replies_report(tmp_path):
    desk = Desk.make(tmp_path / "desk", FILES)
    plan = desk.plan(phase_of("one", "src/", complexity="low"))
    with scripted_server(dense(oracle_of(CHANGE, FILES))) as server:
        before, tokens = shown(desk.beside(server))
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        again = desk.beside(server).autopack("run", "--new", "--run-id", "again", "--base", "main")
        assert again.exit_code == 0, again.stderr
        first, *_, last = server.asked("builder")
        after, tokens_after = shown(desk.beside(server), "--new", "--run-id", "third")
    assert after < 0.7 * before
    assert 0.8 * tokens < tokens_after <= 12_000
    assert len(last.text) < 0.7 * len(first.text)
    journal = tmp_path / "journal.jsonl"
    assert desk.autopack("journal", "export", "again", "-o", journal).exit_code == 0
    clone = Desk(tmp_path / "clone", desk.environment)
    git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
    (clone.repo / "autopack.yaml").write_bytes(plan.read_bytes())
    played = clone.autopack("run", "--run-id", "played", "--replay", journal, "--replay-strict", "--json")
    assert played.exit_code == 0, played.stdout + played.stderr
