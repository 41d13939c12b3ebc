"""A builder that looks for itself: it calls tools, gets their results, and answers; every round is kept, and made once."""

import json
import signal
import sqlite3

import pytest

from tests.support.command import CHECK, Desk, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

FILES = {
    "app.txt": "one\n",
    "check.sh": "grep -q . app.txt\n",
    "lib/tax.py": "RATE = 3\n\n\ndef tax(price):\n    return price * RATE\n",
    "lib/shop.py": "from lib.tax import tax\n\nTOTAL = tax(5)\n",
    "lib/.env": "PASSWORD=hunter2hunter2\n",
    "lib/logo.bin": b"tax\0\1\2",
}
EDIT = json.dumps({"summary": "two", "files": [{"path": "app.txt", "action": "replace", "content": "two\n"}], "blocked": None})
APPROVE = json.dumps({"verdict": "approve", "confidence": 0.9, "summary": "ok", "issues": [], "criteria": [], "failure_kind": None})
ROUNDS = [
    [("read", {"path": "lib/tax.py", "first": 4}), ("search", {"pattern": "tax\\("}), ("list", {"path": "lib"})],
    [("symbols", {"name": "tax"}), ("read", {"path": "lib/.env"}), ("read", {"path": "lib/logo.bin"}), ("dance", {})],
]


@pytest.fixture
def desk(tmp_path):
    return Desk.make(tmp_path, FILES)


def calls(*named):
    return {"text": "", "tools": [{"name": name, "args": args} for name, args in named]}


def rounds_of(request):
    """How many rounds of calls this question has behind it."""
    turns = request.turns()
    return sum(kind == "call" and turns[index - 1][0] != "call" for index, (kind, _) in enumerate(turns))


def looking(rounds=ROUNDS, edit=EDIT):
    """A builder that calls these tools, round by round, and then answers; the auditor approves."""

    def script(request):
        if request.headers["x-autopack-role"] == "auditor":
            return APPROVE
        done = rounds_of(request)
        return calls(*rounds[done]) if done < len(rounds) and "read" in request.tools else edit

    return script


def results(call):
    """The results in a request, by API."""
    from tests.support.fakellm import parse

    return [text for kind, text in parse(call.provider, "/", dict(call.body), {}, 0, 1).turns() if kind == "result"]


def steps(desk, name):
    connection = sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")
    try:
        found = connection.execute("SELECT name FROM step WHERE name LIKE ? ORDER BY at", (f"{name}%",)).fetchall()
    finally:
        connection.close()
    return [row[0] for row in found]


@pytest.mark.parametrize("api", ["anthropic", "openai", "chat"])
def test_a_builder_calls_its_tools_and_answers_by_what_they_say(desk, api):
    desk.plan(phase_of("one", explore="on"))
    if api == "chat":
        desk.configured("providers: [{name: openai, api: openai-chat, api_key_env: OPENAI_API_KEY, base_url_env: OPENAI_BASE_URL}]\n")
    with scripted_server(looking()) as server:
        done = desk.beside(server, "anthropic" if api == "anthropic" else "openai").autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        first, second, third = server.asked("builder")
    assert {first.provider, third.provider} == {{"anthropic": "anthropic", "openai": "responses", "chat": "chat"}[api]}
    assert results(first) == []
    read, search, listing = results(second)
    assert "4|def tax(price):\n5|    return price * RATE\n" in read
    assert "lib/shop.py\n3: TOTAL = tax(5)\n" in search
    assert "lib/tax.py\n4: def tax(price):\n" in search
    assert "\nshop.py\n" in listing
    symbols, secret, binary, unknown = results(third)[3:]
    assert symbols.index("4|def tax(price):") < symbols.index("lib/shop.py\n1: from lib.tax import tax")
    assert "hunter2" not in third.text
    assert "environment file" in secret
    assert "binary file" in binary
    assert unknown == "There is no tool dance."
    assert results(third)[:3] == [read, search, listing]
    assert desk.at("autopack/r", "app.txt") == "two\n"
    assert desk.status("r")["phases"][0]["attempts"] == 1


