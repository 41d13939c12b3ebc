"""What a plan and the user's configuration say is what happens: forms of edits, instructions, base, places, names, guards."""

import json
from pathlib import Path

import pytest

from tests.support.command import CHECK, FILES, Desk, oracle_of, phase_of
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

ANSWER = {"full_file": 'answer=\\"replace\\"', "diff": 'answer=\\"patch\\"', "structured_edit": 'answer=\\"edit\\"'}
NOTHING = json.dumps({"summary": "It is so already", "files": [], "blocked": None})
LIBRARY = "def price():\n    return 1\n\n\ndef name():\n    return 'bread'\n"
LONG = "".join(f"line {number}\n" for number in range(100))
LONGER = "".join(f"row {number}\n" for number in range(400))


def reply(path: str, content: str) -> str:
    action = "replace" if path in BEFORE else "create"
    return json.dumps({"summary": "a change", "files": [{"path": path, "action": action, "content": content}], "blocked": None})


def configure(desk: Desk, text: str) -> None:
    file = desk.home / ".config" / "autopack" / "settings.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, "utf-8")


def asked_in(events: list[dict], phase: str) -> list[str]:
    """The form of each attempt of a phase."""
    return [line["mode"] for line in events if line["event"] == "phase_building" and line["phase"] == phase]


def test_a_plan_and_the_users_configuration_are_obeyed_to_the_letter(tmp_path):
    files = {**FILES, "RULES.md": "Prices are whole cents.\n", "AGENTS.md": "Never read this.\n", "sub/here.txt": "here\n"}
    desk = Desk.make(tmp_path, files)
    base = desk.git("rev-parse", "HEAD")
    commit_files(desk.repo, {"later.txt": "later\n"}, "later")
    configure(
        desk,
        'git: {branch: "work/{run}", subject: "[{phase}] {summary}"}\n'
        f"workspace: {{dir: {json.dumps(str(tmp_path / 'trees'))}}}\n"
        "sandbox: off\n",
    )
    forced = list(ANSWER)
    desk.plan(
        *(phase_of(mode.replace("_", "-"), builder_mode=mode) for mode in forced),
        phase_of("same", allow_no_change=True),
        phase_of("env", ci={**CHECK, "command": 'test "$COLOUR" = "dark blue"', "env": {"COLOUR": "dark blue"}}),
        phase_of("cwd", ci={**CHECK, "command": f"test -e here.txt && pwd > '{tmp_path}/pwd'", "cwd": "sub"}),
        instructions=["RULES.md"],
        base=base,
    )
    names = [mode.replace("_", "-") for mode in forced]
    oracle = oracle_of({**{name: {"app.txt": f"{name}\n"} for name in (*names, "env", "cwd")}, "same": {}}, files)

    def script(request):
        is_idle = is_builder(request) and request.headers["x-autopack-phase"] == "same"
        return NOTHING if is_idle else oracle(request)

    with scripted_server(script) as server:
        (desk.repo / ".env").write_text("ANTHROPIC_API_KEY=k-of-the-file-7890\nANTHROPIC_BASE_URL=http://127.0.0.1:9\n", "utf-8")
        done = desk.with_env(ANTHROPIC_BASE_URL=server.base_url).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert len(server.calls) == 2 * 6, "the address of the environment was asked, not that of the file"
        for mode, name in zip(forced, names, strict=True):
            text = server.asked("builder", name)[0].text
            assert [word for word in ANSWER.values() if word in text] == [ANSWER[mode]], name
        for call in server.calls:
            assert "Prices are whole cents." in call.text, (call.role, call.phase)
            assert "Never read this." not in call.text
    introduced = done.told("run_introduced")[0]["message"]
    assert "paid by ANTHROPIC_API_KEY …7890 (.env)" in introduced
    assert f"base {base[:10]}, branch work/r" in introduced
    assert "k-of-the-file" not in done.stdout
    assert any(".env sets ANTHROPIC_BASE_URL, which is ignored" in line["message"] for line in done.told("note"))
    assert_branch(desk, base, names)
    place = Path((tmp_path / "pwd").read_text("utf-8").strip())
    assert place.is_relative_to(tmp_path / "trees")
    assert place.name == "sub"
    assert not list((desk.home / ".local" / "state").rglob("r"))


def assert_branch(desk: Desk, base: str, names: list[str]) -> None:
    subjects = desk.git("log", "--reverse", "--format=%s", f"{base}..work/r").split("\n")
    assert subjects == [*(f"[{name}] {name}" for name in names), "[same] It is so already", "[env] env", "[cwd] cwd"]
    same = desk.git("log", "--format=%H", "--grep", "Autopack-Phase: same", "work/r")
    assert desk.git("rev-parse", f"{same}^{{tree}}") == desk.git("rev-parse", f"{same}^^{{tree}}")
    assert "Autopack-Attempt: 1" in desk.git("log", "-1", "--format=%B", same)
    assert desk.git("rev-parse", f"work/r~{len(subjects)}") == base
    assert not desk.git("branch", "--list", "autopack/*")


