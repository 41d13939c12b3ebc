import base64
import json

import pytest

from autopack.core.call import Role, StopReason
from autopack.core.errors import InvalidInputError
from autopack.core.failure import FailureKind
from autopack.core.redaction import Redactor
from autopack.llm.calls.journal_file import (
    Exporting,
    JournalDerived,
    JournalFile,
    JournalFixed,
    JournalHeader,
    ReplayJournal,
    encoded,
    export,
)
from autopack.llm.calls.replay import Replay
from tests.support.asking import KEY, asking, bench, prompt, provider, route
from tests.support.server import scripted_server

HEADER = '{"journal": 1, "plan_sha256": null, "base_tree": null}'


def line(text="reply", phase="one", attempt=1, role="builder", **more) -> str:
    return json.dumps({"phase": phase, "attempt": attempt, "role": role, "reply": {"text": text}, **more})


def written(tmp_path, *lines: str):
    path = tmp_path / "run.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_run_comes_out_of_its_exported_journal_as_it_was(tmp_path):
    texts = iter(["cut", "whole", "audited"])
    script = lambda q: {"text": next(texts), "stop": "max_tokens" if q.call == 1 else None}  # noqa: E731 - a script
    with scripted_server(script) as server, bench(tmp_path, {"corp": server.base_url}) as at:
        of = route(provider("corp", "anthropic"))
        bought = [at.ask(of, of=asking(attempt=1)), at.ask(of, of=asking(attempt=2)), at.ask(of, of=asking(attempt=2, role=Role.AUDITOR))]
        derived = [JournalDerived(phase="one", attempt=2, derived=(JournalFile(path="lock", content=encoded(b"\x00lock")),))]
        header = JournalHeader(plan_sha256="p", base_tree="t")
        path = written(tmp_path, *export(at.journal, Exporting("run-1", Redactor([KEY])), header, derived))
    journal = ReplayJournal.read(path)
    assert journal.header == header
    assert [file.content for file in journal.derived("one", 2) or ()] == [b"\x00lock"]
    (tmp_path / "again").mkdir()
    with bench(tmp_path / "again", {}, replay=Replay(journal)) as at:
        again = [at.ask(of=asking(attempt=1)), at.ask(of=asking(attempt=2)), at.ask(of=asking(attempt=2, role=Role.AUDITOR))]
        spent = at.journal.spent("run-1")
        assert at.told == []
    for before, after in zip(bought, again, strict=True):
        assert after == before.model_copy(update={"usd": 0, "is_replayed": True})
    assert (spent.held_usd, spent.held_tokens, spent.unknown_prices) == (0, 0, 0)


def test_what_commands_changed_or_why_nothing_was_kept_comes_back(tmp_path):
    lines = [
        JournalFixed(phase="one", attempt=2, fixed=(JournalFile(path="a", content=encoded(b"x")), JournalFile(path="b", deleted=True))),
        JournalFixed(phase="one", attempt=4, fixed=(), failure=FailureKind.FIX_FAILED, why="It failed."),
    ]
    journal = ReplayJournal.read(written(tmp_path, HEADER, *(one.model_dump_json() for one in lines)))
    assert [journal.fixed("one", number) for number in (1, 2, 4)] == [None, *lines]


def test_a_replayed_question_is_kept_like_a_bought_one(tmp_path):
    replay = Replay(ReplayJournal.read(written(tmp_path, HEADER, line("once"))))
    with bench(tmp_path, {}, replay=replay) as at:
        first = at.ask()
    with bench(tmp_path, {}) as at:
        assert at.ask(render=lambda: pytest.fail("rendered again")) == first


def test_questions_are_counted_in_the_order_of_their_ordinals_and_runs_are_not_looked_at(tmp_path):
    """Failed calls leave gaps in the ordinals; the second reply is the second question's."""
    path = written(tmp_path, HEADER, line("second", ordinal=7), line("first", ordinal=2), line("other", phase="two"))
    with bench(tmp_path, {}, replay=Replay(ReplayJournal.read(path))) as at:
        of = asking(run="another-run")
        assert [at.ask(of=of, question=1).text, at.ask(of=of, question=2).text] == ["first", "second"]


def test_a_missing_reply_is_named(tmp_path):
    path = written(tmp_path, HEADER, line())
    missing = pytest.raises(InvalidInputError, match=r"run\.jsonl: the journal holds no reply 1 of the builder in attempt 2 of phase 'one'")
    with bench(tmp_path, {}, replay=Replay(ReplayJournal.read(path))) as at, missing:
        at.ask(of=asking(attempt=2))


def test_another_prompt_than_the_recorded_one_is_told_and_with_strict_an_error(tmp_path):
    path = written(tmp_path, HEADER, line(request_sha256="0" * 64))
    drifted = pytest.raises(InvalidInputError, match="asked something else than was recorded")
    with bench(tmp_path, {}, replay=Replay(ReplayJournal.read(path), is_strict=True)) as at, drifted:
        at.ask()
    with bench(tmp_path, {}, replay=Replay(ReplayJournal.read(path))) as at:
        assert at.ask().text == "reply"
        assert at.told == ["replay_drift"]


def test_a_journal_without_hashes_never_drifts(tmp_path):
    with bench(tmp_path, {}, replay=Replay(ReplayJournal.read(written(tmp_path, HEADER, line())), is_strict=True)) as at:
        assert at.ask(render=lambda: prompt("anything")).stop is StopReason.END


def test_keys_do_not_travel_in_an_exported_journal(tmp_path):
    with scripted_server(lambda _q: f"the key is {KEY}") as server, bench(tmp_path, {"corp": server.base_url}) as at:
        at.ask(route(provider("corp", "anthropic")))
        lines = list(export(at.journal, Exporting("run-1", Redactor([KEY])), JournalHeader()))
    assert len(lines) == 2
    assert KEY not in "".join(lines)


def test_files_that_a_tool_deleted_are_told_from_empty_ones(tmp_path):
    files = [{"path": "a", "content": base64.b64encode(b"").decode()}, {"path": "b", "deleted": True}]
    journal = ReplayJournal.read(written(tmp_path, HEADER, json.dumps({"phase": "one", "attempt": 1, "derived": files})))
    empty, gone = journal.derived("one", 1) or ()
    assert (empty.content, empty.deleted, gone.content, gone.deleted) == (b"", False, None, True)
    assert journal.derived("one", 2) is None


@pytest.mark.parametrize(
    ("lines", "match"),
    [
        ([], "empty"),
        (["{}", line()], None),
        (['{"journal": 2}'], "version 2"),
        ([line()], ":1: a journal begins with"),
        (["[]"], ":1: a journal begins with"),
        ([HEADER, "{not json"], ":2: not a line of a journal"),
        ([HEADER, "", '{"phase": "one"}'], ":3: not a line of a journal: attempt"),
        ([HEADER, line(role="cook")], "role"),
        ([HEADER, '{"phase": "one", "attempt": 1, "derived": 5}'], "derived"),
        ([HEADER, '"derived"'], ":2"),
    ],
)
def test_a_file_that_is_no_journal_is_refused_with_its_line(tmp_path, lines, match):
    path = written(tmp_path, *lines)
    if match is None:
        assert ReplayJournal.read(path).header.plan_sha256 is None
        return
    with pytest.raises(InvalidInputError, match=match):
        ReplayJournal.read(path)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("none", "binary"):
        with pytest.raises(InvalidInputError, match="cannot be read"):
            ReplayJournal.read(tmp_path / name)
