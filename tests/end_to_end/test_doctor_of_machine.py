"""`autopack doctor` without a run: what it finds, what it says to do, with which code it ends; it makes nothing."""

import pytest

from tests.support.command import phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

ANSWER = {"text": '{"ok": true}'}


def found(ended, check):
    return [one for one in ended.json["findings"] if one["check"] == check]


def stopping(ended):
    return [one["check"] for one in ended.json["findings"] if one["status"] == "stops"]


def ready(desk):
    """A desk with a committed plan and a key."""
    desk.plan()
    desk.git("add", "-A")
    desk.git("commit", "-qm", "Plan")
    return desk.with_env(ANTHROPIC_API_KEY="sk-ant-0123456789abcdef")


def everything(desk):
    places = (desk.repo, desk.home / ".local")
    return sorted(
        (str(path), path.lstat().st_mtime_ns) for place in places if place.exists() for path in place.rglob("*") if path.is_file()
    )


def test_a_machine_on_which_a_run_can_work_is_told_line_by_line_and_left_as_it_was(desk):
    at = ready(desk)
    before = everything(at)
    told = at.autopack("doctor", "--json")
    assert told.exit_code == 0, told.stderr
    assert told.json["schema"] == 1
    checks = [one["check"] for one in told.json["findings"]]
    assert list(dict.fromkeys(checks)) == ["git", "configuration", "plan", "sandbox", "disk", "keys", "models", "runs"]
    assert "…cdef, from the environment" in found(told, "keys")[0]["message"]
    assert any("$" in one["message"] for one in found(told, "models"))
    assert all(one["do"] for one in told.json["findings"] if one["status"] != "ok")
    assert everything(at) == before
    screen = at.autopack("doctor").stdout
    assert "A run can work here." in screen
    assert "set OPENAI_API_KEY if you want them" in screen
    assert "0123456789" not in screen + told.stdout, "of a key the last four are shown"


@pytest.mark.parametrize(
    ("spoil", "code", "check"),
    [
        (lambda at: at.configured("builder: {low: [claude-nobody]}\n"), 3, "models"),
        (lambda at: at.configured("bilder: {}\n"), 3, "configuration"),
        (lambda at: (at.repo / "autopack.yaml").write_text("version: 1\n", "utf-8"), 3, "plan"),
        (lambda at: (at.repo / "autopack.yaml").unlink(), 3, "plan"),
        (lambda at: at.configured("workspace: {min_free_bytes: 900000000000000}\n", "settings.yaml"), 7, "disk"),
    ],
)
def test_the_first_thing_that_would_stop_a_run_gives_the_code(desk, spoil, code, check):
    at = ready(desk)
    spoil(at)
    told = at.autopack("doctor", "--json")
    assert (told.exit_code, told.json["exit_code"], stopping(told)[0]) == (code, code, check)


def test_without_a_key_it_is_the_code_of_a_provider_that_cannot_answer_and_outside_of_a_repository_of_the_machine(desk, tmp_path):
    told = ready(desk).without("ANTHROPIC_API_KEY").autopack("doctor", "--json")
    assert (told.exit_code, stopping(told)) == (6, ["keys"])
    (tmp_path / "empty").mkdir()
    outside = desk.autopack("doctor", "--json", cwd=tmp_path / "empty")
    assert (outside.exit_code, stopping(outside)) == (7, ["git"])
    assert "A run would end at once, with exit code 7." in desk.autopack("doctor", cwd=tmp_path / "empty").stdout


def test_models_that_retire_and_prices_that_nobody_knows_are_told(desk):
    at = (
        ready(desk)
        .with_env(OPENAI_API_KEY="sk-0123456789abcdef")
        .configured("builder: {low: [anthropic/claude-sonnet-4-5], medium: [openai/gpt-6.2-sol]}\ndoctor_models: {cheap: opus}\n")
    )
    told = at.autopack("doctor", "--json")
    assert told.exit_code == 0, told.stdout
    by_model = {one["message"].partition(":")[0]: one for one in found(told, "models")}
    assert "its vendor retires it on " in by_model["anthropic/claude-sonnet-4-5"]["message"]
    assert "price unknown" in by_model["openai/gpt-6.2-sol"]["message"]
    assert "usd_per_mtok" in by_model["openai/gpt-6.2-sol"]["do"]
    assert by_model["anthropic/claude-opus-5-5"]["status"] == "ok"


def test_runs_that_wait_or_broke_off_are_told_with_the_command_that_leads_on(desk):
    at = ready(desk)
    at.plan(phase_of("one", gate="hold"))
    asks = {"text": '{"summary": "s", "files": [], "blocked": {"kind": "question", "paths": [], "message": "Which?"}}'}
    with scripted_server(lambda _: asks) as server:
        held = at.beside(server).autopack("run", "--run-id", "waits")
    assert held.exit_code == 4, held.stderr
    (told,) = found(at.autopack("doctor", "--json"), "runs")
    assert (told["message"], told["do"]) == ("waits waits for a person", "autopack status waits")


def test_online_every_model_that_could_be_reached_is_asked_once_and_nothing_of_it_is_kept(desk):
    at = ready(desk)
    with scripted_server(lambda _: ANSWER) as server:
        told = at.beside(server).autopack("doctor", "--online", "--json")
        assert told.exit_code == 0, told.stdout
        asked = [call.model for call in server.calls]
    assert sorted(asked) == sorted(set(asked))
    assert {"claude-sonnet-5-5", "claude-opus-5-5"} <= set(asked)
    assert len(found(told, "online")) == len(asked)
    assert all("answered in" in one["message"] for one in found(told, "online"))
    assert at.autopack("runs", "--json").json["runs"] == []


def test_online_a_model_that_does_not_answer_is_a_warning_while_another_stands_in_and_stops_where_none_does(desk):
    at = ready(desk)
    refuse = {"fault": {"kind": "status", "status": 401}}

    def only_sonnet(request):
        return ANSWER if "sonnet" in request.model else refuse

    with scripted_server(only_sonnet) as server:
        told = at.beside(server).autopack("doctor", "--online", "--json")
    assert told.exit_code == 0, told.stdout
    assert [one["status"] for one in found(told, "online") if "opus" in one["message"]] == ["warning"]
    with scripted_server(lambda _: refuse) as server:
        told = at.beside(server).autopack("doctor", "--online", "--json")
    assert told.exit_code == 6
    assert any("none of" in one["message"] for one in found(told, "online"))


def test_the_words_of_another_folder_lead_there(desk, tmp_path):
    at = ready(desk)
    (at.repo / "autopack.yaml").unlink()
    screen = at.autopack("doctor", "--repo", at.repo, cwd=tmp_path).stdout
    assert f"autopack init, or autopack run --plan FILE --repo {at.repo}" in " ".join(screen.split())
