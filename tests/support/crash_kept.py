"""A finished run that is put back before each trial of a command which is killed on it."""

import shutil

from tests.support import crash_shim
from tests.support.crash_facts import end_all
from tests.support.crash_job import environment_of, injured
from tests.support.crash_shim import Injury
from tests.support.crash_starter import Command
from tests.support.crash_trial import START_S, Trial


class KeptRun:
    """`words` are the command's; what is changed in `repo` after `keep` lasts until `restore`."""

    def __init__(self, at, starter, run, words):
        self.trial, self.words = Trial(at.ground, starter, run), words
        self.trial.uninjured()
        self.repo = self.trial.folder / "shop"
        self.kept = at.ground.folder / f"kept-{run}"

    def keep(self):
        shutil.copytree(self.trial.folder, self.kept, symlinks=True)

    def restore(self):
        shutil.rmtree(self.trial.folder)
        shutil.copytree(self.kept, self.trial.folder, symlinks=True)

    def remove(self):
        shutil.rmtree(self.kept)
        self.trial.remove()

    def give(self, injury: Injury) -> int:
        """The exit code, negative for a signal."""
        trial = self.trial
        trial.out.write_bytes(b"")
        crash_shim.arm(trial.control, injury, trial.out)
        environment = injured(environment_of(trial.folder, trial.ground.base_url), trial.ground.library, trial.control)
        code = trial.starter.run(Command(self.words, str(self.repo), environment, str(trial.out), str(trial.control)), START_S)
        end_all(trial.folder)
        return code

    def said(self):
        return self.trial.out.read_text("utf-8")
