"""The project is set up once in the run's work tree, again when what it depends on changes, and never by one candidate for another."""

import pytest

from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.executor.commands.set_up import link_paths, set_up
from tests.support.command import FILES
from tests.support.run_context import opened

IGNORED = {**FILES, ".gitignore": "made\nlib/\n"}


def setting_up(tmp_path, command="true", files=IGNORED, **workspace):
    """A run whose set-up leaves `made`, which git ignores, with the app's text, and a line in `ran`."""
    setup = [{"command": f"cp app.txt made; echo x >> {tmp_path}/ran; {command}", "again_when": ["app.txt"]}]
    return opened(tmp_path, files=files, workspace={"setup": setup, **workspace})


def ran(tmp_path):
    file = tmp_path / "ran"
    return len(file.read_text().splitlines()) if file.exists() else 0


def made(run):
    file = run.site.slot.work_tree.place / "made"
    return file.read_text() if file.exists() else None


def test_set_up_runs_once_for_files_that_stay_as_they_are_and_is_told(tmp_path):
    with setting_up(tmp_path) as run:
        set_up(run.site, run.head())
        set_up(run.site, run.commit({"other.txt": "x\n"}))
        assert (ran(tmp_path), made(run)) == (1, "one\n")
        assert [message.partition(":")[0] for message in run.messages("setup")] == ["set up"]


def test_what_set_up_left_is_there_again_after_a_command_removed_it(tmp_path):
    with setting_up(tmp_path) as run:
        set_up(run.site, run.head())
        (run.site.slot.work_tree.place / "made").unlink()
        run.site.slot.work_tree.reset(run.head())
        assert (ran(tmp_path), made(run)) == (1, "one\n")


def test_it_runs_again_where_a_file_that_it_depends_on_changed_and_where_somebody_asks(tmp_path):
    with setting_up(tmp_path) as run:
        set_up(run.site, run.head())
        head = run.commit({"app.txt": "two\n"})
        set_up(run.site, head)
        assert (ran(tmp_path), made(run)) == (2, "two\n")
        set_up(run.site, head, again=True)
        assert ran(tmp_path) == 3


def test_what_a_candidates_set_up_left_serves_no_other_commit(tmp_path):
    with setting_up(tmp_path) as run:
        base = run.head()
        set_up(run.site, base)
        candidate = run.commit({"app.txt": "two\n"}, on=base)
        set_up(run.site, candidate, is_candidate=True)
        assert made(run) == "two\n"
        set_up(run.site, base)
        assert (ran(tmp_path), made(run)) == (2, "one\n")


def test_what_a_candidates_set_up_left_is_kept_once_it_has_landed(tmp_path):
    with setting_up(tmp_path) as run:
        base = run.head()
        candidate = run.commit({"app.txt": "two\n"}, on=base)
        set_up(run.site, candidate, is_candidate=True)
        run.git("update-ref", "refs/heads/autopack/r", candidate)
        set_up(run.site, run.commit({"other.txt": "x\n"}))
        assert (ran(tmp_path), made(run)) == (1, "two\n")


def test_the_same_failure_is_the_machines_on_a_commit_and_may_be_the_edits_on_a_candidate(tmp_path):
    with setting_up(tmp_path, "exit 3") as run:
        with pytest.raises(EnvironmentBlockedError, match="failed: exit code 3"):
            set_up(run.site, run.head())
        with pytest.raises(AttemptFailed, match="failed: exit code 3"):
            set_up(run.site, run.commit({"app.txt": "two\n"}, on=run.head()), is_candidate=True)


def test_a_set_up_that_failed_runs_again_the_next_time(tmp_path):
    with setting_up(tmp_path, f"test -e {tmp_path}/tool") as run:
        with pytest.raises(EnvironmentBlockedError):
            set_up(run.site, run.head())
        (tmp_path / "tool").touch()
        set_up(run.site, run.head())
        assert (ran(tmp_path), made(run)) == (2, "one\n")


def test_a_plan_without_set_up_has_the_commits_files_and_nothing_else(run):
    place = run.site.slot.work_tree.place
    (place / "left").touch()
    head = run.commit({"app.txt": "two\n"})
    set_up(run.site, head)
    assert (place / "app.txt").read_text() == "two\n"
    assert not (place / "left").exists()


def linking(tmp_path, mode="copy"):
    return opened(tmp_path, files=IGNORED, workspace={"link": [{"path": "lib", "mode": mode}]})


def test_a_linked_folder_is_copied_once_and_the_users_own_stays_as_it_is(tmp_path):
    with linking(tmp_path) as run:
        (run.repo / "lib").mkdir()
        (run.repo / "lib" / "a").write_text("a\n")
        link_paths(run.site)
        copy = run.site.slot.work_tree.place / "lib" / "a"
        assert copy.read_text() == "a\n"
        copy.write_text("changed\n")
        run.site.slot.work_tree.reset(run.head())
        assert (copy.read_text(), (run.repo / "lib" / "a").read_text()) == ("a\n", "a\n")


def test_a_path_that_is_not_there_to_be_linked_ends_the_start(tmp_path):
    with linking(tmp_path) as run, pytest.raises(EnvironmentBlockedError, match="lib"):
        link_paths(run.site)


def test_a_link_that_commands_could_write_through_is_told_where_there_is_no_sandbox(tmp_path):
    with linking(tmp_path, "symlink") as run:
        (run.repo / "lib").mkdir()
        link_paths(run.site)
        assert ["commands can write into your own lib" in message for message in run.messages("note")] == [True]
