"""`plan from-markdown` on the forms in which people keep their work; without a model."""

import json

import pytest

from autopack.settings.node import plain
from autopack.settings.yaml_text import read_yaml
from tests.support.command import FILES, Desk, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

SPEC_KIT = """\
---
description: "Task list"
project: photo
---
# Tasks: Photo albums

People sort their photos.

## Format: `[ID] [P?] [Story] Description`

- **[P]**: Can run in parallel

## Phase 1: Setup

- [x] T001 Create project structure

## Phase 2: Foundational (Blocking)

- [ ] T004 Set up the schema in src/schema.py
- [ ] T005 [P] Add `src/base.py`

**Checkpoint**: The schema is there.

---

## Phase 3: User Story 1 - Albums (Priority: P1) 🎯 MVP

**Independent Test**: Create an album and see it listed.

- [ ] T012 [P] [US1] Album in `src/album.py` (depends on T004)

## Phase 4: User Story 2 - Sharing (Priority: P2)

- [ ] T020 [US2] Share in `src/share.py`

## Phase N: Polish

- [ ] T030 Update `docs/notes.txt`

## Dependencies & Execution Order

- **Setup (Phase 1)**: No dependencies
"""
TASKS = {
    "master": {
        "tasks": [
            {"id": 1, "title": "Init", "status": "done", "dependencies": []},
            {
                "id": 2,
                "title": "Login",
                "details": "In `src/login.js`.",
                "testStrategy": "A wrong password is refused.",
                "dependencies": [1],
            },
            {"id": 3, "title": "Logout", "details": "In `src/logout.js`.", "dependencies": [2]},
        ]
    }
}


def converted(desk: Desk, name: str, text: str, *words: str):
    (desk.repo / name).write_text(text, "utf-8")
    made = desk.autopack("plan", "from-markdown", name, "-o", "made.yaml", *words)
    file = desk.repo / "made.yaml"
    written = file.read_text("utf-8") if file.exists() else ""
    return made, written, plain(read_yaml(written, "x", [])) if written else None


def test_spec_kits_tasks_become_a_phase_for_each_of_its_phases(desk):
    made, text, plan = converted(desk, "tasks.md", SPEC_KIT)
    assert made.exit_code == 0, made.stderr
    assert "note: not taken from the front matter: description" in made.stderr
    assert "note: left out, since it is done: Setup" in made.stderr
    assert plan["project"] == "photo"
    assert plan["goal"] == "Photo albums. People sort their photos."
    assert [(phase["id"], phase["depends_on"], phase["scope"]["paths"]) for phase in plan["phases"]] == [
        ("foundational", [], ["src/base.py", "src/schema.py"]),
        ("user-story-1-albums-mvp", ["foundational"], ["src/album.py"]),
        ("user-story-2-sharing", ["foundational"], ["src/share.py"]),
        ("polish", ["foundational", "user-story-1-albums-mvp", "user-story-2-sharing"], ["docs/notes.txt"]),
    ]
    assert plan["phases"][1]["acceptance_criteria"] == ["Create an album and see it listed."]
    assert "    # guessed, since it stands without backticks: src/schema.py\n" in text
    assert desk.autopack("plan", "check", "made.yaml").exit_code == 0


def test_task_masters_tasks_become_phases_with_their_order_and_strategy(desk):
    made, _, plan = converted(desk, "tasks.json", json.dumps(TASKS))
    assert made.exit_code == 0, made.stderr
    assert [(phase["id"], phase["depends_on"]) for phase in plan["phases"]] == [("2-login", []), ("3-logout", ["2-login"])]
    assert plan["phases"][0]["acceptance_criteria"] == ["A wrong password is refused."]
    assert desk.autopack("plan", "check", "made.yaml").exit_code == 0


def test_a_check_list_with_a_plan_in_its_front_matter_becomes_a_plan_that_a_run_runs(desk):
    text = (
        "---\ngoal: The app says two.\nbudget: {max_usd: 1}\ndefaults: {complexity: low, ci: {command: sh check.sh, tests: none}}\n---\n"
        "- [ ] `one`: Let `app.txt` say two\n  - [ ] It says two\n- [ ] `notes`: Say so in `docs/notes.txt`. Depends on `one`\n"
    )
    made, _, plan = converted(desk, "TODO.md", text)
    assert made.exit_code == 0, made.stderr
    assert "guesses" not in made.stderr
    assert plan["budget"] == {"max_usd": 1}
    assert plan["phases"][1]["depends_on"] == ["one"]
    (desk.repo / "made.yaml").rename(desk.repo / "autopack.yaml")
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}, "notes": {"docs/notes.txt": "two\n"}}, FILES)) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "r"), 0)
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_where_the_text_names_no_file_the_plan_is_written_with_its_gap_marked_and_the_code_is_3(desk):
    made, text, _ = converted(desk, "steps.md", "1. Make `app.txt` say two\n2. Think about life\n")
    assert made.exit_code == 3
    assert "steps.md does not say which files think-about-life may change" in made.stderr
    assert "# from line 2; nothing is said of when it is done: add acceptance_criteria; nothing is said of its files" in text
    checked = desk.autopack("plan", "check", "made.yaml")
    assert checked.exit_code == 3
    assert "phase 'think-about-life' has no `scope`" in checked.stderr


