"""Keys are nowhere: not in what a run writes, prints or sends, not in what its commands can see."""

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import CHECK, Desk, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

PROVIDER = "canary-provider-k3y-0001"
OTHER = "canary-openai-k3y-0002"
HANDED = "canary-handed-v4lue-0003"
SHAPED = "sk-proj-" + "canary4Xyz0987" * 3
CANARIES = (PROVIDER, OTHER, HANDED, SHAPED)
FILES = {
    "app.txt": "one\n",
    "config.py": f"URL = 'x'\nTOKEN = '{SHAPED}'\nNAME = 'a'\n",
    "check.sh": "env; cat config.py; tr '\\0' '\\n' < /proc/1/environ; tr '\\0' '\\n' < /proc/$PPID/environ; grep -q three app.txt\n",
}
LOOKS = (
    *(("show", "r", "one"), ("show", "r", "two"), ("logs", "r"), ("logs", "r", "--model"), ("logs", "r", "--check"), ("usage", "r")),
    *(("journal", "export", "r"), ("status", "r"), ("status", "r", "--json"), ("report", "r"), ("diff", "r"), ("config", "show")),
)
LINE = {"type": "replace", "start_line": 3, "end_line": 3, "content": "NAME = 'b'"}
KNOWING = json.dumps(  # a model that was never shown the line above
    {
        "summary": "one",
        "files": [
            {"path": "app.txt", "action": "replace", "content": "three\n"},
            {"path": "config.py", "action": "edit", "operations": [LINE]},
        ],
        "blocked": None,
    }
)


def everything_written(desk: Desk) -> Iterator[tuple[str, bytes]]:
    """Every byte below the home, the records and git's folder; compressed columns and objects opened."""
    for root in (desk.home, desk.repo / ".autonomous_runs", desk.repo / ".git"):
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
    desk = Desk.make(tmp_path, FILES)
    desk.plan(
        phase_of("one", "app.txt", "config.py", acceptance_criteria=["it says three"], ci={**CHECK, "env_from": ["SHOP_TOKEN"]}),
        phase_of("two", ci={**CHECK, "command": "cat config.py; exit 1", "env_from": ["SHOP_TOKEN"]}, max_attempts=2),
    )
    sound = oracle_of({"one": {"app.txt": "three\n"}, "two": {"app.txt": "four\n"}}, FILES)
    red = oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "four\n"}}, FILES)

    def script(request):
        if request.headers["x-autopack-attempt"] == "1":
            return red(request)
        return (
            KNOWING if request.headers["x-autopack-phase"] == "one" and request.headers["x-autopack-role"] == "builder" else sound(request)
        )

    with scripted_server(script) as server:
        keyed = desk.beside(server).with_env(ANTHROPIC_API_KEY=PROVIDER, OPENAI_API_KEY=OTHER, SHOP_TOKEN=HANDED)
        done = keyed.autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 1, done.stdout + done.stderr
        told = {" ".join(words).removesuffix(" r"): keyed.autopack(*words) for words in LOOKS}
        sent = [(f"call {call.number}", call.text.encode()) for call in server.calls]
    phases = {phase["id"]: phase for phase in desk.status("r")["phases"]}
    assert (phases["one"]["state"], phases["one"]["attempts"], phases["two"]["state"]) == ("complete", 2, "failed")
    printed = [(f"printed by {name}", (ended.stdout + ended.stderr).encode()) for name, ended in {**told, "run": done}.items()]
    written = list(everything_written(desk))
    assert sum(len(data) for _, data in written) > 10_000
    hits = [(where, canary) for where, data in (*printed, *sent, *written) for canary in CANARIES if canary.encode() in data]
    committed = {
        where for where, canary in hits if canary == SHAPED
    }  # the user's own commits hold what the user committed; diff shows them
    assert [hit for hit in hits if hit[1] != SHAPED] == []
    assert all("/.git/objects/" in where or where.endswith("/r/1/config.py") or where == "printed by diff" for where in committed), (
        committed
    )
    messages = desk.git("log", "--all", "--format=%B%an%ae")
    assert not [canary for canary in CANARIES if canary in messages]
    assert desk.at("autopack/r", "config.py") == FILES["config.py"].replace("'a'", "'b'")


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


def test_a_command_and_its_parents_hold_no_key_in_their_environment(desk):
    walk = "p=$$; while [ -n \"$p\" ] && [ \"$p\" -gt 0 ]; do tr '\\0' '\\n' < /proc/$p/environ 2>&1; p=$(awk '/^PPid/{print $2}' /proc/$p/status 2>/dev/null); done > seen.txt; for f in /proc/[0-9]*/environ; do tr '\\0' '\\n' < $f; done >> seen.txt 2>&1; ! grep -q canary seen.txt && grep -q AUTOPACK_RUN seen.txt"
    desk.plan(phase_of("one", ci={**CHECK, "command": walk}))
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        keyed = desk.beside(server).with_env(ANTHROPIC_API_KEY=PROVIDER, OPENAI_API_KEY=OTHER, SHOP_TOKEN=HANDED)
        done = keyed.autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert len(server.calls) == 2


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
