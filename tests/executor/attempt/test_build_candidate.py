"""A reply becomes a candidate commit before any check runs, once; what is refused of it is the next attempt's feedback."""

import json
from contextlib import ExitStack

import pytest

from autopack.core.candidate import Candidate, DerivedFiles
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError, ScopeGranted
from autopack.core.failure import FailureKind
from autopack.core.step_names import StepName
from autopack.executor.attempt.build_candidate import build_candidate
from autopack.executor.steer.verbs import adopt
from tests.support.command import phase_of
from tests.support.run_context import opened
from tests.support.server import scripted_server


def reply(**files):
    edits = [{"path": path.replace("_", "."), "action": "replace", "content": text} for path, text in files.items()]
    return json.dumps({"summary": "The app says two", "files": edits})


def blocked(kind, *paths):
    return json.dumps({"summary": "", "files": [], "blocked": {"kind": kind, "message": "I need more.", "paths": list(paths)}})


TWO = reply(app_txt="two\n")


class Built:
    """A run whose builder gives these answers in turn, the last one again and again."""

    def __init__(self, run, server):
        self.run, self.server = run, server
        self.step = run.begin()

    def candidate(self, step=None):
        return build_candidate(self.run.ctx, self.run.phase(), step or self.step)

    def failure(self):
        with pytest.raises(AttemptFailed) as failed:
            self.candidate()
        return failed.value

    def calls(self):
        return len(self.server.asked("builder"))


@pytest.fixture
def building(tmp_path):
    """Opens such a run: the answers, then what differs from a plain phase."""
    with ExitStack() as stack:

        def build(*answers, **phase):
            left = list(answers)
            server = stack.enter_context(scripted_server(lambda _: _as_reply(left.pop(0) if len(left) > 1 else left[0])))
            run = stack.enter_context(opened(tmp_path, phase_of("one", **phase), env=server.environment()))
            return Built(run, server)

        yield build


def _as_reply(answer):
    return answer if isinstance(answer, dict) else {"text": answer}


def test_the_candidate_holds_the_reply_and_no_branch_holds_the_candidate(building):
    built = building(TWO)
    candidate = built.candidate()
    run = built.run
    assert (candidate.paths, candidate.parent) == (("app.txt",), run.head())
    assert run.git("show", f"{candidate.commit}:app.txt") == "two"
    assert run.git("branch", "-a", "--contains", candidate.commit) == ""
    assert run.git("rev-parse", "refs/autopack/r/one/1") == candidate.commit
    message = run.git("log", "-1", "--format=%B", candidate.commit)
    assert "The app says two" in message
    assert {"Autopack-Run: r", "Autopack-Phase: one", "Autopack-Attempt: 1"} <= set(message.splitlines())
    assert run.state() == "checking"


def test_a_recorded_candidate_is_used_and_nobody_is_asked_again(building):
    built = building(TWO)
    candidate = built.candidate()
    assert built.candidate(built.run.steps(built.step.key)) == candidate
    assert built.calls() == 1


def test_a_candidate_that_git_lost_is_made_again_from_the_stored_reply_as_the_same_commit(building):
    built = building(TWO)
    candidate = built.candidate()
    built.run.lose(candidate.commit)
    assert built.candidate(built.run.steps(built.step.key)) == candidate
    assert built.run.git("cat-file", "-t", candidate.commit) == "commit"
    assert built.calls() == 1


