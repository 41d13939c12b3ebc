"""The project's own tools make files of an edit: kept as blobs, within what the plan lets them write, once."""

import base64
import json

import pytest

from autopack.core.candidate import DerivedFiles
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.edits import AcceptedEdits
from autopack.executor.attempt.derive_files import derive_files, encodings_of
from autopack.worktree.candidate import Content
from tests.support.command import FILES, phase_of
from tests.support.run_context import opened

COPY = {"command": "cp app.txt made.txt", "when": ["app.txt"], "writes": ["made.txt"]}


def derived(run, files=None):
    """What the phase's tools make of an edit."""
    files = files or {"app.txt": "two\n"}
    key = run.ctx.state.phases.open_attempt("one") or run.begin().key
    edits = AcceptedEdits(after=files, before={path: FILES.get(path) for path in files})
    content = Content(edits, encodings_of(run.site.tree(key.parent), edits))
    return derive_files(run.site, run.ctx.replay, run.phase(), key, content)


def deriving(tmp_path, *steps, **options):
    return opened(tmp_path, phase_of("one", derive=list(steps)), **options)


def made(run, files: DerivedFiles):
    return {file.path: run.git("cat-file", "blob", file.blob) if file.blob else None for file in files.files}


def test_what_a_tool_makes_of_an_edit_is_kept_as_a_blob(tmp_path):
    with deriving(tmp_path, COPY) as run:
        assert made(run, derived(run)) == {"made.txt": "two"}


def test_a_later_tool_finds_what_an_earlier_one_made(tmp_path):
    more = {"command": "cat made.txt made.txt > more.txt", "when": ["app.txt"], "writes": ["more.txt"]}
    with deriving(tmp_path, COPY, more) as run:
        assert made(run, derived(run)) == {"made.txt": "two", "more.txt": "two\ntwo"}


def test_a_tool_may_change_the_edited_file_and_delete_another(tmp_path):
    sort = {"command": "sort -o {changed} {changed}", "when": ["*.txt"], "writes": "changed"}
    remove = {"command": "rm docs/notes.txt", "when": ["app.txt"], "writes": ["docs/"]}
    with deriving(tmp_path, sort, remove) as run:
        assert made(run, derived(run, {"app.txt": "two\none\n"})) == {"app.txt": "one\ntwo", "docs/notes.txt": None}


def test_what_git_ignores_is_no_derived_file(tmp_path):
    step = {**COPY, "command": "cp app.txt made.txt; echo x > made.log"}
    with deriving(tmp_path, step, files={**FILES, ".gitignore": "*.log\n"}) as run:
        assert made(run, derived(run)) == {"made.txt": "two"}


def failure(run):
    with pytest.raises(AttemptFailed) as failed:
        derived(run)
    return failed.value


def test_a_tool_that_writes_where_the_plan_does_not_let_it_ends_the_attempt(tmp_path):
    with deriving(tmp_path, {**COPY, "command": "cp app.txt made.txt; echo x > check.sh"}) as run:
        failed = failure(run)
        assert failed.kind is FailureKind.DERIVE_FAILED
        assert "wrote 'check.sh', which its 'writes' does not allow (it may write: made.txt)" in failed.message
        assert failed.evidence == "check.sh\nmade.txt"


def test_a_tool_that_fails_on_the_edit_alone_is_the_edits_fault(tmp_path):
    with deriving(tmp_path, {**COPY, "command": "grep one app.txt || { echo no one here; exit 3; }"}) as run:
        failed = failure(run)
        assert failed.kind is FailureKind.DERIVE_FAILED
        assert failed.message.endswith("failed on the edit: exit code 3.")
        assert failed.evidence == "no one here"


def test_a_tool_that_fails_without_the_edit_too_is_the_machines_fault(tmp_path):
    with deriving(tmp_path, {**COPY, "command": "exit 3"}) as run:
        failed = failure(run)
        assert failed.kind is FailureKind.ENVIRONMENT
        assert "with or without the edit" in failed.message


def test_a_name_that_is_no_utf_8_ends_the_attempt(tmp_path):
    with deriving(tmp_path, {**COPY, "command": "touch \"$(printf 'made\\377.txt')\"", "writes": ["made*"]}) as run:
        assert "that name is no UTF-8" in failure(run).message


def test_a_replay_plays_what_the_journal_holds_and_runs_no_tool(tmp_path):
    journal, ran = tmp_path / "journal.jsonl", tmp_path / "ran"
    lines = (
        {"journal": 1, "plan_sha256": None, "base_tree": None},
        {
            "phase": "one",
            "attempt": 1,
            "derived": [
                {"path": "made.txt", "content": base64.b64encode(b"played\n").decode()},
                {"path": "docs/notes.txt", "deleted": True},
            ],
        },
    )
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with deriving(tmp_path, {**COPY, "command": f"touch {ran}"}, options={"replay": journal}) as run:
        assert made(run, derived(run)) == {"made.txt": "played", "docs/notes.txt": None}
    assert not ran.exists()


def test_an_edit_keeps_the_encoding_that_each_file_has(tmp_path):
    files = {"app.txt": "größe\n".encode("latin-1"), "bytes": b"\xff\x00\n", "plain": "größe\n"}
    with opened(tmp_path, files=files) as run:
        edits = AcceptedEdits(after={}, before=dict.fromkeys((*files, "new.txt")))
        assert encodings_of(run.site.tree(run.head()), edits) == {"app.txt": "latin-1", "bytes": "latin-1", "plain": "utf-8"}
