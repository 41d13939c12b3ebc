"""A plan's inputs through `plan check`, `run` and `resume`: a run keeps the values that it began with."""

import pytest

from tests.support.command import ONE, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

INPUTS = {"word": {"choices": ["two", "three"]}}


def test_a_run_is_given_its_inputs_keeps_them_and_takes_others_as_a_change_of_the_plan(desk):
    phase = phase_of("one", description="Let it say {{inputs.word}}.", gate="hold")
    desk.plan(phase, inputs=INPUTS)
    assert desk.autopack("plan", "graph").exit_code == 0
    looked = desk.autopack("doctor", "--json").json["findings"]
    assert [one["status"] for one in looked if one["check"] == "plan"] == ["ok"]
    missing = desk.autopack("plan", "check")
    assert missing.exit_code == 3
    assert "the input `word` has no value" in missing.stderr
    assert desk.autopack("plan", "check", "--set", "word=two").exit_code == 0
    assert "`--set word` sets nothing" in desk.autopack("run", "--set", "word").stderr
    with scripted_server(oracle_of(ONE)) as server:
        shell = desk.beside(server)
        ending(shell.autopack("run", "--run-id", "r", "--set", "word=two"), 4)
        assert "Let it say two." in server.asked("builder")[0].text
        ending(shell.autopack("resume", "r"), 4)
        other = shell.autopack("resume", "r", "--set", "word=three")
        assert other.exit_code == 3
        assert "phase 'one', `description`: Let it say two. -> Let it say three." in other.stderr
        ending(shell.autopack("resume", "r", "--set", "word=three", "--accept-plan-change"), 4)
        assert "Let it say three." in server.asked("builder")[-1].text
        ending(shell.autopack("resume", "r"), 4)