def test_old_results_are_folded_where_the_models_prices_make_that_cheaper_and_a_replay_folds_the_same(tmp_path):
    files = FILES | {f"lib/{number}.txt": f"line of {number}\n" * 600 for number in range(7)}
    rounds = [[("read", {"path": f"lib/{number}.txt"})] for number in range(7)]
    for name, cached, left_out in (("plain", "", 3), ("cached", ", cache_read: 0.1, cache_write: 1.25", 0)):
        desk = Desk.make(tmp_path / name, files)
        plan = desk.plan(phase_of("one", explore="on"))
        models = f"{{big-1: {{context: 128000, max_output: 16000, usd_per_mtok: {{input: 1, output: 2{cached}}}}}}}"
        corp = f"{{name: corp, api: openai-chat, api_key_env: OPENAI_API_KEY, base_url_env: OPENAI_BASE_URL, models: {models}}}"
        desk.configured(f"providers: [{corp}]\n")
        with scripted_server(looking(rounds)) as server:
            done = desk.beside(server, "openai").autopack("run", "--run-id", "r", "--model", "corp/big-1")
            assert done.exit_code == 0, done.stderr
            *_, last = server.asked("builder")
        assert ["left out by now" in result for result in results(last)] == [True] * left_out + [False] * (7 - left_out)
        assert all(f"lib/{number}.txt" in last.text for number in range(7))
        journal = tmp_path / f"{name}.jsonl"
        assert desk.autopack("journal", "export", "r", "-o", journal).exit_code == 0
        clone = Desk(tmp_path / f"clone-{name}", desk.environment)
        git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
        (clone.repo / "autopack.yaml").write_bytes(plan.read_bytes())
        played = clone.autopack("run", "--run-id", "again", "--replay", journal, "--replay-strict", "--json")
        assert played.exit_code == 0, played.stdout + played.stderr


def test_each_round_is_a_call_of_its_own_that_the_budget_counts_and_show_tells(desk):
    desk.plan(phase_of("one", explore="on"))
    with scripted_server(looking()) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
    assert desk.status("r")["usage"]["calls"] == 4
    told = [line["message"] for line in done.events if line["event"].startswith("step_explore")]
    assert told[0] == 'read lib/tax.py:4-5; search "tax\\\\(": 2 lines; list lib'
    shown = desk.autopack("show", "r", "one")
    assert "looked" in shown.stdout
    assert "read lib/tax.py:4-5" in shown.stdout
    [attempt] = desk.autopack("show", "r", "one", "--json").json["attempts"]
    [looked] = attempt["looked"]
    assert (looked["role"], [len(one) for one in looked["rounds"]]) == ("builder", [3, 4])
    model = desk.autopack("logs", "r", "one", "--model").stdout
    assert '--- called read {"path": "lib/tax.py", "first": 4}\n<lines path="lib/tax.py"' in model
    assert "symbols" in model


def test_a_small_scope_that_is_shown_whole_has_no_tools_and_costs_nothing_more(desk):
    desk.plan(phase_of("one"))
    with scripted_server(looking()) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert all("tools" not in call.body for call in server.calls)
        assert len(server.calls) == 2


@pytest.mark.parametrize(("phase", "setting", "has_tools"), [("auto", "on", True), ("off", "on", False), ("on", "off", True)])
def test_the_phase_decides_and_auto_leaves_it_to_the_configuration(desk, phase, setting, has_tools):
    desk.plan(phase_of("one", explore=phase))
    with scripted_server(looking([])) as server:
        done = desk.beside(server).with_env(AUTOPACK_EXPLORE__MODE=setting).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert ("tools" in server.asked("builder")[0].body) is has_tools


