import json

import jsonschema
import pytest

from tests.support.command import Desk, phase_of

SECRET = "sk-ant-canary-0123456789abcdef"


@pytest.fixture
def desk(tmp_path):
    return Desk.make(tmp_path, name="mein läden")


def test_a_sound_plan_is_valid_with_notes_on_stderr(desk):
    desk.plan(phase_of("one", "docs/*.md", "app.txt", ci={"command": "sh check.sh"}))
    done = desk.autopack("plan", "check")
    assert (done.exit_code, done.stdout) == (0, "autopack.yaml: valid, 1 phase\n")
    assert "note: phase 'one': `docs/*.md` of the scope matches nothing at the start.\n" in done.stderr
    assert "note: phase 'one': its check tells no tests apart" in done.stderr


def test_a_plan_with_faults_is_exit_3_with_every_one_at_its_line(desk):
    (desk.repo / "pläne").mkdir()
    (desk.repo / "pläne" / "a b.yaml").write_text(
        "version: 1\ngaol: x\nphases:\n  - id: A\n    description: d\n    scope: {paths: [../x]}\n"
    )
    done = desk.autopack("plan", "check", "pläne/a b.yaml")
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "autopack: The plan pläne/a b.yaml has 5 faults:",
        "pläne/a b.yaml:1: `goal` is missing; it is required.",
        "pläne/a b.yaml:2: the file has no key `gaol`; did you mean `goal`?",
        "pläne/a b.yaml:4: phase 'A': `id` must be of lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or digit, at most 64, not `A`.",
        "pläne/a b.yaml:4: phase 'A' has no check; write `ci: {command: ...}` here or under `defaults`, or `ci: {skip: true, reason: ...}`.",
        "pläne/a b.yaml:6: phase 'A': `scope.paths`: `../x` has a `..`; it may not leave the repository.",
    ]


def test_json_lists_the_same_for_machines(desk):
    desk.plan(phase_of("one", ci={"command": "sh check.sh"}), name="good.yaml")
    (desk.repo / "bad.yaml").write_text("version: 1\ngoal: g\nphases: 5\n")
    good, bad, gone = (desk.autopack("plan", "check", name, "--json") for name in ("good.yaml", "bad.yaml", "gone.yaml"))
    assert (good.exit_code, bad.exit_code, gone.exit_code) == (0, 3, 3)
    assert good.json["valid"] is True
    assert good.json["problems"] == []
    assert good.json["notes"][0].startswith("phase 'one': its check tells no tests apart")
    assert bad.json == {
        "schema": 1, "valid": False, "problems": [{"file": "bad.yaml", "line": 3, "message": "`phases` must be a list, not `5`."}], "notes": [],
    }  # fmt: skip
    assert gone.json["problems"][0]["line"] is None
    assert "no such file" in gone.json["problems"][0]["message"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "x.yaml: the file is empty; a plan begins with `version: 1`, `goal: ...` and `phases:`."),
        (b"a: [\n", "x.yaml:2: this is not YAML"),
        (b"- a", "x.yaml:1: the file must be a mapping"),
        (b"a: \xff", "x.yaml:1: byte 0xff is not UTF-8"),
        (b"a: \0", "x.yaml:1: there is a NUL byte here"),
        (b"version: 7\nnonsense: 1", "x.yaml:1: `version` is 7; Autopack 0.1.0 reads version 1."),
        (b"[" * 100_000, "x.yaml:1: the file nests more than 30 levels deep"),
    ],
)
def test_what_is_no_plan_is_exit_3_with_a_sentence(desk, content, said):
    (desk.repo / "x.yaml").write_bytes(content)
    done = desk.autopack("plan", "check", "x.yaml")
    assert done.exit_code == 3
    assert done.stderr.splitlines()[1].startswith(said)
    assert len(done.stderr.splitlines()) == 2


def test_a_missing_plan_says_how_to_get_one(desk):
    done = desk.autopack("plan", "check")
    assert done.exit_code == 3
    assert "Write one with `autopack init`, or name a plan with `--plan FILE`." in done.stderr


