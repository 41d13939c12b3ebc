"""`gc` after runs that are over: what nobody needs goes, what is unmerged, held or can go on stays."""

import gzip
import tarfile

import pytest
import zstandard

from tests.support.command import ONE, Desk, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end


def ran(tmp_path, *phases, changes=ONE, code=0):
    desk = Desk.make(tmp_path)
    desk.plan(*phases)
    with scripted_server(oracle_of(changes)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == code, done.stderr
    return desk


def collected(desk, *words):
    done = desk.autopack("gc", "--older-than", "0h", "--json", *words)
    assert done.exit_code == 0, done.stderr
    return done.json


def refs(desk):
    return [ref for ref in desk.branches() if ref.startswith("refs/autopack/r/")]


def test_what_is_merged_leaves_nothing_behind_but_its_report_and_its_state(tmp_path):
    desk = ran(tmp_path, phase_of("one", ci={"command": "sh check.sh", "tests": "none", "log_on_success": True}))
    logs = desk.repo / ".autonomous_runs" / "r" / "ci"
    assert refs(desk)
    assert list(logs.iterdir())
    desk.git("merge", "-q", "autopack/r")
    head = desk.git("rev-parse", "HEAD")
    assert {one["kind"] for one in collected(desk, "--dry-run")["garbage"]} == {"logs", "journal", "refs"}
    assert refs(desk)
    assert {one["kind"] for one in collected(desk)["garbage"]} == {"logs", "journal", "refs"}
    assert refs(desk) == []
    assert not logs.exists()
    assert (desk.repo / ".autonomous_runs" / "r" / "report.html").exists()
    assert desk.git("rev-parse", "HEAD", "autopack/r").split() == [head, head]
    assert desk.status("r")["state"] == "complete"
    assert collected(desk) == {"schema": 1, "is_dry_run": False, "garbage": [], "kept": []}


def test_what_is_unmerged_keeps_its_refs_and_its_branch(tmp_path):
    desk = ran(tmp_path)
    before = desk.branches()
    told = collected(desk)
    assert told["kept"] == [{"run_id": "r", "why": "no other branch holds the head of autopack/r, so its refs and its journal stay"}]
    assert desk.branches() == before
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_failed_run_loses_its_work_tree_and_goes_on_from_its_branch(tmp_path):
    changes = {**ONE, "two": {"app.txt": "three\n"}}
    desk = ran(
        tmp_path, phase_of("one"), phase_of("two", max_attempts=1, ci={"command": "false", "tests": "none"}), changes=changes, code=1
    )
    folder = next((desk.home / ".local" / "state" / "autopack").glob("*/r"))
    told = collected(desk)
    assert [one["kind"] for one in told["garbage"]] == ["work tree", "logs"]
    assert not folder.exists()
    assert "autopack+r+" not in desk.git("worktree", "list", "--porcelain")
    assert desk.autopack("retry", "r", "two").exit_code == 0
    with scripted_server(oracle_of(changes)) as server:
        again = desk.beside(server).autopack("resume", "r")
    assert again.exit_code == 1, again.stderr
    assert desk.status("r")["phases"][1]["attempts"] == 2


def test_a_held_run_and_a_young_one_are_left_alone(tmp_path):
    desk = ran(tmp_path, phase_of("one", gate="hold"), code=4)
    before = desk.branches()
    assert collected(desk)["kept"] == [{"run_id": "r", "why": "it is held and can go on"}]
    assert desk.autopack("approve", "r", "one").exit_code == 0
    assert desk.autopack("resume", "r").exit_code == 0
    young = desk.autopack("gc")
    assert young.stderr == "r stays: it ended lately.\nthere is nothing to take away.\n"
    assert set(before) <= set(desk.branches())


WITHOUT = """
import sys
sys.modules["zstandard"] = sys.modules["compression.zstd"] = None
from autopack.cli.app import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("ending", ["tar.zst", "tar.gz"])
def test_records_go_into_one_file_that_holds_all_of_them(tmp_path, ending):
    desk = ran(tmp_path, phase_of("one", ci={"command": "sh check.sh", "tests": "none", "log_on_success": True}))
    records = desk.repo / ".autonomous_runs" / "r"
    wanted = {str(path.relative_to(records.parent)): path.read_bytes() for path in records.rglob("*") if path.is_file()}
    words = ("gc", "--older-than", "0h", "--archive")
    done = desk.autopack(*words) if ending == "tar.zst" else desk.python(WITHOUT, *words)
    assert done.exit_code == 0, done.stderr
    assert not records.exists()
    assert [path.name for path in (records.parent / "archived_runs").iterdir()] == [f"r.{ending}"]
    assert unpacked(records.parent / "archived_runs" / f"r.{ending}") == wanted
    assert desk.git("status", "--porcelain", ".autonomous_runs") == ""
    refused = desk.autopack("run", "--new", "--run-id", "archived_runs")
    assert refused.exit_code == 2
    assert "no run can be called so" in refused.stderr


def unpacked(archive):
    opens = zstandard.open if archive.suffix == ".zst" else gzip.open
    with opens(archive, "rb") as file, tarfile.open(fileobj=file, mode="r|") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}


def test_by_size_the_oldest_go_first_and_only_as_many_as_need_be(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one", ci={"command": "sh check.sh", "tests": "none", "log_on_success": True}))
    for run_id in ("a", "b", "c"):
        with scripted_server(oracle_of(ONE)) as server:
            done = desk.beside(server).autopack("run", "--new", "--run-id", run_id)
        assert done.exit_code == 0, done.stderr
        logs = desk.repo / ".autonomous_runs" / run_id / "ci"
        (logs / "much.log").write_bytes(b"x" * 1_000_000)
    told = desk.autopack("gc", "--max-size", "2.1M", "--json").json
    assert [(one["run_id"], one["kind"]) for one in told["garbage"]] == [("a", "logs")]
    assert desk.autopack("gc", "--max-size", "2.1M", "--json").json["garbage"] == []
    assert {one["run_id"] for one in desk.autopack("gc", "--max-size", "0", "--json").json["garbage"]} == {"b", "c"}
    assert desk.autopack("gc", "--max-size", "much").exit_code == 2


def test_what_an_archive_holds_stays_in_it_when_records_are_made_anew(tmp_path):
    desk = ran(tmp_path, phase_of("one", ci={"command": "sh check.sh", "tests": "none", "log_on_success": True}))
    records = desk.repo / ".autonomous_runs" / "r"
    [log] = [path.read_bytes() for path in (records / "ci").glob("one-1*")]
    packed = desk.python(WITHOUT, "gc", "--older-than", "0h", "--archive")
    assert packed.exit_code == 0, packed.stderr
    assert desk.autopack("report", "r").exit_code == 0
    assert collected(desk, "--archive")["garbage"][0]["kind"] == "records"
    [archive] = list((records.parent / "archived_runs").glob("r.tar.*"))
    assert archive.name == "r.tar.zst"
    assert log in unpacked(archive).values()
    assert "r/report.html" in unpacked(archive)


def test_what_a_killed_gc_had_begun_to_take_away_is_gone_after_the_next(tmp_path):
    desk = ran(tmp_path)
    for place in (desk.repo / ".autonomous_runs", desk.repo / ".autonomous_runs" / "r"):
        begun = place / f".{'ci' if place.name == 'r' else 'r'}.autopack-removing" / "a1b2"
        begun.mkdir(parents=True)
        (begun / "one.log").write_text("x", "utf-8")
    collected(desk)
    assert list(desk.repo.rglob("*.autopack-removing")) == []
