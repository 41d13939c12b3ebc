"""Providers that cannot be asked: said before anything is made where that can be known, and what was begun goes on later."""

import socket

import pytest

from tests.support.command import ONE, ending, oracle_of, phase_of, refusal
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

QUICK = {"AUTOPACK_MODELS__RETRIES__TIMES": "1", "AUTOPACK_MODELS__RETRIES__FIRST_WAIT_S": "0.01"}


def test_without_a_key_nothing_is_made(desk):
    desk.plan()
    before = desk.branches()
    sentence = refusal(desk.autopack("run", "--run-id", "r"), 6)
    assert "No provider has a key" in sentence
    assert "ANTHROPIC_API_KEY" in sentence
    assert "OPENAI_API_KEY" in sentence
    assert desk.branches() == before
    assert desk.autopack("runs", "--json").json["runs"] == []
    assert not (desk.repo / ".autonomous_runs").exists()
    assert not (desk.home / ".local").exists()


def test_a_refused_key_is_named_by_its_end_and_the_run_goes_on_with_another(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE), faults=("1:status:status=401,message=bad key",)) as server:
        keyed = desk.beside(server)
        done = keyed.with_env(ANTHROPIC_API_KEY="sk-ant-wrong-wxyz").autopack("run", "--run-id", "r")
        sentence = ending(done, 6)
        for word in ("anthropic refused the key in ANTHROPIC_API_KEY (ends in wxyz, from environment)", "status 401", "set a key"):
            assert word in sentence
        assert "sk-ant-wrong" not in done.stderr
        assert len(server.calls) == 1
        status = desk.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["state"], status.json["next"]) == (6, "blocked", ["autopack resume r"])
        assert keyed.autopack("resume", "r").exit_code == 0
    assert desk.at("autopack/r", "app.txt") == "two\n"


OPENAI_FIRST = "builder: {low: [sol, sonnet]}\nauditor: [sol, luna, opus]\n"


@pytest.mark.parametrize(("api", "other", "models"), [("anthropic", "openai", ""), ("openai", "anthropic", OPENAI_FIRST)])
def test_a_key_that_is_refused_in_the_middle_of_a_run_gives_up_its_provider_and_another_stands_in(desk, api, other, models):
    """Also for the provider's other models, which the same key would ask."""
    desk.configured(models).plan(phase_of("one"), phase_of("two"))
    oracle = oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}})
    with scripted_server(oracle, faults=("2-9:status:status=401",)) as first, scripted_server(oracle) as second:
        keyed = desk.with_env(**first.environment(api), **second.environment(other))
        done = keyed.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
        assert [(call.role, call.phase) for call in first.calls] == [("builder", "one"), ("auditor", "one")]
        assert [(call.role, call.phase) for call in second.calls] == [("auditor", "one"), ("builder", "two"), ("auditor", "two")]
    [fallback] = done.told("fallback")
    assert fallback["to"].startswith(f"{other}/")
    assert "refused the key" in fallback["because"]


def test_a_provider_that_is_down_is_exit_6_and_resumable(desk):
    desk.plan()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        down = desk.with_env(ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=f"http://127.0.0.1:{taken.getsockname()[1]}", **QUICK)
        sentence = ending(down.autopack("run", "--run-id", "r"), 6)
    assert "No provider can answer" in sentence
    assert "resume later" in sentence
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("resume", "r").exit_code == 0


def test_what_is_done_stays_done_when_the_provider_goes_away(desk):
    desk.plan(phase_of("one"), phase_of("two"))
    oracle = oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}})
    with scripted_server(oracle, faults=("3-4:status:status=529",)) as server:
        keyed = desk.beside(server).with_env(**QUICK)
        assert "status 529" in ending(keyed.autopack("run", "--run-id", "r"), 6)
        assert desk.at("autopack/r", "app.txt") == "two\n"
        assert keyed.autopack("resume", "r").exit_code == 0
        assert [(call.role, call.phase) for call in server.calls[:2]] == [("builder", "one"), ("auditor", "one")]
        assert not [call for call in server.calls[2:] if call.phase == "one"]
    assert desk.at("autopack/r", "app.txt") == "three\n"


def test_an_address_that_is_none_is_a_fault_of_the_configuration(desk):
    desk.plan()
    sentence = refusal(desk.with_env(ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL="localhost:8080").autopack("run"), 3)
    assert "ANTHROPIC_BASE_URL must be an http(s) address" in sentence


def test_a_model_that_nobody_knows_is_refused_before_anything_is_made(desk):
    desk.plan()
    before = desk.branches()
    done = desk.with_env(ANTHROPIC_API_KEY="k").autopack("run", "--run-id", "r", "--model", "sonet")
    sentence = refusal(done, 2)
    assert "sonet" in sentence
    assert "sonnet" in sentence
    assert desk.branches() == before