def test_a_persons_commit_that_git_lost_is_not_asked_of_a_builder(building):
    built = building(TWO)
    run = built.run
    run.asking(built.step)
    commit = run.commit({"app.txt": "by hand\n"}, on=run.head())
    adopt(run.helm, "one", commit)
    run.lose(commit)
    with pytest.raises(EnvironmentBlockedError, match="that was adopted is no longer whole"):
        built.candidate(run.steps(run.ctx.state.phases.open_attempt("one")))
    assert built.calls() == 0


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ("I have thought about it.", FailureKind.REPLY_MALFORMED, ""),
        ({"text": TWO[: len(TWO) // 2], "stop": "max_tokens"}, FailureKind.REPLY_CUT, ""),
        ({"text": "I cannot help with that.", "stop": "refusal"}, FailureKind.REPLY_REFUSED, "The model declined to answer"),
        (reply(check_sh="true\n"), FailureKind.SCOPE_VIOLATION, "check.sh"),
        (reply(app_txt="one\n"), FailureKind.NO_CHANGE, ""),
        (json.dumps({"summary": "", "files": [{"path": "app.txt", "action": "delete"}]}).replace("app.txt", "../x"), None, "../x"),
    ],
)
def test_a_reply_that_cannot_be_used_ends_the_attempt_and_the_phase_is_not_checked(building, answer, kind, said):
    built = building(answer)
    failed = built.failure()
    assert failed.kind is (kind or FailureKind.SCOPE_VIOLATION)
    assert said in failed.message
    assert built.run.state() == "applying"
    assert built.run.steps(built.step.key).recorded(StepName.CANDIDATE, Candidate) is None


def test_a_builder_that_asks_to_see_more_is_shown_it_within_the_attempt(building):
    built = building(blocked("needs_context", "docs/notes.txt"), TWO)
    assert built.candidate().paths == ("app.txt",)
    assert built.calls() == 2
    assert "notes" in built.server.asked("builder")[1].text
    assert built.run.steps(built.step.key).results[StepName.REPLY] == '{"ordinal":2}'


def test_a_builder_that_only_ever_wants_to_see_more_fails_the_attempt(building):
    built = building(blocked("needs_context", "docs/notes.txt"))
    assert built.failure().kind is FailureKind.NEEDLESS_SCOPE
    assert built.calls() == 3


def test_a_blocked_builder_is_given_what_the_plan_lets_it_have(building):
    built = building(blocked("needs_scope", "docs/notes.txt"), scope={"paths": ["app.txt"], "may_add": ["docs/"]})
    with pytest.raises(ScopeGranted) as granted:
        built.candidate()
    assert granted.value.paths == ("docs/notes.txt",)
    assert built.run.state() == "applying"


def test_a_builder_that_wants_what_the_plan_does_not_say_is_a_question_for_a_person(building):
    built = building(blocked("needs_scope", "docs/notes.txt"))
    failed = built.failure()
    assert (failed.kind, failed.evidence) == (FailureKind.BUILDER_BLOCKED, "docs/notes.txt")


def test_what_tools_derive_is_in_the_commit_and_a_resumed_attempt_runs_no_tool_again(building, tmp_path):
    tool = {"command": f"echo x >> {tmp_path}/ran; cp app.txt made.txt", "when": ["app.txt"], "writes": ["made.txt"]}
    built = building(TWO, derive=[tool])
    candidate = built.candidate()
    assert (candidate.paths, candidate.derived) == (("app.txt", "made.txt"), ("made.txt",))
    assert built.run.steps(built.step.key).recorded(StepName.DERIVE, DerivedFiles).paths == ("made.txt",)
    built.run.lose(candidate.commit)
    assert built.candidate(built.run.steps(built.step.key)) == candidate
    assert (tmp_path / "ran").read_text() == "x\n"


def test_a_tool_that_makes_something_else_of_a_lost_candidate_ends_the_attempt(building, tmp_path):
    tool = {"command": f"echo x >> {tmp_path}/ran; cp {tmp_path}/ran made.txt", "when": ["app.txt"], "writes": ["made.txt"]}
    built = building(TWO, derive=[tool])
    candidate = built.candidate()
    run = built.run
    blob = run.git("rev-parse", f"{candidate.commit}:made.txt")
    run.lose(candidate.commit)
    run.lose(blob)
    with pytest.raises(AttemptFailed, match="the derive steps make other files now") as failed:
        built.candidate(run.steps(built.step.key))
    assert failed.value.kind is FailureKind.DERIVE_FAILED


def test_a_commit_that_opens_the_machine_carries_the_risk(building):
    compose = "services:\n  app:\n    image: app\n    privileged: true\n"
    edits = json.dumps({"summary": "s", "files": [{"path": "compose.yaml", "action": "create", "content": compose}]})
    built = building(edits, scope={"paths": ["compose.yaml"]})
    assert built.candidate().risks
