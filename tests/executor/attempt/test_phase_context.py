"""What the builder is shown in an attempt, and in which form its edits are asked for."""

from autopack.core.failure import FailureKind
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.phase_context import begin_attempt, context_of, instructions_of
from autopack.store.attempts import Failed
from tests.support.command import FILES, phase_of
from tests.support.run_context import opened


def shown(run, forced=None):
    return context_of(run.site, run.phase(), run.head(), forced)


def test_the_same_tree_and_phase_are_shown_the_same(run):
    assert shown(run).model_dump_json() == shown(run).model_dump_json()
    assert [(file.path, file.mode, file.stretches) for file in shown(run).editable] == [("app.txt", "full_file", ((1, "one"),))]


def test_what_a_person_committed_since_is_shown(run):
    head = run.commit({"app.txt": "by hand\n"})
    (file,) = context_of(run.site, run.phase(), head, None).editable
    assert file.stretches == ((1, "by hand"),)


def test_a_form_that_is_forced_is_the_one_that_is_asked_for(run):
    assert shown(run, "diff").main_mode == "diff"


def test_an_attempt_begins_on_its_parent_with_its_form_in_the_row(run):
    key = begin_attempt(run.site, run.phase(), run.head())
    row = run.ctx.state.phases.last_attempt("one")
    assert (key.number, key.parent, row.parent, run.state()) == (1, run.head(), run.head(), "building")


def test_the_second_attempt_is_shown_why_the_first_failed(tmp_path):
    with opened(tmp_path, phase_of("one", max_attempts=3)) as run:
        step = run.begin()
        run.ctx.state.phases.fail_attempt(step.key, Failed(FailureKind.CHECKS_RED, "1 test failed", "test_a"))
        run.ctx.state.phases.move("one", PhaseEvent.RETRY)
        assert begin_attempt(run.site, run.phase(), run.head()).number == 2
        assert "1 test failed" in shown(run).model_dump_json()


def test_the_projects_own_instructions_are_read_from_the_commit_without_secrets(tmp_path):
    files = {**FILES, "AGENTS.md": "Use tabs. Never print k-canary-0123456789.\n"}
    ci = {"steps": [{"command": "true", "tests": "none"}], "env_from": ["TOKEN"]}
    with opened(tmp_path, phase_of("one", ci=ci), files=files, env={"TOKEN": "k-canary-0123456789"}) as run:
        ((path, text),) = instructions_of(run.site, run.head())
        assert path == "AGENTS.md"
        assert "Use tabs." in text
        assert "canary" not in text
