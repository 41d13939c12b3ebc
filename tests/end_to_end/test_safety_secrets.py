"""Keys are nowhere: not in what a run writes, prints or sends, not in what its commands can see."""

import gzip
import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.command import CHECK, Desk, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

PROVIDER = "canary-provider-k3y-0001"
OTHER = "canary-openai-k3y-0002"
HANDED = "canary-handed-v4lue-0003"
SHAPED = "sk-proj-" + "canary4Xyz0987" * 3
GATEWAY = "canary-gateway-t0ken-0006"
CANARIES = (PROVIDER, OTHER, HANDED, SHAPED, GATEWAY)
FILES = {
    "app.txt": "one\n",
    "config.py": f"URL = 'x'\nTOKEN = '{SHAPED}'\nNAME = 'a'\n",
    "check.sh": "env; cat config.py; tr '\\0' '\\n' < /proc/1/environ; tr '\\0' '\\n' < /proc/$PPID/environ; grep -q three app.txt\n",
}
INVENTED = "ghp_" + "canary5Inv" * 4  # a model's own: nobody's key, but it looks like one
TALK = f"so {PROVIDER}, {OTHER}, {HANDED}, {GATEWAY} and {INVENTED}"
LOOKS = {
    **dict.fromkeys(
        (("show", "r", "one"), ("show", "r", "two"), ("show", "r", "three", "--json"), ("logs", "r"), ("logs", "r", "--json")), 0
    ),
    **dict.fromkeys((("logs", "r", "--model"), ("logs", "r", "--model", "--json"), ("logs", "r", "--check"), ("usage", "r")), 0),
    **dict.fromkeys((("diff", "r"), ("config", "show"), ("journal", "export", "r", "-o", "journal.jsonl")), 0),
    **dict.fromkeys(
        (("errors", "list", "r", "--json"), ("errors", "show", "r", "1"), ("errors", "summary", "--all"), ("errors", "journal", "r")), 0
    ),
    ("status", "r"): 4,
    ("status", "r", "--json"): 4,
    ("status", "d"): 70,
    ("logs", "d"): 0,
}
"""What a person can ask, and the exit code it ends with."""
BROKEN = f"""
from autopack.executor.start import execute_run
from autopack.__main__ import main
def defect(bench):
    secret = "{TALK}"
    raise RuntimeError(secret)
execute_run.prepare = defect
main()
"""
LINE = {"type": "replace", "start_line": 3, "end_line": 3, "content": "NAME = 'b'"}
KNOWING = json.dumps(  # a model that was never shown the line above
    {
        "summary": TALK,
        "files": [
            {"path": "app.txt", "action": "replace", "content": "three\n"},
            {"path": "config.py", "action": "edit", "operations": [LINE]},
        ],
        "blocked": None,
    }
)


def everything_written(desk: Desk) -> Iterator[tuple[str, bytes]]:
    """Every byte below the home, the records and git's folder, and all temporary files; compressed columns and objects opened."""
    for root in (desk.home, desk.repo / ".autonomous_runs", desk.repo / ".git", Path(desk.environment["TMPDIR"])):
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield from with_opened(str(path), path.read_bytes())
    with sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db") as database:
        for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
            for value in (value for row in database.execute(f'select * from "{table}"') for value in row):  # noqa: S608 - their own names
                yield from with_opened(table, value if isinstance(value, bytes) else str(value).encode())


