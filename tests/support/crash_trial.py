"""One trial: a start that is injured at one call, starts until one ends well, and then the question whether all promises were kept."""

import json
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.support import crash_shim
from tests.support.crash_checker import Reference, Story, reference_of, violations
from tests.support.crash_facts import Ledger, end_all, replies, snapshot
from tests.support.crash_job import Job, environment_of, injured, lay_out
from tests.support.crash_shim import Act, Injury, Made, Target
from tests.support.crash_starter import TIMED_OUT, Command, Starter

START_S: Final = 240.0
RESTARTS: Final = 6
COMPLETE: Final = 0
BLOCKED: Final = 7


@dataclass(frozen=True)
class Ground:
    """What trials share: their job, the template repository, the shim, the server and its ledger, the folder they lie in."""

    job: Job
    template: Path
    library: Path
    base_url: str
    ledger: Ledger
    folder: Path


@dataclass(frozen=True)
class Result:
    """``code`` is the injured start's; ``last`` the last call it made."""

    injury: Injury
    code: int
    kills: int
    last: str
    wrong: tuple[str, ...] = ()

    @property
    def is_hurt(self) -> bool:
        return self.code != COMPLETE


@dataclass
class Trial:
    """Lives in ``<ground.folder>/<run>``; the shim's control file and the output lie beside it, where no check can see them."""

    ground: Ground
    starter: Starter
    run: str
    seen: list[Mapping[int, str]] = field(default_factory=list)
    kills: int = 0

    @property
    def folder(self) -> Path:
        return self.ground.folder / self.run

    @property
    def control(self) -> Path:
        return self.ground.folder / f"{self.run}.control"

    @property
    def out(self) -> Path:
        return self.ground.folder / f"{self.run}.out"

    def dry(self) -> tuple[Reference, list[Made]]:
        """An uninjured run, and every call it made."""
        story = self.uninjured()
        reference = reference_of(story)
        assert not (wrong := violations(story, reference)), wrong
        return reference, crash_shim.calls(self.control)

    def uninjured(self) -> Story:
        before = self._begin()
        code = self._start(Injury(kinds=crash_shim.STEADY | crash_shim.Kind.NET))
        assert code == COMPLETE, self.out.read_text("utf-8")
        return self._story(before, may_repeat=False)

    def modules(self) -> Sequence[str]:
        """What a whole run imports."""
        self._begin()
        listing = self.ground.folder / f"{self.run}.modules"
        self._start(Injury(), modules=listing)
        modules: list[str] = json.loads(listing.read_text("utf-8"))
        return modules

    def judge(self, injury: Injury, reference: Reference, again: float = 0.0, seed: int = 0) -> Result:
        """``again`` is the probability that a start after the first is injured too."""
        before = self._begin()
        dice = random.Random(seed)  # noqa: S311 - the same choice every time
        code = first = self._start(injury)
        last = next((f"{made.number} {made.kind.name} {made.path}" for made in crash_shim.calls(self.control)[-1:]), "")
        wrong = self._unfit(injury, code)
        for restart in range(RESTARTS):
            if code == COMPLETE or wrong:
                break
            point = dice.randint(1, max(injury.at, 2)) if dice.random() < again and restart < RESTARTS // 2 else 0
            code = self._start(Injury(at=point, kinds=injury.kinds) if point else Injury())
            if code != COMPLETE and not point:
                wrong = [f"the start after it ended with {code}: {self._tail()}"]
        if code == COMPLETE and not wrong:
            self._make_report()
            may_repeat = injury.target is Target.SELF or injury.act is Act.ERRNO
            wrong = self._judged(before, reference, may_repeat=may_repeat)
        end_all(self.folder)
        return Result(injury, first, self.kills, last, tuple(wrong))

    def remove(self) -> None:
        for path in self.ground.folder.glob(f"{self.run}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _begin(self) -> dict[str, str]:
        self.folder.mkdir()
        repo = lay_out(self.ground.template, self.folder, self.ground.job)
        self.out.touch()
        return snapshot(repo)

    def _start(self, injury: Injury, modules: Path | None = None) -> int:
        crash_shim.arm(self.control, injury, self.out)
        environment = injured(environment_of(self.folder, self.ground.base_url), self.ground.library, self.control)
        listing = str(modules) if modules else None
        words = ("run", "--run-id", self.run)
        command = Command(words, str(self.folder / "shop"), environment, str(self.out), str(self.control), listing)
        code = self.starter.run(command, START_S)
        if injury.at and code != COMPLETE:
            self.kills += 1
            if injury.target is Target.GROUP and injury.act is not Act.ERRNO:
                end_all(self.folder)
        self.seen.append(replies(self.folder / "shop"))
        return code

    def _make_report(self) -> None:
        """A run whose disk takes no report at its end names the command that makes it again."""
        if f"`autopack report {self.run}` makes it again" in self.out.read_text("utf-8", "replace"):
            environment = environment_of(self.folder, self.ground.base_url)
            self.starter.run(Command(("report", self.run), str(self.folder / "shop"), environment, str(self.out)), START_S)

    def _unfit(self, injury: Injury, code: int) -> list[str]:
        """What is wrong with how the injured start ended."""
        said = self.out.read_text("utf-8", "replace")
        if "Traceback" in said:
            return [f"a traceback: {self._tail()}"]
        if code == TIMED_OUT:
            return ["the injured start did not end"]
        if code >= 0 and code not in (COMPLETE, BLOCKED):
            return [f"the injured start ended with {code}: {self._tail()}"]
        return []

    def _judged(self, before: Mapping[str, str], reference: Reference, *, may_repeat: bool) -> list[str]:
        try:
            return violations(self._story(before, may_repeat=may_repeat), reference)
        except AssertionError as error:  # git or status refused
            return [str(error)]

    def _story(self, before: Mapping[str, str], *, may_repeat: bool) -> Story:
        sold, seen, phases = tuple(self.ground.ledger.of(self.run)), tuple(self.seen), self.ground.job.names
        return Story(self.folder, self.run, before, sold, self.kills, self._status(), seen, may_repeat, self.starter.server, phases)

    def _status(self) -> Any:
        answer = self.ground.folder / f"{self.run}.status"
        environment = environment_of(self.folder, self.ground.base_url)
        code = self.starter.run(Command(("status", self.run, "--json"), str(self.folder / "shop"), environment, str(answer)), START_S)
        text = answer.read_text("utf-8")
        assert code == COMPLETE, f"status ended with {code}: {text}"
        return json.loads("\n".join(line for line in text.splitlines() if not line.startswith("autopack:")))

    def _tail(self) -> str:
        return " | ".join(self.out.read_text("utf-8", "replace").splitlines()[-4:])[-700:]