def test_by_itself_a_builder_looks_where_not_all_of_its_scope_is_shown(tmp_path):
    desk = Desk.make(tmp_path, {**FILES, "big.py": "".join(f"VALUE_{n} = {n}\n" for n in range(900))})
    desk.plan(phase_of("one", "app.txt", "big.py"))
    with scripted_server(looking()) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert len(server.asked("builder")) == 3


def test_after_the_last_round_the_tools_are_closed(desk):
    desk.plan(phase_of("one", explore="on"))

    def script(request):
        if request.headers["x-autopack-role"] == "auditor":
            return APPROVE
        return EDIT if request.body["tool_choice"] == {"type": "none"} else calls(("list", {"path": "."}))

    with scripted_server(script) as server:
        done = desk.beside(server).with_env(AUTOPACK_EXPLORE__MAX_ROUNDS="3").autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        asked = server.asked("builder")
    assert len(asked) == 4
    assert asked[0].body["tools"] == asked[3].body["tools"]


def test_a_round_has_so_much_room_and_says_what_does_not_fit(tmp_path):
    desk = Desk.make(tmp_path, {**FILES, "big.py": "".join(f"VALUE_{n} = {n}\n" for n in range(3000))})
    desk.plan(phase_of("one", explore="on"))
    wanted = [[("read", {"path": "big.py"}), ("search", {"pattern": "VALUE"}), ("read", {"path": "lib/tax.py"})]]
    with scripted_server(looking(wanted)) as server:
        done = desk.beside(server).with_env(AUTOPACK_EXPLORE__CHARACTERS="6000").autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        read, search, small = results(server.asked("builder")[1])
    assert "1|VALUE_0 = 0\n" in read
    assert "do not fit: read them by themselves]" in read
    assert "more lines do not fit" in search
    assert "def tax(price)" in small
    assert len(read) + len(search) + len(small) < 7000


def test_of_too_many_calls_the_first_are_answered_and_it_is_said(desk):
    desk.plan(phase_of("one", explore="on"))
    with scripted_server(looking([[("list", {"path": "lib"})] * 25])) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        found = results(server.asked("builder")[1])
    assert len(found) == 20
    assert found[-1].endswith("[Only the first 20 calls of one reply are answered.]\n")


def test_killed_between_two_rounds_it_goes_on_at_the_round(desk):
    desk.plan(phase_of("one", explore="on"))
    late = []

    def script(request):
        answer = looking()(request)
        if request.headers["x-autopack-role"] == "builder" and rounds_of(request) == 1 and not late:
            late.append(request)
            return {"text": "", "delay": 60}
        return answer

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        with keyed.start("run", "--run-id", "r", "--json") as running:
            running.until(lambda: bool(late))
            running.send(signal.SIGKILL)
            running.end()
        assert steps(desk, "explore") == ["explore"]
        git(desk.repo, "checkout", "-q", "-b", "elsewhere")
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stdout + done.stderr
        asked = server.asked("builder")
    assert [len(results(call)) for call in asked] == [0, 3, 3, 7]
    assert asked[1].text == asked[2].text
    assert steps(desk, "explore") == ["explore", "explore.2"]
    assert desk.status("r")["phases"][0]["attempts"] == 1


def test_what_was_read_stands_in_the_next_attempts_prompt_which_begins_as_this_one_did(desk):
    desk.plan(phase_of("one", explore="on"))
    bad = json.dumps({"summary": "too much", "files": [{"path": "elsewhere.txt", "action": "create", "content": "x\n"}]})

    def script(request):
        first = request.headers["x-autopack-attempt"] == "1"
        return looking(ROUNDS[:1], bad)(request) if first else looking([])(request)

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        first, _, second = server.asked("builder")
    before, after = ([block["text"] for block in call.body["messages"][0]["content"]] for call in (first, second))
    assert after[: len(before)] == before
    assert first.body["tools"] == second.body["tools"]
    [read] = [text for text in after if "Attempt 1 also looked at this:" in text]
    assert "4|def tax(price):\n5|    return price * RATE\n" in read
    assert "RATE = 3" not in read
    assert after.index(read) < next(index for index, text in enumerate(after) if "elsewhere.txt: " in text)