def with_opened(where: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield where, data
    for opened in (zlib.decompress, gzip.decompress):
        try:
            yield f"{where} (opened)", opened(data)
        except (zlib.error, OSError, EOFError):
            continue


def test_no_key_is_written_printed_sent_or_seen(tmp_path):
    """Not even where models repeat it: in a summary, a question, a verdict, the words of a defect."""
    desk = Desk.make(tmp_path, FILES)
    desk.plan(
        phase_of("one", "app.txt", "config.py", acceptance_criteria=["it says three"], ci={**CHECK, "env_from": ["SHOP_TOKEN"]}),
        phase_of("two", ci={**CHECK, "command": "cat config.py; exit 1", "env_from": ["SHOP_TOKEN"]}, max_attempts=2),
        phase_of("three", depends_on=[]),
    )
    with scripted_server(talking()) as server:
        keyed = desk.beside(server).with_env(ANTHROPIC_API_KEY=PROVIDER, OPENAI_API_KEY=OTHER, SHOP_TOKEN=HANDED)
        keyed = keyed.with_env(ANTHROPIC_CUSTOM_HEADERS=f"X-Gateway-Token: {GATEWAY}\nX-Team: shop")
        done = keyed.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 4, done.stdout + done.stderr
        bought = len(server.calls)
        defect = keyed.python(BROKEN, "run", "--run-id", "d", "--new", "--json")
        told = {words: keyed.autopack(*words) for words in LOOKS}
        again = keyed.autopack("run", "--run-id", "again", "--new", "--replay", "journal.jsonl", "--json")
        assert len(server.calls) == bought
        assert {(call.headers["x-gateway-token"], call.headers["x-team"]) for call in server.calls} == {(GATEWAY, "shop")}
        sent = [(f"call {call.number}", call.text.encode()) for call in server.calls]
    phases = {phase["id"]: (phase["state"], phase["attempts"]) for phase in desk.status("r")["phases"]}
    assert phases == {"one": ("complete", 2), "two": ("failed", 2), "three": ("held", 1)}
    assert {words: ended.exit_code for words, ended in told.items()} == LOOKS
    assert (defect.exit_code, again.exit_code) == (70, 4), defect.stderr + again.stderr
    assert defect.told("run_interrupted")[0]["message"].startswith("a defect of Autopack: RuntimeError: so ⟦redacted:")
    assert len(list((desk.repo / ".autonomous_runs" / "d" / "errors").iterdir())) == 2
    printed = [
        (f"printed by {name}", (ended.stdout + ended.stderr).encode())
        for name, ended in {**told, "run": done, "defect": defect, "replay": again}.items()
    ]
    written = [*everything_written(desk), ("journal", (desk.repo / "journal.jsonl").read_bytes())]
    assert sum(len(data) for _, data in written) > 10_000
    hits = {(where, canary) for where, data in (*printed, *sent, *written) for canary in (*CANARIES, INVENTED) if canary.encode() in data}
    assert {hit for hit in hits if hit[1] not in (SHAPED, INVENTED)} == set()
    committed = {where for where, canary in hits if canary == SHAPED}  # the user's own commits; diff shows what the user committed
    allowed = ("/.git/objects/", "/config.py", "printed by ('diff', 'r')")
    assert all(any(part in where for part in allowed) for where in committed), committed
    kept = {where for where, canary in hits if canary == INVENTED}  # the replies, as far as they hold nobody's key
    assert kept
    assert all(where in ("call", "call (opened)") or "/autopack.db" in where for where in kept), kept
    messages = desk.git("log", "--all", "--format=%B%an%ae")
    assert "so ⟦redacted:" in messages
    assert desk.at("autopack/r", "config.py") == FILES["config.py"].replace("'a'", "'b'")
    assert desk.git("rev-parse", "autopack/again^{tree}") == desk.git("rev-parse", "autopack/r^{tree}")


def talking() -> Callable[[Any], Any]:
    """Models that say everything they may have heard."""
    sound = oracle_of({"one": {"app.txt": "three\n"}, "two": {"app.txt": "four\n"}}, FILES)
    red = oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "four\n"}}, FILES)
    question = {"summary": TALK, "files": [], "blocked": {"kind": "question", "paths": [], "message": TALK}}
    issue = {"severity": "minor", "category": "maintainability", "message": TALK, "path": "app.txt", "line": 1}

    def script(request):
        phase, role = request.headers["x-autopack-phase"], request.headers["x-autopack-role"]
        if phase == "three":
            return json.dumps(question)
        if role == "auditor":
            return json.dumps({"verdict": "approve", "confidence": 0.9, "criteria": [], "summary": TALK, "issues": [issue]})
        if request.headers["x-autopack-attempt"] == "1":
            return red(request)
        return KNOWING if phase == "one" else sound(request)

    return script


