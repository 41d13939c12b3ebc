"""The builder is asked, and shown more where it only wants to see more; what it saw before stands as it was."""

import json

import pytest

from autopack.executor.attempt.ask_builder import ask_builder
from tests.support.run_context import opened
from tests.support.server import scripted_server

EDIT = json.dumps({"summary": "s", "files": [{"path": "app.txt", "action": "replace", "content": "two\n"}]})


def wants(kind, *paths):
    return json.dumps({"summary": "", "files": [], "blocked": {"kind": kind, "message": "more", "paths": list(paths)}})


@pytest.fixture
def asking(tmp_path):
    """A run whose builder gives these answers in turn."""
    answers = []
    with scripted_server(lambda _: {"text": answers.pop(0)}) as server, opened(tmp_path, env=server.environment()) as run:

        def ask(*texts):
            answers.extend(texts)
            return ask_builder(run.ctx, run.phase(), run.begin(), run.head())

        yield run, server, ask


def test_a_builder_that_edits_is_asked_once(asking):
    _, server, ask = asking
    reply, question = ask(EDIT)
    assert (reply.text, question, len(server.calls)) == (EDIT, 1, 1)


def test_the_prompt_says_the_goal_the_phase_and_the_file_as_it_is(asking):
    _, server, ask = asking
    ask(EDIT)
    (call,) = server.asked("builder")
    for said in ("The app says two.", "Make the change one.", "app.txt"):
        assert said in call.text


def test_a_builder_that_asks_for_what_its_scope_holds_already_is_shown_it_and_nobody_is_bothered(asking):
    run, server, ask = asking
    reply, question = ask(wants("needs_scope", "app.txt"), EDIT)
    assert (reply.text, question, len(server.calls)) == (EDIT, 2, 2)
    assert run.ctx.state.phases.get("one").held is None


def test_what_the_builder_was_shown_first_stands_word_for_word_in_the_second_question(asking):
    _, server, ask = asking
    ask(wants("needs_context", "docs/notes.txt"), EDIT)
    first, second = (json.dumps(call.body["messages"][0]["content"]) for call in server.asked("builder"))
    shown = [block["text"] for block in json.loads(first)]
    assert [block["text"] for block in json.loads(second)][: len(shown)] == shown
    assert "notes" in second


def test_a_builder_that_is_blocked_by_a_question_is_not_shown_anything(asking):
    _, server, ask = asking
    reply, question = ask(wants("question"))
    assert (json.loads(reply.text)["blocked"]["kind"], question, len(server.calls)) == ("question", 1, 1)
