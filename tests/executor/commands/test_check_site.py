"""Where a phase's checks run: exactly the commit's files, whatever an earlier command wrote, and what the plan lets them see."""

import pytest

from autopack.core.checking import StepReport, StepStatus
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError, InvalidInputError
from autopack.core.plan import Checks, CheckStep
from autopack.executor.commands.check_site import CheckedTree, check_site_for, tree_of
from tests.support.run_context import opened

STEP = CheckStep(command="true")


def test_the_tree_holds_the_commit_and_the_folders_of_the_scope(run):
    commit = run.commit({"app.txt": "two\n"}, on=run.head())
    with CheckedTree(run.site, ("src/new/",)).at(commit) as root:
        assert (root / "app.txt").read_text() == "two\n"
        assert (root / "src" / "new").is_dir()


def test_each_command_finds_the_tree_as_it_was_and_what_it_wrote_is_known(run):
    held = CheckedTree(run.site)
    with held.at(run.head()) as root:
        for _ in range(2):
            with held.fresh():
                assert (root / "app.txt").read_text() == "one\n"
                assert not (root / "left").exists()
                (root / "app.txt").write_text("written\n")
                (root / "left").touch()
        assert (root / "app.txt").read_text() == "one\n"
    assert held.written() == ("app.txt", "left")
    assert held.removed() == ("left",)


def test_what_one_commits_commands_wrote_is_not_told_of_the_next(run):
    held = CheckedTree(run.site)
    with held.at(run.head()) as root, held.fresh():
        (root / "left").touch()
    with held.at(run.head()):
        assert held.written() == ()


def test_what_a_command_leaves_in_its_scratch_folder_is_gone_before_the_next(run):
    held, scratch = CheckedTree(run.site), run.site.slot.scratch
    with held.at(run.head()):
        with held.fresh():
            (scratch / "left").touch()
        assert list(scratch.iterdir()) == []


def test_a_scope_says_what_its_phase_may_write(run):
    held = CheckedTree(run.site, ("src/", "app.txt"))
    assert [held.may_write(path) for path in ("src/a.py", "app.txt", "check.sh")] == [True, True, False]


@pytest.mark.parametrize(("command", "error"), [("grep -qx one app.txt", AttemptFailed), ("false", EnvironmentBlockedError)])
def test_whose_fault_a_failed_set_up_is_the_parent_tells(tmp_path, command, error):
    with opened(tmp_path, workspace={"setup": [{"command": command, "again_when": ["app.txt"]}]}) as run:
        _, candidate = run.candidate({"app.txt": "two\n"})
        held = CheckedTree(run.site, (), candidate)
        with pytest.raises(error), held.at(candidate.commit):
            pass


def test_commands_are_told_their_run_and_phase_and_get_no_key_of_a_model(tmp_path):
    with opened(tmp_path, env={"ANTHROPIC_API_KEY": "k-test", "TOKEN": "t"}) as run:
        held = CheckedTree(run.site)
        site = check_site_for(run.site, "one-2", Checks(steps=(STEP,), env={"A": "b"}, env_from=("TOKEN",)), held)
        environment = site.context.environment
        assert (environment["AUTOPACK_RUN"], environment["AUTOPACK_PHASE"]) == ("r", "one")
        assert (environment["A"], environment["TOKEN"]) == ("b", "t")
        assert environment["HOME"] == str(run.site.slot.home)
        assert "ANTHROPIC_API_KEY" not in environment
        assert site.context.log == run.ctx.state.records / "ci" / "one-2.log"
        with pytest.raises(InvalidInputError, match="is a key of a model provider"):
            check_site_for(run.site, "one-2", Checks(steps=(STEP,), env_from=("ANTHROPIC_API_KEY",)), held)


def test_what_is_known_of_a_tree_is_known_to_every_phase_with_that_command_and_environment(run):
    checks, held = Checks(steps=(STEP,)), CheckedTree(run.site)
    report = StepReport(name="true", command="true", status=StepStatus.GREEN, exit_code=0, duration_s=0.1, output="")
    tree = tree_of(run.site.tree, run.head()).tree
    check_site_for(run.site, "one-1", checks, held).baselines.put(tree, STEP, checks, report)
    assert check_site_for(run.site, "two-1", checks, held).baselines.get(tree, STEP, checks) == report
    other = checks.model_copy(update={"env": {"A": "b"}})
    assert check_site_for(run.site, "two-1", other, held).baselines.get(tree, STEP, other) is None
