"""`plan new`: a planner's plan through the real command line and the wire; checked, sent back, paid for once, replayable."""

import json
import signal
import threading

import pytest

from autopack.settings.node import plain
from autopack.settings.yaml_text import read_yaml
from tests.support.command import FILES, Desk, ending, held_until, oracle_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

GOAL = "The app says two."
PHASE = {
    "id": "say-two",
    "description": "Let app.txt say two, and write it down in docs/two.txt, a new file.",
    "task_category": "feature",
    "complexity": "low",
    "depends_on": [],
    "acceptance_criteria": ["app.txt says two."],
    "scope": {"paths": ["app.txt", "docs/two.txt"], "read_only_context": ["docs/notes.txt"]},
    "max_attempts": 4,
    "max_tokens": 200000,
}
PLAN = {"version": 1, "goal": GOAL, "phases": [PHASE]}
WRONG = {
    "version": 1,
    "goal": GOAL,
    "phases": [{**PHASE, "depends_on": ["nobody"], "scope": {"paths": ["src/", "x.py"]}, "max_tokens": None}],
}
FINDINGS = {"findings": [{"fact": "app.txt is all there is", "paths": ["app.txt"]}]}
QUESTIONS = {"questions": [{"id": "how", "question": "How loudly?", "why": "Two plans.", "default": "Softly."}]}
MAKE = {**FILES, "Makefile": "test:\n\tsh check.sh\n", "AGENTS.md": "Speak softly.\n", "shop.py": "def basket(): ...\n"}


@pytest.fixture
def desk(tmp_path):
    return Desk.make(tmp_path, MAKE)


def says(*plans, **parts):
    """A planner that answers these, one after the other, and the parts of the kick-off by their names."""
    left = list(plans)

    def script(request):
        phase = request.headers["x-autopack-phase"]
        assert request.headers["x-autopack-role"] == "planner"
        assert request.headers["x-autopack-attempt"] == "1"
        found = parts[phase] if phase in parts else left.pop(0) if len(left) > 1 else left[0]
        return {"text": found if isinstance(found, str) else json.dumps(found)}

    return script


def read(text):
    return plain(read_yaml(text, "x", []))


def test_a_goal_becomes_a_plan_that_plan_check_takes_and_a_run_runs(desk):
    with scripted_server(says(PLAN)) as server:
        made = desk.beside(server).autopack("plan", "new", GOAL, "-o", "autopack.yaml")
        assert made.exit_code == 0, made.stderr
        (call,) = server.calls
        for shown in ("shop.py", "def basket", "Speak softly.", "make test", GOAL):
            assert shown in call.text
    text = (desk.repo / "autopack.yaml").read_text("utf-8")
    assert "    # new: docs/two.txt\n" in text
    plan = read(text)
    assert plan["defaults"]["ci"] == {"command": "make test"}
    assert plan["phases"][0] == PHASE
    assert desk.autopack("plan", "check").exit_code == 0
    answers = {"say-two": {"app.txt": "two\n", "docs/two.txt": "two\n"}}
    with scripted_server(oracle_of(answers, MAKE)) as server:
        ending(desk.beside(server).autopack("run", "--run-id", "r"), 0)
    assert desk.at("autopack/r", "docs/two.txt") == "two\n"


def test_a_plan_with_faults_is_sent_back_with_all_of_them_at_once(desk):
    with scripted_server(says("no plan", WRONG, PLAN)) as server:
        made = desk.beside(server).autopack("plan", "new", GOAL, "--json")
        assert made.exit_code == 0, made.stderr
        first, second, third = (call.text for call in server.calls)
    assert made.json["tries"] == 3
    assert made.json["faults"] == []
    assert "It cannot be used" not in first
    assert "the reply is not the one JSON object" in second
    for fault in (
        "depends on 'nobody', which is no phase",
        "has no `max_tokens`; it is asked of every phase",
        "`scope.read_only_context`; write []",
    ):
        assert fault in third


def test_after_three_returns_the_plan_is_written_with_what_is_wrong_marked_and_the_code_is_3(desk):
    with scripted_server(says(WRONG)) as server:
        made = desk.beside(server).autopack("plan", "new", GOAL, "-o", "made.yaml")
        assert len(server.calls) == 4
    assert made.exit_code == 3
    assert "The plan is not whole after 4 tries" in made.stderr
    text = (desk.repo / "made.yaml").read_text("utf-8")
    assert "  # WRONG: phase 'say-two' depends on 'nobody', which is no phase;" in text
    assert read(text)["phases"][0]["id"] == "say-two"