@pytest.mark.parametrize("canary", [PROVIDER, HANDED])
def test_an_edit_that_adds_a_key_is_refused_and_the_refusal_does_not_show_it(desk, canary):
    desk.plan(phase_of("one", ci={**CHECK, "env_from": ["SHOP_TOKEN"]}))
    answers = {"1": oracle_of({"one": {"app.txt": f"two {canary}\n"}})}
    sound = oracle_of({"one": {"app.txt": "two\n"}})
    with scripted_server(lambda request: answers.get(request.headers["x-autopack-attempt"], sound)(request)) as server:
        done = desk.beside(server).with_env(ANTHROPIC_API_KEY=PROVIDER, SHOP_TOKEN=HANDED).autopack("run", "--run-id", "r", "--json")
        sent = "".join(call.text for call in server.calls)
    assert done.exit_code == 0, done.stdout + done.stderr
    refused = done.told("phase_recovering")
    assert [("holds the value of a key" in line["message"], line["kind"]) for line in refused] == [(True, "guard")]
    assert "line 1" in refused[0]["message"]
    assert canary not in done.stdout + done.stderr + sent
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_tool_that_writes_a_variable_it_was_handed_into_a_file_is_refused(desk):
    leaking = {"command": "printenv SHOP_TOKEN > lock.txt", "when": ["app.txt"], "writes": ["lock.txt"], "env_from": ["SHOP_TOKEN"]}
    desk.plan(phase_of("one", derive=[leaking], max_attempts=1))
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).with_env(SHOP_TOKEN=HANDED).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 1, done.stdout + done.stderr
    (failed,) = done.told("phase_recovering")
    assert failed["kind"] == "guard"
    assert failed["message"].startswith("lock.txt: a derive step wrote the value of a key or of a variable that it was handed")
    assert HANDED not in done.stdout + done.stderr
    assert desk.at("autopack/r", "app.txt") == "one\n"


