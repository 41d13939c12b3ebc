"""The public functions of the edits are the executor's own: whoever breaks them breaks a run."""

import json

import pytest

from autopack.edits import EditRefused, apply_edit_set, apply_reply, read_reply
from autopack.edits.content import judge_result
from autopack.worktree import apply_reply_to
from autopack.worktree.path_gate import judge_entries
from tests.support.cli import typed
from tests.support.command import Desk, phase_of

REPLY = json.dumps({"summary": "two", "files": [{"path": "app.txt", "action": "replace", "content": "two\n"}]})
SENTENCE = "the public way is closed"


def closed(*_args, **_kwargs):
    from autopack.core.refusal import RefusalCode
    from autopack.edits import EditRefused  # their code runs in other modules

    raise EditRefused(RefusalCode.NOT_FOUND, "the public way is closed")


@pytest.mark.parametrize("function", [read_reply, apply_edit_set, judge_entries, judge_result])
def test_what_the_public_functions_refuse_no_run_applies(tmp_path, monkeypatch, capsys, function):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one", max_attempts=1))
    journal = tmp_path / "journal.jsonl"
    call = {"phase": "one", "attempt": 1, "role": "builder", "ordinal": 1, "request_sha256": None, "reply": {"text": REPLY}}
    journal.write_text("\n".join(map(json.dumps, ({"journal": 1, "plan_sha256": None, "base_tree": None}, call))) + "\n", "utf-8")
    for name, value in desk.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(desk.repo)
    monkeypatch.setattr(function, "__code__", closed.__code__.replace(co_freevars=function.__code__.co_freevars))
    with pytest.raises(EditRefused, match=SENTENCE):
        apply_reply_to(desk.repo, REPLY)
    if function in (read_reply, apply_edit_set):  # the gate and the judgement of results are the directory's
        with pytest.raises(EditRefused, match=SENTENCE):
            apply_reply(REPLY, before={"app.txt": "one\n"})
    assert typed("run", "--run-id", "r", "--replay", journal) == 1
    assert SENTENCE in capsys.readouterr().err
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")
