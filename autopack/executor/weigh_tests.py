"""Whether a candidate weakens the project's tests: found once after its checks, told, and in the way unless a person named the file."""

import json

from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.scope import Scope
from autopack.executor.granted import granted_paths
from autopack.executor.steps import Lap, Recording, Steps
from autopack.executor.workbench import Workbench
from autopack.review.tampering import TestChanges, find_tampering
from autopack.store.phases import Produced

_TOLD = 50


def weigh_tests(bench: Workbench, phase: PhaseSpec, step: Steps, lap: Lap, checked: tuple[Candidate, CheckReport]) -> TestChanges:
    """What was found and is allowed. Raises AttemptFailed with what blocks; a commit that a person made is only told of."""
    candidate, report = checked
    known = step.recorded(_name(lap), TestChanges)
    changes = _look(bench, phase, candidate, report) if known is None else known
    if known is None and changes.findings:
        step(_name(lap), TestChanges, lambda: changes, _recorded)
    if changes.blocking and not _is_a_persons(bench, phase):
        files = ", ".join(dict.fromkeys(finding.path for finding in changes.blocking))
        message = f"The change weakens the tests ({files}), and no entry of the phase's scope is exactly that."
        raise AttemptFailed(FailureKind.TESTS_WEAKENED, message, "\n".join(finding.sentence for finding in changes.blocking[:_TOLD]))
    return changes


def known_test_changes(step: Steps, lap: Lap) -> tuple[str, ...]:
    """The sentences of what was found on this lap, for the auditor."""
    recorded = step.recorded(_name(lap), TestChanges)
    return tuple(finding.sentence for finding in recorded.findings) if recorded else ()


def _name(lap: Lap) -> str:
    return lap.name("tests")


def _look(bench: Workbench, phase: PhaseSpec, candidate: Candidate, report: CheckReport) -> TestChanges:
    paths = (*candidate.paths, *candidate.derived)
    before = {path: decoded.text for path, decoded in bench.tree(candidate.parent).texts(paths).items()}
    after = {path: decoded.text for path, decoded in bench.tree(candidate.commit).texts(paths).items()}
    gone = {path: None for path in before if path not in after}
    return TestChanges(findings=find_tampering(before, {**after, **gone}, report, _named_by_people(bench, phase)))


def _named_by_people(bench: Workbench, phase: PhaseSpec) -> Scope:
    """The scope less what the builder asked for: a file is opened by the plan's own word or a person's."""
    row = bench.state.phases.get(phase.id)
    asked = set(granted_paths(row)) - {*bench.plan.phase(phase.id).scope.paths, *phase.scope.may_add, *json.loads(row.added_scope)}
    return Scope(tuple(path for path in phase.scope.paths if path not in asked))


def _is_a_persons(bench: Workbench, phase: PhaseSpec) -> bool:
    last = bench.state.phases.last_attempt(phase.id)
    return last is not None and last.is_adopted


def _recorded(changes: TestChanges) -> Recording:
    told = [finding.sentence for finding in changes.findings[:_TOLD]]
    return Recording(produced=Produced(data={"found": told, "blocks": bool(changes.blocking)}))