def told_to_others(desk: Desk, folder: Path, mark: str) -> tuple[Desk, Path]:
    """The same desk with keys, two of which only the user's configuration names; a `git` and a notify command that write down what they are told."""
    seen, programs, settings = folder / "seen", folder / "programs", desk.home / ".config" / "autopack"
    programs.mkdir()
    settings.mkdir(parents=True)
    git = shutil.which("git", path=desk.environment["PATH"])
    (programs / "git").write_text(f'#!/bin/sh\n{{ echo "git $*"; env; }} >> {seen}\nexec {git} "$@"\n')
    (programs / "git").chmod(0o755)
    (settings / "settings.yaml").write_text(f"notify: {{command: [sh, -c, '(echo notified; env) >> {seen}'], on: [complete]}}\n")
    (settings / "models.yaml").write_text(
        "providers: [{name: corp, api: openai-chat, base_url: 'http://127.0.0.1:1', api_key_env: CORP_KEY, headers_env: {X-Team: TEAM_PASS}}]\n"
    )
    keys = {name: f"{mark}-{name}" for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CORP_KEY", "TEAM_PASS")}
    return desk.with_env(**keys, PATH=f"{programs}:{desk.environment['PATH']}", PLAIN="is handed on"), seen


@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_no_process_that_a_run_starts_is_told_a_key_and_none_can_read_it_from_another(desk, tmp_path, sandbox):
    mark = f"canary-{uuid4()}"  # of this test alone: others run beside it, and they all see each other's processes
    keyed, seen = told_to_others(desk, tmp_path, mark)
    walk = "p=$$; while [ -n \"$p\" ] && [ \"$p\" -gt 0 ]; do tr '\\0' '\\n' < /proc/$p/environ 2>&1; p=$(awk '/^PPid/{print $2}' /proc/$p/status 2>/dev/null); done > seen.txt; for f in /proc/[0-9]*/environ; do tr '\\0' '\\n' < $f; done >> seen.txt 2>&1; ! grep -q $(echo MARK | tr -d :) seen.txt && grep -q AUTOPACK_RUN seen.txt"
    desk.plan(phase_of("one", ci={**CHECK, "command": walk.replace("MARK", mark[:8] + ":" + mark[8:])}))
    readable = []

    def script(request):
        environments = {path: _read(path) for path in Path("/proc").glob("[0-9]*/environ")}
        readable.append(
            (b"PLAIN=is handed on" in b"".join(environments.values()), [p for p, text in environments.items() if mark.encode() in text])
        )
        return oracle_of({"one": {"app.txt": "two\n"}})(request)

    with scripted_server(script) as server:
        around = server.environment()["ANTHROPIC_BASE_URL"]
        done = keyed.with_env(ANTHROPIC_BASE_URL=around, AUTOPACK_SANDBOX=sandbox).fresh().autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert readable == [(True, [])] * 2
    told = seen.read_text()
    assert "git version" in told  # GitPython's own, before any of Autopack's
    assert "notified" in told
    assert told.count("PLAIN=is handed on") == told.count("\ngit ") + 1 > 10
    assert mark not in told


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_plan_that_hands_a_providers_key_to_a_command_is_refused_before_anything_is_made(desk, tmp_path):
    keyed, _ = told_to_others(desk, tmp_path, "canary-of-a-provider")
    derive = {"command": "true", "when": ["app.txt"], "writes": ["docs/"], "env_from": ["CORP_KEY"]}
    desk.plan(
        phase_of("one", ci={**CHECK, "env_from": ["CORP_KEY", "PLAIN"]}, derive=[derive]),
        workspace={"setup": [{"command": "true", "env_from": ["TEAM_PASS"]}]},
    )
    for words in (("plan", "check"), ("run", "--run-id", "r"), ("run", "--run-id", "r", "--dry-run")):
        done = keyed.autopack(*words)
        assert (done.exit_code, done.stdout) == (3, "")
        assert "The plan autopack.yaml has 3 faults:" in done.stderr
        assert [done.stderr.count(f"`{name}` holds a provider's key") for name in ("CORP_KEY", "TEAM_PASS", "PLAIN")] == [2, 1, 0], (
            done.stderr
        )
    assert "autopack/r" not in "".join(desk.branches())
    assert desk.autopack("runs", "--json").json["runs"] == []


@pytest.mark.parametrize("text", ["TOKEN = '⟦redacted:3⟧'\n", "TOKEN = 'new'\n"])
def test_a_redacted_line_can_neither_be_rewritten_nor_replaced(tmp_path, text):
    desk = Desk.make(tmp_path, FILES)
    desk.plan(phase_of("one", "config.py", max_attempts=1, ci={**CHECK, "command": "true"}))
    after = f"URL = 'x'\n{text}NAME = 'a'\n"
    with scripted_server(oracle_of({"one": {"config.py": after}}, FILES)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        asked = server.asked("builder")[0].text
    assert done.exit_code == 1, done.stderr
    failed = done.told("phase_recovering")[0]
    assert "redacted" in failed["message"] or "placeholder" in failed["message"], failed
    assert SHAPED not in asked
    assert "⟦redacted:" in asked
    assert Path(desk.repo / "config.py").read_text() == FILES["config.py"]


def test_a_file_that_looks_like_secrets_is_shown_only_to_a_phase_whose_scope_names_it(tmp_path):
    word = "canary-of-a-file"
    files = {"app.txt": "one\n", "deploy/secrets.yaml": f"word: {word}\n", "deploy/.env": f"WORD={word}\n"}
    desk = Desk.make(tmp_path, files)
    desk.plan(
        phase_of("wide", "app.txt", "deploy/"), phase_of("exact", "deploy/secrets.yaml"), defaults={"ci": {**CHECK, "command": "true"}}
    )
    answers = {"wide": {"app.txt": "two\n"}, "exact": {"deploy/secrets.yaml": "word: none\n"}}
    with scripted_server(oracle_of(answers, files)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
        wide = [call.text for call in server.calls if call.phase == "wide"]
        exact = server.asked("builder", "exact")[0].text
    assert not [text for text in wide if word in text]
    assert "deploy/secrets.yaml" in wide[0]
    assert exact.count(word) == 1