def test_a_scope_must_exist_or_be_named_as_new_by_the_description(desk):
    stray = {
        **PLAN,
        "phases": [
            {
                **PHASE,
                "description": "Let app.txt say two.",
                "scope": {"paths": ["app.tx", "src/", "docs/two.txt"], "read_only_context": []},
            }
        ],
    }
    with scripted_server(says(stray, PLAN)) as server:
        assert desk.beside(server).autopack("plan", "new", GOAL).exit_code == 0
        told = server.calls[1].text
    for fault in (
        "Did you mean `app.txt`?",
        "`src/` of the scope matches nothing",
        "`docs/two.txt` of the scope does not exist, and the description",
    ):
        assert fault in told


def test_what_was_paid_for_is_not_asked_again_and_stands_in_usage_and_journal(desk, tmp_path):
    with scripted_server(says(PLAN)) as server:
        shell = desk.beside(server)
        first = shell.autopack("plan", "new", GOAL, "--json")
        again = shell.autopack("plan", "new", GOAL, "--json")
        assert first.json["plan"] == again.json["plan"]
        assert len(server.calls) == 1
    name = first.json["id"]
    used = desk.autopack("usage", name, "--json")
    assert [(row["phase"], row["role"]) for row in used.json["rows"]] == [("plan", "planner")]
    assert used.json["total"]["usd"] > 0
    journal = tmp_path / "journal.jsonl"
    assert desk.autopack("journal", "export", name, "-o", journal).exit_code == 0
    other = Desk.make(tmp_path / "other", MAKE)
    replayed = other.autopack("plan", "new", GOAL, "--replay", journal, "--json")
    assert replayed.exit_code == 0, replayed.stderr
    assert replayed.json["plan"] == first.json["plan"]


def test_a_kick_off_asks_three_at_once_and_gives_its_questions_to_a_person(desk):
    parts = {"research": FINDINGS, "analysis": FINDINGS, "questions": QUESTIONS}
    with scripted_server(says(PLAN, **parts)) as server:
        shell = desk.beside(server)
        asked = shell.autopack("plan", "new", GOAL, "--kickoff")
        assert asked.exit_code == 0, asked.stderr
        assert sorted(call.phase for call in server.calls) == ["analysis", "questions", "research"]
        assert "1 question" not in asked.stderr
        assert "a question is open" in asked.stderr
        assert read(asked.stdout) == {"answers": [{"id": "how", "question": "How loudly?", "default": "Softly.", "answer": ""}]}
        (desk.repo / "answers.yaml").write_text(asked.stdout.replace('answer: ""', "answer: As loud as can be."), "utf-8")
        made = shell.autopack("plan", "new", GOAL, "--kickoff", "--answers", "answers.yaml")
        assert made.exit_code == 0, made.stderr
        assert len(server.calls) == 4, "what was found is not paid for again"
        last = server.calls[-1].text
    assert "As loud as can be." in last
    assert "app.txt is all there is" in last
    assert read(made.stdout)["phases"] == [PHASE]


def test_a_kick_off_without_questions_goes_straight_on_to_the_plan(desk):
    with scripted_server(says(PLAN, research=FINDINGS, analysis="no JSON", questions={"questions": []})) as server:
        made = desk.beside(server).autopack("plan", "new", GOAL, "--kickoff")
        assert made.exit_code == 0, made.stderr
        assert len(server.calls) == 4
    assert read(made.stdout)["phases"] == [PHASE]


def test_ctrl_c_keeps_what_was_paid_for_and_goes_on_from_it(desk):
    release = threading.Event()
    with scripted_server(held_until(release, says(WRONG, PLAN))) as server:
        shell = desk.beside(server)
        with shell.start("plan", "new", GOAL, "--json") as running:
            running.until(lambda: len(server.calls) == 1)
            running.send(signal.SIGINT)
            running.until(lambda: "stopping after this step" in running.err.read_text("utf-8"))
            release.set()
            ended = running.end()
        assert ended.exit_code == 130
        assert "what was answered is kept" in ended.stderr
        made = shell.autopack("plan", "new", GOAL, "--json")
        assert made.exit_code == 0, made.stderr
        assert made.json["tries"] == 2
        assert len(server.calls) == 2, "the first reply was paid once"