def test_a_journal_plays_what_was_found_and_nothing_is_looked_up_again(desk, tmp_path):
    plan = desk.plan(phase_of("one", explore="on"))
    with scripted_server(looking()) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
    journal = tmp_path / "journal.jsonl"
    assert desk.autopack("journal", "export", "r", "-o", journal).exit_code == 0
    clone = Desk(tmp_path / "clone", desk.environment)
    git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
    (clone.repo / "autopack.yaml").write_bytes(plan.read_bytes())
    played = clone.autopack("run", "--run-id", "again", "--replay", journal, "--replay-strict", "--json")
    assert played.exit_code == 0, played.stdout + played.stderr
    assert played.told("replay_drift") == []
    assert clone.git("rev-parse", "autopack/again^{tree}") == desk.git("rev-parse", "autopack/r^{tree}")
    altered = journal.read_text("utf-8").replace("return price * RATE", "return price * OTHER")
    journal.write_text(altered, "utf-8")
    strict = clone.autopack("run", "--run-id", "strict", "--replay", journal, "--replay-strict")
    assert strict.exit_code == 3, "what the journal says was found is what is asked again, not what the tree says now"


def test_the_auditor_looks_at_the_change_itself_in_fewer_rounds(desk):
    desk.plan(phase_of("one", explore="on"))

    def script(request):
        if request.headers["x-autopack-role"] == "builder":
            return EDIT
        return (
            APPROVE if request.body["tool_choice"] == {"type": "none"} else calls(("read", {"path": "app.txt"}), ("run", {"command": "ls"}))
        )

    with scripted_server(script) as server:
        done = desk.beside(server).with_env(AUTOPACK_EXPLORE__AUDITOR_ROUNDS="2").autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        asked = server.asked("auditor")
    assert [len(results(call)) for call in asked] == [0, 2, 4]
    assert "1|two\n" in results(asked[1])[0]
    assert results(asked[1])[1] == "There is no tool run."
    assert "run" not in [tool["name"] for tool in asked[0].body["tools"]]
    assert steps(desk, "audit_explore") == ["audit_explore", "audit_explore.2"]
    [looked] = desk.autopack("show", "r", "one", "--json").json["attempts"][0]["looked"]
    assert looked == {"role": "auditor", "rounds": [["read app.txt:1-1", "run: no such tool"]] * 2}


def test_an_auditor_that_looks_and_cannot_be_read_is_asked_once_more_with_what_it_found(desk):
    desk.plan(phase_of("one", explore="on"))
    said = []

    def script(request):
        if request.headers["x-autopack-role"] == "builder":
            return EDIT
        if not rounds_of(request):
            return calls(("read", {"path": "app.txt"}))
        said.append(request)
        return "I like it." if len(said) == 1 else APPROVE

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
        assert [len(results(call)) for call in server.asked("auditor")] == [0, 1, 1]
    assert len(done.told("audit_unreadable")) == 1


def test_a_builder_that_looks_may_still_ask_to_be_shown_more(desk):
    desk.plan(phase_of("one", explore="on"))
    blocked = {"kind": "needs_context", "paths": ["lib/shop.py"], "message": "How is it called?"}
    more = json.dumps({"summary": "", "files": [], "blocked": blocked})

    def script(request):
        if request.headers["x-autopack-role"] == "auditor":
            return APPROVE
        if not rounds_of(request):
            return calls(*ROUNDS[0])
        return EDIT if "You asked for more" in request.last_user else more

    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        last = server.asked("builder")[-1]
    assert [message["role"] for message in last.body["messages"]] == ["user", "assistant", "user", "assistant", "user"]
    assert "TOTAL = tax(5)" in json.dumps(last.body["messages"][-1])
    assert CHECK["command"] == "sh check.sh"