def is_builder(request) -> bool:
    return request.headers["x-autopack-role"] == "builder"


BEFORE = {**FILES, "AGENTS.md": "Never read this.\n", "lib.py": LIBRARY, "long.txt": LONG}
SPOILT = {
    "shrink": (reply("long.txt", "short\n"),),
    "grow": (reply("long.txt", LONGER),),
    "gone": (json.dumps({"summary": "away", "files": [{"path": "docs/notes.txt", "action": "delete"}]}),),
    "lost": (reply("lib.py", "def price():\n    return 2\n"),),
    "twice": (reply("app.txt", "two\n# ... rest of the file unchanged ...\n"),) * 2,
    "prose": ("I would rather talk about it.",),
    "moody": (),
}
AFTER = {
    "shrink": {"long.txt": LONG.replace("line 7\n", "line seven\n")},
    "grow": {"long.txt": LONG.replace("line 8\n", "line eight\n")},
    "gone": {"docs/notes.txt": "kept\n"},
    "lost": {"lib.py": LIBRARY.replace("return 1", "return 2")},
    "twice": {"app.txt": "two\n"},
    "prose": {"app.txt": "three\n"},
    "moody": {"app.txt": "four\n"},
}


def test_guards_refuse_what_a_phase_did_not_allow_and_a_form_that_fails_gives_way_to_another(tmp_path):
    desk = Desk.make(tmp_path, BEFORE).configured("replan: {max_replans_per_phase: 0}\n")
    first = desk.git("rev-parse", "HEAD")
    base = commit_files(desk.repo, {"later.txt": "later\n"}, "later")
    counter = tmp_path / "counter"
    moody = f"grep -q four app.txt || exit 0; [ -e '{counter}' ] || {{ touch '{counter}'; exit 1; }}"
    desk.plan(
        phase_of("shrink", "long.txt"),
        phase_of("grow", "long.txt", depends_on=["shrink"]),
        phase_of("gone", "docs/"),
        phase_of("lost", "lib.py", task_category="bugfix", complexity="low"),
        phase_of("twice"),
        phase_of("prose"),
        phase_of("moody", ci={**CHECK, "command": moody, "flaky": {"on_flaky": "fail"}}),
        instructions=[],
        base=first,
    )
    oracles = {name: oracle_of({name: files}, BEFORE) for name, files in AFTER.items()}

    def script(request):
        phase, attempt = request.headers["x-autopack-phase"], int(request.headers["x-autopack-attempt"])
        if is_builder(request) and attempt <= len(SPOILT[phase]):
            return SPOILT[phase][attempt - 1]
        return oracles[phase](request)

    with scripted_server(script) as server:
        keyed = desk.beside(server).with_env(AUTOPACK_SANDBOX="off")
        done = keyed.autopack("run", "--run-id", "r", "--base", "main", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert not any("Never read this." in call.text for call in server.calls)
        bought = len(server.calls)
        again = keyed.autopack("run", "--run-id", "r", "--base", "main")
        taken = keyed.autopack("run", "--run-id", "r", "--new")
        assert len(server.calls) == bought
    told = [(line["phase"], line["kind"]) for line in done.told("phase_recovering")]
    assert told == [
        ("shrink", "guard"),
        ("grow", "guard"),
        ("gone", "guard"),
        ("lost", "guard"),
        ("twice", "syntax"),
        ("twice", "syntax"),
        ("prose", "reply_malformed"),
        ("moody", "flaky"),
    ]
    reasons = {line["phase"]: line["message"] for line in done.told("phase_recovering")}
    assert "shrink from 100 to 1 lines" in reasons["shrink"]
    assert "grow from 100 to 400 lines" in reasons["grow"]
    assert "does not allow deletions" in reasons["gone"]
    assert "`name` would be gone" in reasons["lost"]
    assert asked_in(done.events, "twice") == ["full_file", "full_file", "structured_edit"]
    assert asked_in(done.events, "prose") == ["full_file", "structured_edit"]
    assert desk.git("merge-base", "autopack/r", "main") == base, "the option is stronger than the plan"
    assert desk.at("autopack/r", "lib.py") == AFTER["lost"]["lib.py"]
    assert (again.exit_code, taken.exit_code) == (2, 2)
    assert f"run 'r' has its base already ({base[:10]})" in again.stderr
    assert "run 'r' exists already" in taken.stderr


def test_a_phases_own_command_has_nothing_of_what_the_defaults_command_reports(tmp_path):
    desk = Desk.make(tmp_path)
    reporting = {"command": "sh check.sh", "tests": "required", "results": {"format": "junit", "path": "unit.xml"}, "timeout_s": 30}
    desk.plan(phase_of("one", ci={"command": "sh ./check.sh"}), defaults={"complexity": "low", "ci": reporting})
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