def test_a_plan_of_the_team_is_found_by_its_name_from_anywhere(desk):
    (desk.repo / ".autopack" / "plans").mkdir(parents=True)
    desk.plan(name=".autopack/plans/weekly.yaml")
    done = desk.autopack("plan", "check", "weekly", cwd=desk.repo / "docs")
    assert done.stdout == "weekly: valid, 1 phase\n"


def test_a_plan_can_be_checked_without_a_repository(desk, tmp_path):
    plan = desk.plan()
    done = desk.autopack("plan", "check", plan, cwd=tmp_path)
    assert done.exit_code == 0
    assert "note: The plan was not checked against a repository" in done.stderr
    assert desk.autopack("plan", "check", plan, "--repo", tmp_path, cwd=tmp_path).exit_code == 7


def test_uncommitted_work_an_unknown_base_and_keys_are_noted(desk):
    (desk.repo / "app.txt").write_text("changed\n")
    desk.plan(phase_of("one", description=f"Use {SECRET}."))
    notes = desk.autopack("plan", "check", "--json").json["notes"]
    assert any("`app.txt` is not committed" in note for note in notes)
    assert any("looks like a key" in note for note in notes)
    assert SECRET not in json.dumps(notes)
    desk.plan(base="nowhere")
    assert any(note.startswith("`base`: 'nowhere' names no commit") for note in desk.autopack("plan", "check", "--json").json["notes"])


def test_checking_writes_nothing(desk):
    desk.plan()
    before = {path: path.stat().st_mtime_ns for path in desk.repo.rglob("*") if path.is_file()}
    desk.autopack("plan", "check")
    assert {path: path.stat().st_mtime_ns for path in desk.repo.rglob("*") if path.is_file()} == before


def test_the_schema_that_is_printed_takes_the_plan(desk):
    schema = desk.autopack("plan", "schema").json
    jsonschema.Draft202012Validator(schema).validate(json.loads(desk.plan().read_text("utf-8")))


def test_commands_are_run_on_the_base_where_the_configuration_says_and_nothing_is_left(desk, tmp_path):
    """Red is a note; one that cannot be started, a check or a derive step, is exit 7; with `--json` there is an object each time."""
    where, elsewhere = tmp_path / "where", tmp_path / "elsewhere"
    derive = [{"command": "sort -o app.txt app.txt", "when": ["app.txt"], "writes": "changed"}]
    quiet = desk.with_env(AUTOPACK_SANDBOX="off", AUTOPACK_WORKSPACE__DIR=str(elsewhere))
    desk.plan(phase_of("one", ci={"command": f"pwd > '{where}'; exit 3", "tests": "none"}, derive=derive))
    red = quiet.autopack("plan", "check", "--run-checks", "--json")
    assert (red.exit_code, red.json["valid"]) == (0, True), red.stderr
    assert any(note.startswith("one: on the base commit") and "exit code 3" in note for note in red.json["notes"])
    assert red.json["notes"][-1] == "derive steps were looked for and not run: they need an edit to work on"
    assert where.read_text().startswith(f"{elsewhere}/")
    for typo in ({"ci": {"command": "pytset -q", "tests": "none"}}, {"derive": [{**derive[0], "command": "cd . && X=1 srot app.txt"}]}):
        desk.plan(phase_of("one", **typo))
        blocked = quiet.autopack("plan", "check", "--run-checks", "--json")
        assert (blocked.exit_code, blocked.json["valid"], len(blocked.json["problems"])) == (7, False, 1)
        assert blocked.json["problems"][0]["message"] in blocked.stderr
        assert "' is not found" in blocked.stderr
        assert "phase 'one'" in blocked.stderr
    assert list(elsewhere.glob("*/*")) == []
    assert list(desk.home.glob(".local/state/autopack/*/*")) == []
    assert len(desk.git("worktree", "list").splitlines()) == 1