RULES = "rules:\n  - {text: Prices are whole cents., paths: [shop.py]}\n  - {text: Of another project., project: other}\n"


def test_the_planner_is_shown_the_rules_of_the_project_that_hold_and_no_others(desk):
    folder = desk.repo / ".autopack"
    folder.mkdir()
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    assert desk.autopack("rules", "add", "Speak of baskets, never of carts.", "--project", "shop").exit_code == 0
    added = desk.autopack("rules", "add", "Out of date.", "--project", "shop")
    name = added.stdout.split()[1] if added.stdout.startswith("rule ") else (added.stdout + added.stderr).split("rule ")[1].split()[0]
    assert desk.autopack("rules", "deprecate", name, "--project", "shop").exit_code == 0
    with scripted_server(says(PLAN)) as server:
        assert desk.beside(server).autopack("plan", "new", GOAL, "--project", "shop").exit_code == 0
        (call,) = server.calls
    assert "Prices are whole cents." in call.text
    assert "Speak of baskets, never of carts." in call.text
    assert "Of another project." not in call.text
    assert "Out of date." not in call.text


def test_rules_that_cannot_be_read_are_refused_before_anybody_is_asked(desk):
    (desk.repo / ".autopack").mkdir()
    (desk.repo / ".autopack" / "rules.yaml").write_text("rules: 7\n", "utf-8")
    with scripted_server(says(PLAN)) as server:
        made = desk.beside(server).autopack("plan", "new", GOAL)
        assert server.calls == []
    assert made.exit_code == 3
    assert ".autopack/rules.yaml:1: `rules` must be a list" in made.stderr


@pytest.mark.parametrize("status", [None, 404], ids=["responses", "chat"])
def test_a_planner_behind_an_api_of_openai_plans_too(desk, status):
    """A server that does not know the Responses API is asked through Chat Completions."""

    def script(request):
        if status and request.provider == "responses":
            return {"fault": {"kind": "status", "status": status, "message": "no such route"}}
        return {"text": json.dumps(PLAN)}

    with scripted_server(script) as server:
        made = desk.beside(server, "openai").autopack("plan", "new", GOAL, "--json")
        assert made.exit_code == 0, made.stderr
        assert server.calls[-1].provider == ("chat" if status else "responses")
    assert made.json["tries"] == 1
    assert made.json["plan"]["phases"] == [PHASE]


@pytest.mark.parametrize("api", ["anthropic", "openai"])
def test_killed_between_two_calls_it_goes_on_with_what_was_paid_for(desk, api):
    release = threading.Event()
    held, first = held_until(release, lambda _: {"text": json.dumps(PLAN)}), {"text": json.dumps(WRONG)}
    with scripted_server(lambda request: first if request.call == 1 else held(request)) as server:
        shell = desk.beside(server, api)
        with shell.start("plan", "new", GOAL, "--json") as running:
            running.until(lambda: len(server.calls) == 2)
            running.send(signal.SIGKILL)
            assert running.end().exit_code != 0
        release.set()
        made = shell.autopack("plan", "new", GOAL, "--json")
        assert made.exit_code == 0, made.stderr
        assert made.json["tries"] == 2
        assert len(server.calls) == 3, (
            "the first reply was paid once; the second question, which nobody heard the answer of, is asked again"
        )
    used = desk.autopack("usage", made.json["id"], "--json").json["rows"]
    assert sum(row["usage"]["calls"] for row in used) == 3


def test_a_cap_under_which_the_question_does_not_fit_is_kept(desk):
    with scripted_server(says(PLAN)) as server:
        told = desk.beside(server).autopack("plan", "new", GOAL, "--max-usd", "0.0001")
        assert told.exit_code == 5, told.stderr
        assert server.calls == []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((" ",), 2, "The goal is empty"),
        ((GOAL, "--answers", "x"), 2, "--answers belongs to --kickoff"),
        ((GOAL, "-o", "app.txt"), 2, "app.txt is there already; nothing was asked"),
        ((GOAL, "--kickoff", "--answers", "nowhere.yaml"), 3, "nowhere.yaml cannot be read"),
        ((GOAL, "--model", "nobody"), 2, "--model nobody: no such model"),
        ((GOAL,), 6, "No provider has a key"),
    ],
)
def test_words_and_places_that_are_off_are_refused_before_anybody_is_asked(desk, words, code, sentence):
    told = desk.autopack("plan", "new", *words)
    assert told.exit_code == code
    assert sentence in told.stderr