def test_phases_of_a_document_can_be_merged_into_a_plan(desk):
    desk.plan()
    (desk.repo / "more.md").write_text("## Step 1: Notes\n\nChange `docs/notes.txt`.\n", "utf-8")
    made = desk.autopack("plan", "from-markdown", "more.md", "--merge", "autopack.yaml", "--json")
    assert made.exit_code == 0, made.stderr
    assert made.json["added"] == ["notes"]
    assert desk.autopack("plan", "check").exit_code == 0


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.md", "only words\n", "a.md holds no headings, check lists or numbered steps"),
        ("a.md", "- [x] all\n", "Everything in a.md is done"),
        ("a.json", '{"x": 1}', "a.json holds no `tasks`"),
        ("a.json", '{"a": {"tasks": [{"id": 1}]}, "b": {"tasks": []}}', "choose one with `--tag`"),
        ("a.md", "---\na: [\n---\n# x\n", "a.md cannot be read:"),
    ],
)
def test_what_no_phase_can_be_made_of_is_said_in_a_sentence(desk, name, text, sentence):
    made, written, _ = converted(desk, name, text)
    assert made.exit_code == 3
    assert sentence in made.stderr
    assert written == ""


def test_a_model_fills_in_what_the_text_leaves_open_and_changes_nothing_that_it_says(desk):
    (desk.repo / "steps.md").write_text(
        "1. Make `app.txt` say two\n2. Think about `docs/notes.txt`\n3. Say it. Depends on step 1\n", "utf-8"
    )
    filled = {"acceptance_criteria": ["It is so."], "max_attempts": 3, "max_tokens": 1000, "depends_on": [], "description": "other"}
    scope = {"paths": ["check.sh"], "read_only_context": []}
    names = ("make-app-txt-say-two", "think-about-docs-notes-txt", "say-it")
    plan = {"version": 1, "goal": "x", "phases": [{"id": name, "scope": scope, **filled} for name in (*names, "more")]}
    with scripted_server(lambda _: {"text": json.dumps(plan)}) as server:
        made = desk.beside(server).autopack("plan", "from-markdown", "steps.md", "--model", "sonnet", "-o", "made.yaml")
        asked = server.calls[0].text
    assert "Think about" in asked
    text = (desk.repo / "made.yaml").read_text("utf-8")
    phases = plain(read_yaml(text, "x", []))["phases"]
    assert [phase["id"] for phase in phases] == list(names), made.stderr
    assert phases[0]["scope"]["paths"] == ["app.txt"]
    assert phases[2]["scope"]["paths"] == ["check.sh"]
    assert phases[2]["depends_on"] == ["make-app-txt-say-two"]
    assert phases[1]["depends_on"] == []
    assert phases[0]["acceptance_criteria"] == ["It is so."]
    assert phases[0]["description"].startswith("Make `app.txt`")
    assert "# filled in by the planner: " in text


def test_what_a_model_filled_in_is_merged_with_a_plan_that_is_there(desk):
    desk.plan(phase_of("one"))
    (desk.repo / "steps.md").write_text("1. Make `app.txt` say two\n", "utf-8")
    scope = {"paths": ["app.txt"], "read_only_context": []}
    filled = {"acceptance_criteria": ["It is so."], "max_attempts": 3, "max_tokens": 1000, "depends_on": [], "description": "other"}
    plan = {"version": 1, "goal": "x", "phases": [{"id": "make-app-txt-say-two", "scope": scope, **filled}]}
    with scripted_server(lambda _: {"text": json.dumps(plan)}) as server:
        made = desk.beside(server).autopack("plan", "from-markdown", "steps.md", "--model", "sonnet", "--merge", "autopack.yaml")
    assert made.exit_code == 0, made.stderr
    phases = plain(read_yaml((desk.repo / "autopack.yaml").read_text("utf-8"), "x", []))["phases"]
    assert [phase["id"] for phase in phases] == ["one", "make-app-txt-say-two"]


def test_a_cap_without_a_model_caps_nothing_and_is_refused(desk):
    (desk.repo / "steps.md").write_text("1. Make `app.txt` say two\n", "utf-8")
    made = desk.autopack("plan", "from-markdown", "steps.md", "--max-usd", "1")
    assert made.exit_code == 2
    assert "name one with `--model`" in made.stderr
