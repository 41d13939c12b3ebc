"""`plan hardening` on projects of three kinds, as their users type it; what comes out is a plan that `plan check` takes and a run runs."""

import json

import pytest

from autopack.settings.node import plain
from autopack.settings.yaml_text import read_yaml
from tests.support.command import Desk, ending, oracle_of, refusal
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

PYTHON = {
    "pyproject.toml": "[tool.pytest.ini_options]\n",
    "README.md": "# shop\n",
    "docs/use.md": "Use it.\n",
    "shop/__init__.py": "",
    "shop/login.py": "def login(password): ...\n",
    "shop/search.py": "def search(query): ...\n",
    "tests/test_login.py": "def test_login(): ...\n",
}
NPM = {
    "package.json": '{"scripts": {"test": "node --test"}}\n',
    "Dockerfile": "FROM node:22\n",
    "server.js": "// login and logout, session and password\n",
    "src/components/Basket.jsx": "",
    "test/server.test.js": "",
}
GO = {
    "go.mod": "module shop\n",
    "users/auth.go": "package users\n",
    "users/auth_test.go": "package users\n",
    "store/migrations/0001.sql": "",
    "cmd/shop/main.go": "package main\n",
}


def plan_in(desk: Desk, name: str = "hard.yaml"):
    return plain(read_yaml((desk.repo / name).read_text("utf-8"), name, []))


def scopes(desk: Desk, name: str = "hard.yaml"):
    return {phase["id"]: phase["scope"]["paths"] for phase in plan_in(desk, name)["phases"]}


@pytest.mark.parametrize(
    ("files", "check", "wanted"),
    [
        (
            PYTHON,
            ".venv/bin/python -m pytest -q",
            {
                "auth": ["shop/login.py", "tests/test_login.py", "tests/test_auth.py"],
                "search-quality": ["shop/search.py", "tests/test_search_quality.py"],
                "docs-final": ["README.md", "docs/use.md"],
            },
        ),
        (
            NPM,
            "npm test",
            {
                "auth": ["server.js", "test/auth.test.js"],
                "ui-ux-polish": ["src/components/Basket.jsx", "test/ui-ux-polish.test.js"],
                "deploy-verify": ["Dockerfile", "test/deploy-verify.test.js"],
            },
        ),
        (
            GO,
            "go test ./...",
            {
                "auth": ["users/auth.go", "users/auth_test.go"],
                "backup-migrations": ["store/migrations/0001.sql", "users/backup_migrations_test.go"],
                "e2e-smoke": ["cmd/shop/main.go", "cmd/shop/e2e_smoke_test.go"],
            },
        ),
    ],
    ids=["python", "npm", "go"],
)
def test_each_kind_of_project_gets_a_plan_of_its_own_paths_and_check_that_plan_check_takes(tmp_path, files, check, wanted):
    desk = Desk.make(tmp_path, files)
    made = desk.autopack("plan", "hardening", "-o", "hard.yaml")
    assert made.exit_code == 0, made.stderr
    assert "left out, since nothing in this repository looks like the place: " in made.stderr
    found = scopes(desk)
    assert {name: found[name] for name in wanted} == wanted
    plan = plan_in(desk)
    assert plan["defaults"]["ci"]["command"] == check
    assert plan["defaults"]["ci"]["log_on_success"] is True
    checked = desk.autopack("plan", "check", "hard.yaml", "--json")
    assert checked.exit_code == 0, checked.stderr
    assert checked.json["problems"] == []


def test_features_choose_phases_and_a_scope_that_a_person_names_counts(tmp_path):
    desk = Desk.make(tmp_path, PYTHON)
    words = ("--features", "auth,planning", "--scope", "planning-fortify=notes/", "--scope", "auth=shop/new.py", "--project", "corner")
    made = desk.autopack("plan", "hardening", *words, "--json")
    assert made.exit_code == 0, made.stderr
    assert [phase["id"] for phase in made.json["plan"]["phases"]] == ["auth", "planning-fortify"]
    assert made.json["plan"]["project"] == "corner"
    assert made.json["found"][0] == {
        "phase": "auth",
        "paths": ["shop/new.py", "tests/test_auth.py"],
        "new": ["tests/test_auth.py"],
        "why": "named with --scope",
    }
    assert made.json["left_out"] == ["security-basics"]
    printed = desk.autopack("plan", "hardening", *words)
    assert plain(read_yaml(printed.stdout, "x", []))["phases"] == made.json["plan"]["phases"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--features", "aut"), "'aut' is no feature of hardening; did you mean 'auth'?"),
        (("--scope", "auth"), "`--scope auth` names no path; write `--scope PHASE=PATH`."),
        (("--scope", "autth=x"), "'autth' is no phase of the chosen ones; did you mean 'auth'?"),
        (("--scope", "auth=../x"), "`--scope auth=../x`: `../x` has a `..`; it may not leave the repository."),
        (("--template", "hardenin"), "There is no template 'hardenin'; did you mean 'hardening'?"),
    ],
)
def test_words_that_are_off_are_refused_with_one_sentence(desk, words, sentence):
    assert sentence in refusal(desk.autopack("plan", "hardening", *words), 2)


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    desk = Desk.make(tmp_path, PYTHON)
    (desk.repo / "hard.yaml").write_text("mine\n", "utf-8")
    told = desk.autopack("plan", "hardening", "-o", "hard.yaml")
    assert told.exit_code == 2
    assert "is there already and was not touched" in told.stderr
    assert (desk.repo / "hard.yaml").read_text("utf-8") == "mine\n"


