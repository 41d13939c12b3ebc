"""The extra `memory` as its user has it: a real model on this machine, FAISS or Qdrant, and nothing bought."""

import sqlite3
from contextlib import closing

import pytest

from tests.end_to_end.test_memory import RED, RIGHT
from tests.support.command import Desk, oracle_of, phase_of
from tests.support.extras import with_extras
from tests.support.server import scripted_server

pytestmark = [pytest.mark.end_to_end, pytest.mark.extras]

CODE = {
    "net.py": "def fetch_page(url):\n    return urlopen(url).read()\n",
    "money.py": "def add_tax(price):\n    return price * 1.19\n",
    "words.py": "def shout(text):\n    return text.upper()\n",
}
FIRST = "Let the customer log in with a password."
ALIKE = "Sign-in by secret phrase for users."
HEAVY = {"torch", "faiss", "numpy", "sentence_transformers", "transformers", "qdrant_client", "anthropic", "openai"}


def test_code_is_found_by_its_meaning(tmp_path):
    desk = with_extras(Desk.make(tmp_path, CODE))
    done = desk.autopack("memory", "index")
    assert done.exit_code == 0, done.stderr
    assert "3 vectors made by all-MiniLM-L6-v2 (local/" in done.stdout
    assert "Loading" not in done.stderr
    results = desk.autopack("memory", "search", "download a website", "--limit", "1", "--json").json["results"]
    assert [(one["source"], one["by"]) for one in results] == [("net.py:1-2", "meaning")]


def test_a_builder_is_reminded_by_meaning_where_no_word_is_shared(desk):
    desk = with_extras(desk)
    for run, description in (("first", FIRST), ("second", ALIKE)):
        desk.plan(phase_of("basket", description=description, ci=RED))
        with scripted_server(oracle_of(RIGHT)) as server:
            done = desk.beside(server).autopack("run", "--run-id", run, "--json")
            assert done.exit_code == 0, done.stdout + done.stderr
            (asked,) = server.asked("builder", "basket")
    assert '<memory from=\\"run_summaries first/basket\\" alike=' in asked.text
    (told,) = done.told("recalled")
    assert [one["by"] for one in told["found"]] == ["meaning"]
    with closing(sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")) as connection:
        assert connection.execute("SELECT count(*) FROM call WHERE role = 'embedder'").fetchone() == (0,)


def test_what_needs_no_vector_loads_no_model(desk):
    desk = with_extras(desk)
    looks = (("status",), ("memory", "stats"), ("memory", "search", "basket"), ("runs",))
    code = f"""
import contextlib, sys
from autopack.cli.app import main
for words in {looks}:
    with contextlib.suppress(SystemExit):
        main(list(words))
    print(sorted({HEAVY!r} & set(sys.modules)))
"""
    done = desk.python(code)
    assert [line for line in done.stdout.splitlines() if line.startswith("[")] == ["[]"] * len(looks), done.stderr
