"""What two runs say of an edit that touches tests: the old tests on the new code, the new tests on the old code."""

from autopack.core.model import Frozen


class ChangedTest(Frozen):
    """Something that passed before and does not now, or a setting that decides what the check runs.

    ``test`` is an id; a check's name where it has no ids; a file where ``how`` speaks of a setting. ``allowed`` says why it may be
    changed; None where nothing allows it.
    """

    test: str
    how: str
    allowed: str | None = None

    @property
    def sentence(self) -> str:
        return f"{self.test}: {self.how}"


class OldTests(Frozen):
    """The parent's tests, their data and the runner's settings over the candidate's sources.

    ``touched`` are the files of the edit that count as such; ``gone`` are ids that the new tests no longer have and whose old version
    still passes; ``added`` are the ids and ``added_files`` the files that are new, where nothing is gone. ``before`` and ``after`` are
    the outputs, of the old tests and of the new ones, where something is changed.
    """

    touched: tuple[str, ...] = ()
    changed: tuple[ChangedTest, ...] = ()
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    added_files: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    seconds: float = 0

    @property
    def not_allowed(self) -> tuple[ChangedTest, ...]:
        return tuple(test for test in self.changed if test.allowed is None)

    def allowing_all(self, reason: str) -> "OldTests":
        changed = tuple(test.model_copy(update={"allowed": test.allowed or reason}) for test in self.changed)
        return self.model_copy(update={"changed": changed})

    @property
    def not_allowed_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(test.test for test in self.not_allowed))


class NewTests(Frozen):
    """The candidate's tests over the parent's sources.

    ``fail_without`` pass with the change and not without it: evidence that they test it. ``pass_without`` are new and pass without it.
    """

    fail_without: tuple[str, ...] = ()
    pass_without: tuple[str, ...] = ()
    seconds: float = 0
