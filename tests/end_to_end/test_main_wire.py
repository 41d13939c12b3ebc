"""Trouble on the wire: waited out, asked again, taken to the other provider; the run still completes and the journal says how."""

import sqlite3

import pytest

from tests.support.command import ONE, Desk, oracle_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

PATIENCE = "timeouts: {first_byte_s: 4, idle_s: 3}\nretries: {times: 6, first_wait_s: 0.02, max_wait_s: 5}\n"
FAULTS = (
    "1:status:status=429,retry_after=0.05",
    "2:status:status=500",
    "3:reset_mid",
    "4:hang:seconds=60",
    "5:hang_mid:seconds=60",
    "6:reset",
)


def rows(desk: Desk) -> list[tuple[str, str, int, str, str | None]]:
    connection = sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")
    try:
        return connection.execute("SELECT provider, role, ordinal, state, error_kind FROM call ORDER BY id").fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("api", ["anthropic", "openai"])
def test_a_bad_line_is_asked_again_until_it_answers(desk, api):
    desk.configured(PATIENCE).plan()
    with scripted_server(oracle_of(ONE), faults=FAULTS) as server:
        done = desk.beside(server, api).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert len(server.calls) == len(FAULTS) + 2
        assert len({call.text for call in server.asked("builder")}) == 1, "the stored request is what is sent again"
        assert {call.attempt for call in server.calls} == {1}
    found = rows(desk)
    assert [(role, ordinal) for _, role, ordinal, _, _ in found] == [*(("builder", number) for number in range(1, 8)), ("auditor", 1)]
    assert [state for _, _, _, state, _ in found] == ["failed", "failed", "unknown", "unknown", "unknown", "unknown", "replied", "replied"]
    assert len(done.told("wire_failure")) == len(FAULTS)
    status = desk.status("r")
    assert status["phases"][0]["attempts"] == 1
    assert status["usage"]["calls"] == len(FAULTS) + 2
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_provider_that_is_down_gives_way_to_the_other_one(desk):
    desk.configured("retries: {times: 1, first_wait_s: 0.01}\n").plan()
    with scripted_server(lambda _: {"fault": {"kind": "status", "status": 529}}) as down, scripted_server(oracle_of(ONE)) as up:
        keyed = desk.with_env(**down.environment("anthropic"), **up.environment("openai"))
        done = keyed.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert {call.provider for call in down.calls} == {"anthropic"}
        assert [(call.provider, call.role) for call in up.calls] == [("responses", "builder"), ("responses", "auditor")]
        assert up.calls[0].model != up.calls[1].model, "the auditor is another model than the builder"
    first = done.told("fallback")[0]
    assert (first["from"].split("/")[0], first["to"].split("/")[0]) == ("anthropic", "openai")
    assert "529" in first["because"]
    assert [(provider, state) for provider, role, _, state, _ in rows(desk) if role == "builder"] == [
        ("anthropic", "failed"),
        ("anthropic", "failed"),
        ("openai", "replied"),
    ]
    models = {
        (row["role"], row["requested_model"].split("/")[0], row["answering_model"])
        for row in desk.autopack("usage", "r", "--json").json["rows"]
    }
    assert ("builder", "openai", up.calls[0].model) in models
    assert f"Autopack-Model: {up.calls[0].model}" in desk.git("log", "-1", "--format=%B", "autopack/r")