def test_where_nothing_is_found_the_person_is_asked_for_a_place(desk):
    told = desk.autopack("plan", "hardening", "--features", "auth")
    assert told.exit_code == 3
    assert "name places with `--scope PHASE=PATH`" in told.stderr


def test_merging_keeps_a_persons_edits_and_comments_and_never_adds_a_phase_twice(tmp_path):
    desk = Desk.make(tmp_path, PYTHON)
    assert desk.autopack("plan", "hardening", "--features", "auth", "-o", "hard.yaml").exit_code == 0
    file = desk.repo / "hard.yaml"
    mine = file.read_text("utf-8").replace("complexity: high", "complexity: low   # it is small", 1) + "# my last word\n"
    file.write_text(mine, "utf-8")
    merged = desk.autopack("plan", "hardening", "--features", "auth,search,docs", "--merge", "hard.yaml")
    assert merged.exit_code == 0, merged.stderr
    assert "hard.yaml: search-quality, docs-final added; kept as they are: auth" in merged.stderr
    after = file.read_text("utf-8")
    head, _ = after.split("\n  - id: search-quality")
    assert mine.startswith(head.rstrip("\n"))
    assert after.endswith("# my last word\n")
    again = desk.autopack("plan", "hardening", "--features", "auth,search,docs", "--merge", "hard.yaml")
    assert "nothing added" in again.stderr
    assert file.read_text("utf-8") == after
    assert desk.autopack("plan", "check", "hard.yaml").exit_code == 0


def test_a_plan_with_faults_is_not_merged_with(tmp_path):
    desk = Desk.make(tmp_path, PYTHON)
    (desk.repo / "autopack.yaml").write_text("version: 1\ngoal: g\nphases:\n  - id: a\n", "utf-8")
    told = desk.autopack("plan", "hardening", "--merge", "autopack.yaml")
    assert told.exit_code == 3
    assert "phase 'a' has no `description`" in told.stderr
    assert (desk.repo / "autopack.yaml").read_text("utf-8").endswith("- id: a\n")


def test_the_templates_of_the_repository_and_of_the_user_are_listed_shown_and_used(desk):
    own = {
        "version": 1,
        "name": "release",
        "summary": "Before a release.",
        "goal": "The notes are right.",
        "phases": [
            {
                "id": "notes",
                "features": ["docs"],
                "description": "Write notes.",
                "acceptance_criteria": ["They are there."],
                "find": {"paths": ["docs/*.txt"]},
                "tests": False,
            }
        ],
    }
    folder = desk.repo / ".autopack/templates"
    folder.mkdir(parents=True)
    (folder / "release.json").write_text(json.dumps(own), "utf-8")
    mine = (
        "version: 1\nname: mine\nsummary: My own.\ngoal: g\nphases:\n  - {id: a, features: [x], description: d, acceptance_criteria: [c]}\n"
    )
    (desk.home / ".config/autopack/templates").mkdir(parents=True)
    desk.configured(mine, "templates/mine.yaml")
    listed = desk.autopack("plan", "templates")
    assert [line for line in listed.stdout.splitlines() if not line.startswith(" ")] == [
        "release  (repository: .autopack/templates/release.json)  Before a release.",
        f"mine  (user: {desk.home}/.config/autopack/templates/mine.yaml)  My own.",
        "hardening  (shipped: hardening_phases.json)  Fifteen phases that make a working project dependable.",
    ]
    shown = desk.autopack("plan", "templates", "show", "release")
    assert "  - They are there." in shown.stdout
    assert (
        desk.autopack("plan", "templates", "show", "release", "--json").json["templates"][0]["template"]["goal"] == "The notes are right."
    )
    made = desk.autopack("plan", "hardening", "--template", "release")
    assert plain(read_yaml(made.stdout, "x", []))["phases"][0]["scope"] == {"paths": ["docs/notes.txt"]}
    assert json.loads(desk.autopack("plan", "schema", "--template").stdout)["title"] == "Autopack template, version 1"


def test_a_run_takes_the_plan_as_it_was_made(tmp_path):
    desk = Desk.make(tmp_path, {**PYTHON, "Makefile": "test:\n\tgrep -q . README.md\n", "pyproject.toml": ""} | {"tests/test_login.py": ""})
    for path in ("pyproject.toml", "tests/test_login.py", "shop/login.py", "shop/search.py", "shop/__init__.py"):
        desk.git("rm", "-q", path)
    desk.git("commit", "-q", "-m", "words only")
    assert desk.autopack("plan", "hardening", "--features", "docs", "-o", "autopack.yaml").exit_code == 0
    before = {"README.md": "# shop\n", "docs/use.md": "Use it.\n"}
    with scripted_server(oracle_of({"docs-final": {"docs/use.md": "Use it so.\n"}}, before)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert "complete" in ending(done, 0)
    assert desk.at("autopack/r", "docs/use.md") == "Use it so.\n"
