"""`consolidate-docs` killed at its calls: given again it ends as if nothing had been, and `--undo` leaves everything as it was."""

import json
import os
import shutil

import pytest

from tests.support import crash_shim
from tests.support.command import shell_environment
from tests.support.crash_facts import end_all
from tests.support.crash_job import injured
from tests.support.crash_shim import Injury, Target, why_not
from tests.support.crash_starter import Command, Starter
from tests.support.repos import commit_files, git, make_repo

pytestmark = pytest.mark.crash

EVERY = int(os.environ.get("CRASH_EVERY", "80"))
"""One in so many calls is tried; with 1 it takes half an hour."""
START_S = 120.0
DONE, NOTHING_TO_UNDO = 0, 2
FILES = {
    "README.md": "[a](notes/a-bug.md#why) [p](PLAN.md)\n",
    "PLAN.md": "# Plan\r\n\r\n[a](notes/a-bug.md)\r\n",
    "notes/a-bug.md": "# A\n\n## Why\n\n[p](../PLAN.md)\n",
    "notes/b.txt": "Größe\n".encode("latin-1"),
    "app.py": "x = 1\n",
}


class Trial:
    def __init__(self, folder, library, starter):
        self.folder, self.library, self.starter = folder, library, starter
        self.repo, self.kept = folder / "shop", folder / "kept"
        self.control, self.out = folder / "control", folder / "out"
        make_repo(self.repo, FILES)
        commit_files(self.repo, {"app.py": "x = 2\n"}, "later")
        (self.repo / "todo.md").write_text("# Untracked\n\n[p](PLAN.md)\n", "utf-8")
        self.environment = injured(shell_environment(folder), library, self.control)
        shutil.copytree(self.repo, self.kept, symlinks=True)

    def restore(self):
        shutil.rmtree(self.repo)
        shutil.copytree(self.kept, self.repo, symlinks=True)

    def give(self, *words, injury=None, modules=None):
        self.out.write_bytes(b"")
        crash_shim.arm(self.control, injury or Injury(), self.out)
        command = Command(("consolidate-docs", *words), str(self.repo), self.environment, str(self.out), str(self.control), modules)
        code = self.starter.run(command, START_S)
        end_all(self.folder)
        return code

    def facts(self):
        """Every file of the checkout and git's index; folders that are empty count too, but for those of records."""
        inside = [path for path in sorted(self.repo.rglob("*")) if ".git" not in path.parts]
        files = {str(path.relative_to(self.repo)): path.read_bytes() if path.is_file() else None for path in inside}
        return {name: data for name, data in files.items() if not name.startswith(".autonomous_runs") or data is not None}, git(
            self.repo, "ls-files", "--stage"
        )


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    reason = why_not()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("documents")
    library = crash_shim.build(folder)
    with Starter(library) as starter:
        made, listing = Trial(folder, library, starter), folder / "modules"
        assert made.give(modules=str(listing)) == DONE, made.out.read_text("utf-8")
        starter.preload(json.loads(listing.read_text("utf-8")))
        yield made


@pytest.mark.parametrize("way", [(), ("--undo",)], ids=["given again", "undone"])
@pytest.mark.parametrize("target", [Target.GROUP, Target.MAIN], ids=lambda target: target.name.lower())
def test_a_consolidation_that_was_killed_ends_whole(trial, target, way):
    trial.restore()
    untouched = trial.facts()
    assert trial.give() == DONE, trial.out.read_text("utf-8")
    calls, expected = crash_shim.calls(trial.control), untouched if way else trial.facts()
    wrong, ended_early = [], 0
    for point in range(1 + int(target), len(calls) + 1, EVERY):
        trial.restore()
        code = trial.give(injury=Injury(at=point, target=target))
        ended_early += code != DONE
        (trial.repo / ".git" / "index.lock").unlink(missing_ok=True)  # a dead git's, as the user is told
        again = trial.give(*way)
        found = trial.facts()
        found[0].pop(".autonomous_runs/.gitignore", None) if way else None
        if again != DONE and not (way and again == NOTHING_TO_UNDO):
            wrong.append((point, code, again, trial.out.read_text("utf-8")[-300:]))
        elif found != expected:
            wrong.append((point, code, again, sorted(found[0].keys() ^ expected[0].keys()), found[1] == expected[1]))
    assert wrong == []
    assert ended_early > len(calls) / EVERY / 4


def test_an_undoing_that_was_killed_is_finished(trial):
    trial.restore()
    untouched = trial.facts()
    assert trial.give() == DONE
    shutil.rmtree(trial.folder / "done", ignore_errors=True)
    shutil.copytree(trial.repo, trial.folder / "done", symlinks=True)
    assert trial.give("--undo") == DONE
    calls, wrong = crash_shim.calls(trial.control), []
    for point in range(2, len(calls) + 1, EVERY):
        shutil.rmtree(trial.repo)
        shutil.copytree(trial.folder / "done", trial.repo, symlinks=True)
        trial.give("--undo", injury=Injury(at=point, target=Target.GROUP))
        (trial.repo / ".git" / "index.lock").unlink(missing_ok=True)
        again, found = trial.give("--undo"), trial.facts()
        found[0].pop(".autonomous_runs/.gitignore", None)
        if again not in (DONE, NOTHING_TO_UNDO) or found != untouched:
            wrong.append((point, again, sorted(found[0].keys() ^ untouched[0].keys()), trial.out.read_text("utf-8")[-300:]))
    assert wrong == []
