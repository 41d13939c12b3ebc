"""Disks with too little room: found before anything is made, survived in the middle, with the last words written all the same."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.command import ONE, Desk, ending, oracle_of, phase_of, refusal
from tests.support.repos import commit_files
from tests.support.server import scripted_server
from tests.support.small_disk import fill, small_disk

pytestmark = pytest.mark.end_to_end

TWO = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}
LITTLE = {"AUTOPACK_WORKSPACE__MIN_FREE_BYTES": "100000"}


@pytest.mark.parametrize("what", ["the run's work tree", "the state database", "the run's records"])
def test_too_little_room_is_found_at_the_start_on_every_disk_a_run_writes_to(desk, tmp_path, what):
    places = {"the run's records": desk.repo / ".autonomous_runs"}
    with small_disk(places.get(what, tmp_path / "disk"), megabytes=8) as disk:
        if what == "the run's work tree":
            desk = desk.with_env(XDG_STATE_HOME=str(disk))
        if what == "the state database":
            desk = desk.with_env(AUTOPACK_DATABASE_URL=str(disk / "state.db"))
        desk.plan()
        with scripted_server(oracle_of(ONE)) as server:
            keyed = desk.beside(server)
            sentence = refusal(keyed.autopack("run", "--run-id", "r"), 7)
            assert str(disk) in sentence
            assert f"has too little room for {what}: " in sentence
            assert " MB are free on its file system, 500 MB are needed (workspace.min_free_bytes)" in sentence
            assert server.calls == []
            assert desk.branches() == ["refs/heads/main"]
            assert "there is no run" in refusal(desk.autopack("status", "r"), 2)
            assert keyed.with_env(**LITTLE).autopack("run", "--run-id", "r").exit_code == 0


def test_a_full_disk_under_the_state_ends_the_run_as_blocked_with_its_last_words_and_no_reply_lost(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=16) as disk:
        desk = Desk.make(disk).with_env(XDG_STATE_HOME=str(tmp_path / "state"), TMPDIR=str(tmp_path), **LITTLE)
        told = told_into(desk, tmp_path)
        desk.plan(phase_of("one"), phase_of("two"))
        ballast = desk.repo / ".git" / "autopack" / "autopack.db.ballast"
        with scripted_server(filling(disk / "filler", {"builder"})) as server:
            keyed = desk.beside(server)
            sentence = ending(keyed.autopack("run", "--run-id", "r"), 7)
            assert "the disk is full" in sentence or "the disk cannot be read or written, or is full" in sentence
            assert not ballast.exists(), "its room was given up for what follows"
            assert_blocked(desk, told)
            (report,) = (desk.repo / ".autonomous_runs" / "r" / "errors").glob("*.json")
            assert json.loads(report.read_text("utf-8"))["message"] in sentence
            (disk / "filler").unlink()
            done = keyed.autopack("resume", "r")
            assert done.exit_code == 0, done.stderr
            assert len(server.asked("builder", "two")) == 1, "the reply that came onto the full disk is not bought again"
        assert ballast.stat().st_size == 1 << 20
        assert desk.at("autopack/r", "app.txt") == "three\n"
        assert desk.git("fsck", "--no-dangling") == ""


def test_a_full_disk_under_the_work_tree_ends_the_run_as_blocked_and_it_goes_on(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        desk = Desk.make(tmp_path).with_env(XDG_STATE_HOME=str(disk), **LITTLE)
        told = told_into(desk, tmp_path)
        desk.plan(phase_of("one"), phase_of("two", "app.txt", "data.txt"))
        data = "".join(f"a line of data, number {number}\n" for number in range(2_000))
        with scripted_server(filling(disk / "filler", {"builder"}, {**TWO, "two": {**TWO["two"], "data.txt": data}})) as server:
            keyed = desk.beside(server)
            sentence = ending(keyed.autopack("run", "--run-id", "r"), 7)
            assert "Make room" in sentence
            assert_blocked(desk, told)
            assert "has too little room for the run's work tree: " in refusal(keyed.autopack("resume", "r"), 7)
            (disk / "filler").unlink()
            assert keyed.autopack("resume", "r").exit_code == 0
            assert [len(server.asked("builder", phase)) for phase in TWO] == [1, 1]
        assert desk.at("autopack/r", "data.txt") == data


def test_a_check_that_finds_its_disk_full_is_red_and_blocks_nothing(desk):
    script = "grep -q two app.txt && { echo 'write error: No space left on device' >&2; exit 1; }\ntrue\n"
    commit_files(desk.repo, {"check.sh": script}, "a check without room")
    desk.plan(phase_of("one", max_attempts=1))
    with scripted_server(oracle_of(ONE, {"app.txt": "one\n", "check.sh": script})) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "r"), 1)
    assert desk.status("r")["phases"][0]["failure"]["kind"] == "checks_red"
    assert [one["component"] for one in desk.autopack("errors", "list", "r", "--json").json["errors"]] == ["checks"]


def told_into(desk: Desk, folder: Path) -> Path:
    """Where the user's notification goes: a file on a disk with room."""
    told, settings = folder / "told", desk.home / ".config" / "autopack" / "settings.yaml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    command = [shutil.which("sh"), "-c", f"cat > '{told}'"]
    settings.write_text(json.dumps({"notify": {"command": command}}), "utf-8")
    return told


def filling(filler: Path, roles, changes=TWO):
    """The disk is full once one of these roles is asked about phase two for the first time."""
    oracle, filled = oracle_of(changes), []

    def script(request):
        if request.headers["x-autopack-phase"] == "two" and request.headers["x-autopack-role"] in roles and not filled:
            filled.append(filler)
            fill(filler)
        return oracle(request)

    return script


def assert_blocked(desk: Desk, told: Path) -> None:
    status = desk.autopack("status", "r", "--json")
    assert (status.exit_code, status.json["state"], status.json["reason"]) == (7, "blocked", "environment"), status.stdout
    assert status.json["phases"][0]["state"] == "complete"
    record = json.loads(told.read_text("utf-8"))
    assert (record["event"], record["exit_code"], record["reason"]) == ("run_blocked", 7, "environment")
