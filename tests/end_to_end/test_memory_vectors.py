"""Vectors of a provider beside the words: bought in batches, journaled, held under caps, never mixed, and never in the way."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.end_to_end.test_memory import AGAIN, RED, RIGHT, asked_again, taught
from tests.support.command import Desk, oracle_of, phase_of
from tests.support.extras import with_extras
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

MODEL = "fake-embed"
PRICED = "{context: 8000, usd_per_mtok: {input: 0.02, output: 0}}"
CODE = {f"part{number}.py": f"def part_{number}():\n    return 'of the {number}'\n" for number in range(70)}


def named(desk, model=MODEL):
    """A user who buys embeddings of that model."""
    provider = f"{{name: openai, embeddings: {model}, models: {{{model}: {PRICED}}}}}"
    return desk.configured(f"providers: [{provider}]\n").configured("embeddings: openai\n", "memory.yaml")


@pytest.fixture
def embedding(desk):
    """A desk with a server that makes embeddings, for as long as the test lasts."""
    with scripted_server(oracle_of(RIGHT)) as server:
        yield named(desk.with_env(**server.environment("openai")))


def state(desk, statement):
    with closing(sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")) as connection:
        return connection.execute(statement).fetchall()


def bought(desk):
    return state(desk, "SELECT run_id, phase_id, attempt, question, state, input_tokens > 0 FROM call WHERE role = 'embedder' ORDER BY id")


@pytest.fixture
def code(tmp_path):
    with scripted_server(oracle_of(RIGHT)) as server:
        yield named(Desk.make(tmp_path, CODE).with_env(**server.environment("openai")))


def index(desk):
    done = desk.autopack("memory", "index", "--json")
    assert done.exit_code == 0, done.stderr
    return done


def test_every_entry_gets_a_vector_in_batches_and_once(code):
    done = index(code)
    assert (done.json["model"], done.json["embedded"]) == (f"openai/{MODEL}", 70)
    assert "64 of 70 entries" in done.stderr
    calls = bought(code)
    assert [row[1:] for row in calls] == [("-", 1, 1, "replied", 1), ("-", 1, 2, "replied", 1)]
    assert {row[0][:8] for row in calls} == {"-memory-"}
    assert index(code).json["embedded"] == 0
    assert bought(code) == calls
    (row,) = [row for row in code.autopack("memory", "stats", "--json").json["collections"] if row["collection"] == "code_docs"]
    assert (row["entries"], row["vectors"]) == (70, 70)


def test_what_shares_no_word_that_counts_is_found_by_its_vector(code):
    assert code.autopack("memory", "search", "of the", "--json").json["results"] == []
    index(code)
    results = code.autopack("memory", "search", "of the", "--limit", "3", "--json").json["results"]
    assert [one["by"] for one in results] == ["meaning"] * 3
    both = code.autopack("memory", "search", "part_7 of the", "--json").json["results"]
    assert (both[0]["source"], both[0]["by"]) == ("part7.py:1-2", "words")


def test_vectors_of_another_model_are_made_anew_and_never_mixed(code):
    index(code)
    named(code, "fake-other")
    assert code.autopack("memory", "search", "of the", "--json").json["results"] == []
    assert index(code).json["embedded"] == 70
    assert state(code, "SELECT DISTINCT model FROM memory_vector") == [("openai/fake-other",)]
    named(code)
    assert code.autopack("memory", "prune", "--json").json["vectors"] == 70
    assert state(code, "SELECT count(*) FROM memory_vector") == [(0,)]


@pytest.mark.extras
def test_qdrant_finds_the_same(code, tmp_path):
    index(code)
    words = ("memory", "search", "of the 7", "--limit", "5", "--json")
    plain = code.autopack(*words).json["results"]
    code.configured(f"embeddings: openai\nstore: qdrant\nqdrant: {{url: {tmp_path / 'vectors'}}}\n", "memory.yaml")
    done = with_extras(code).autopack(*words)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "vectors").is_dir()
    assert [one["score"] for one in done.json["results"]] == [one["score"] for one in plain]
    refused = code.autopack("memory", "search", "of the")
    assert (refused.exit_code, "install autopack[qdrant]" in refused.stderr) == (3, True)


def test_a_vector_goes_with_its_entry(code):
    index(code)
    git(code.repo, "rm", "-q", "part0.py")
    git(code.repo, "commit", "-qm", "gone")
    index(code)
    assert state(code, "SELECT count(*) FROM memory_vector") == [(69,)]


def test_more_of_a_text_than_max_embed_chars_is_not_sent(code):
    code.configured("embeddings: openai\nmax_embed_chars: 100\n", "memory.yaml")
    (code.repo / "long.md").write_text("word " * 2_000, "utf-8")
    git(code.repo, "add", "long.md")
    git(code.repo, "commit", "-qm", "long")
    index(code)
    assert state(code, "SELECT max(input_tokens) < 64 * 30 FROM call WHERE role = 'embedder'") == [(1,)]


def test_a_cap_holds_for_vectors_too(code):
    done = code.with_env(AUTOPACK_MAX_TOKENS="10").autopack("memory", "index")
    assert done.exit_code == 5
    assert "the run's cap of 10" in done.stderr
    assert bought(code) == []


def test_a_provider_is_never_guessed(desk):
    desk.configured("embeddings: openai\n", "memory.yaml")
    with scripted_server(oracle_of(RIGHT)) as server:
        beside = desk.beside(server, "openai")
        done = beside.autopack("memory", "index")
        assert done.exit_code == 7
        assert (
            "No vectors were made: no provider in models.yaml that speaks an API of OpenAI's names a model as its `embeddings`"
            in done.stderr
        )
        beside.plan(phase_of("basket", ci=RED))
        run = beside.autopack("run", "--run-id", "r", "--json")
        assert run.exit_code == 0, run.stderr
        assert [call.role for call in server.calls] == ["builder", "auditor"]


def test_what_an_attempt_embeds_is_its_call_and_a_replay_needs_none(embedding, tmp_path):
    taught(embedding)
    again, _ = asked_again(embedding)
    assert "<memory" in again.text
    calls = bought(embedding)
    assert {row[:3] for row in calls} >= {("second", "basket", 1)}
    assert all(row[4:] == ("replied", 1) for row in calls)
    usage = embedding.autopack("usage", "second", "--json").json
    assert "embedder" in json.dumps(usage)
    journal = tmp_path / "journal.jsonl"
    assert embedding.autopack("journal", "export", "second", "-o", journal).exit_code == 0
    assert '"embedder"' not in journal.read_text("utf-8")
    clone = Desk(tmp_path / "clone", embedding.environment)
    git(tmp_path, "clone", "-q", str(embedding.repo), str(clone.repo))
    (clone.repo / "autopack.yaml").write_bytes((embedding.repo / "autopack.yaml").read_bytes())
    played = clone.autopack("run", "--run-id", "played", "--replay", journal, "--replay-strict", "--json")
    assert played.exit_code == 0, played.stdout + played.stderr
    assert bought(clone) == []


def test_a_provider_that_is_down_leaves_the_words(desk):
    named(desk.with_env(OPENAI_API_KEY="k-test", OPENAI_BASE_URL="http://127.0.0.1:9/v1", AUTOPACK_MODELS__RETRIES__TIMES="0"))
    down = desk.with_env(OPENAI_API_KEY="k-test", OPENAI_BASE_URL="http://127.0.0.1:9/v1", AUTOPACK_MODELS__RETRIES__TIMES="0")
    taught(down)
    again, done = asked_again(down)
    assert "<memory" in again.text
    (told,) = done.told("embeddings_unavailable")
    assert told["message"].endswith("the memory is searched by words alone.")


def test_with_vectors_too_other_projects_change_no_prompt(embedding):
    alone, _ = asked_again(embedding, run_id="alone", project="alone")
    taught(embedding, project="elsewhere")
    full, _ = asked_again(embedding, project="shop")
    assert full.text == alone.text
    assert AGAIN in full.text
