"""An attempt is shown the rules that fit, once; a landing teaches what it overcame; rules that were shown in vain are named."""

from concurrent.futures import Future

from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.rules import Lesson, Rule, RuleOrigin
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.recover_phase import record_failure
from autopack.executor.attempt.ruling import rules_in_vain, rulings, taught_by_landing
from autopack.executor.steer.verbs import retry
from autopack.store.phase_changes import Teaching
from autopack.store.rules import add_rule, learn, rule_name, rules_of
from autopack.store.steering import Wishes
from tests.support.command import phase_of
from tests.support.run_context import opened

RED = "1 of 12 tests fails: tests/test_basket.py::test_sorted, the basket is not sorted"
PERSONS = Rule(name=rule_name("Cents."), project="shop", text="Cents.", origin=RuleOrigin.PERSON)


def write(run, do, *given):
    with run.ctx.state.database.write() as session:
        do(session.connection(), *given, 1.0)


def known(run, failure=RED):
    """A lesson that two other runs have learned."""
    one = Lesson(
        project="shop", run="a", phase="p", attempt=1, kind="ci_fail", category="feature", paths=("app.txt",), failure=failure, text="Sort."
    )
    write(run, learn, [one, one.model_copy(update={"run": "b"})])
    (rule,) = [rule for rule in rules_of(run.ctx.state.database, "shop") if rule.text == "Sort."]
    return rule.name


def fail(run, step, message=RED, kind=FailureKind.CHECKS_RED):
    record_failure(run.site, run.ctx.models, run.phase(), step.key, AttemptFailed(kind, message, ""))


def shown(run, step):
    return [[rule.text for rule in one.ruling.rules] for one in rulings(run.ctx, run.phase(), step)]


def test_rules_that_fit_are_shown_once_and_told_once(run):
    write(run, add_rule, PERSONS)
    known(run)
    step = run.begin()
    assert shown(run, step) == [["Cents.", "Sort."]]
    assert shown(run, run.steps(step.key)) == [["Cents.", "Sort."]], "a start after a kill shows the same"
    assert [told.event for told in run.told].count("rules_shown") == 1


def test_what_was_shown_stays_where_it_was_though_the_rules_have_changed(run):
    step = run.begin()
    assert shown(run, step) == [[]]
    write(run, add_rule, PERSONS)
    assert shown(run, run.steps(step.key)) == [[]]


def test_the_file_of_the_repository_is_read_for_each_attempt_and_one_that_is_broken_is_told(run):
    folder = run.repo / ".autopack"
    folder.mkdir()
    (folder / "rules.yaml").write_text("rules: [{text: Softly.}]\n", "utf-8")
    step = run.begin()
    assert shown(run, step) == [["Softly."]]
    (folder / "rules.yaml").write_text("rules: [\n", "utf-8")
    fail(run, step)
    run.ctx.state.phases.move("one", PhaseEvent.RETRY, 1)
    assert shown(run, run.begin())[0] == ["Softly."]
    assert any("The rules that were read before hold." in message for message in run.messages("note"))


def test_without_a_memory_only_what_persons_gave_is_shown_and_nothing_is_learned(tmp_path):
    with opened(tmp_path, phase_of("one"), env={"AUTOPACK_MEMORY__ENABLE_MEMORY": "false"}) as run:
        write(run, add_rule, PERSONS)
        known(run)
        step, candidate = run.gated({"app.txt": "two\n"})
        assert shown(run, run.steps(step.key)) == [["Cents."]]
        assert taught(run, step, candidate) == Teaching()


def taught(run, step, candidate):
    patch = Future()
    patch.set_result("-one\n+two\n")
    return taught_by_landing(run.site, run.phase(), step.key, candidate, patch)


def overcome(run, *failures, note=None):
    """Attempts that failed so, and the lessons of the landing after them."""
    for kind, message in failures:
        step = run.begin()
        fail(run, step, message, kind)
        run.ctx.state.phases.move("one", PhaseEvent.HOLD if note else PhaseEvent.RETRY, step.key.number)
        if note:
            retry(run.helm, "one", Wishes(note=note))
    step, candidate = run.gated({"app.txt": "two\n"})
    return taught(run, step, candidate).lessons


def test_a_landing_teaches_what_it_overcame_and_alike_failures_once(run):
    (lesson,) = overcome(run, (FailureKind.CHECKS_RED, RED), (FailureKind.CHECKS_RED, RED.replace("12", "13")), note="Sort first.")
    assert (lesson.kind, lesson.attempt, lesson.paths, lesson.text) == ("ci_fail", 2, ("app.txt",), "Sort first.")
    assert "test_sorted" in lesson.failure


def test_a_reply_that_was_cut_or_a_test_that_comes_and_goes_teaches_nothing(run):
    assert overcome(run, (FailureKind.REPLY_CUT, "The reply was cut."), (FailureKind.FLAKY, "test_coin comes and goes.")) == ()


def test_a_landing_that_overcame_nothing_teaches_no_rule_and_is_remembered(run):
    step, candidate = run.gated({"app.txt": "two\n"})
    teaching = taught(run, step, candidate)
    assert teaching.lessons == ()
    assert teaching.entries


def test_a_rule_that_was_shown_and_speaks_of_this_very_failure_was_in_vain(run):
    name = known(run)
    step = run.begin()
    assert rules_in_vain(run.site, step.key, AttemptFailed(FailureKind.CHECKS_RED, RED, "")).names == (), "it was not shown"
    shown(run, step)
    assert rules_in_vain(run.site, step.key, AttemptFailed(FailureKind.CHECKS_RED, RED, "")).names == (name,)
    assert rules_in_vain(run.site, step.key, AttemptFailed(FailureKind.CHECKS_RED, "The port is taken.", "")).names == ()
    assert rules_in_vain(run.site, step.key, AttemptFailed(FailureKind.AUDIT_REJECTED, RED, "")).names == ()
