"""Plan files: found by name, read with every fault at once, pinned by their bytes."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autopack import __version__
from autopack.core.errors import InvalidInputError
from autopack.core.names import nearest, slug
from autopack.core.plan import Checks, PhaseSpec, Plan
from autopack.planning.draft import STEP_KEYS, Draft, draft_of
from autopack.planning.inputs import fill_inputs
from autopack.planning.order import judge_order
from autopack.planning.rules import judge_rules
from autopack.settings.document import decode, mapping_of, read_bytes
from autopack.settings.node import Node, node_of
from autopack.settings.problem import Problem, UnreadableDocumentError, in_order, problem_at
from autopack.settings.validation import AlsoKnown, validate
from autopack.settings.yaml_text import read_yaml

DEFAULT_NAME: Final = "autopack.yaml"
ALSO_KNOWN: Final[AlsoKnown] = {Plan: ("defaults",), Checks: STEP_KEYS}


@dataclass(frozen=True)
class PlanSource:
    """A plan's text and where it lies; ``name`` is what messages call it, ``given`` are values of its inputs."""

    path: str
    text: str
    name: str
    given: tuple[tuple[str, str], ...] = ()
    is_to_run: bool = True

    @property
    def as_written(self) -> "PlanSource":
        """For whoever runs nothing of it: an input needs no value, and its mark stays."""
        return replace(self, is_to_run=False)

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return plan_sha256(self.text)

    @classmethod
    def pinned(cls, path: str, text: str, given_json: str = "{}") -> "PlanSource":
        """The text that a run keeps of its plan, and the values of its inputs as JSON."""
        return cls(path, text, path, tuple(json.loads(given_json).items()))

    @classmethod
    def reread(cls, path: str) -> "PlanSource | None":
        """The file as it is now, None where it is gone or no longer a text."""
        try:
            return _read(Path(path), path)
        except UnreadableDocumentError:
            return None


@dataclass(frozen=True)
class PlanReading:
    """``plan`` is None where there are problems."""

    plan: Plan | None
    problems: tuple[Problem, ...]


def plan_sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def find_plan(top: Path, name: str | None) -> PlanSource:
    """The plan of that file, or of that name below ``.autopack/plans``; without a name ``autopack.yaml`` at the top.

    Raises:
        InvalidInputError: there is none, or it is no text.
    """
    path = _path_of(top, name)
    try:
        return _read(path, name or DEFAULT_NAME)
    except UnreadableDocumentError as error:
        raise plan_refused(name or DEFAULT_NAME, error.problems) from error


def load_plan(source: PlanSource, default_project: str, provider_variables: Iterable[str] = ()) -> Plan:
    """The plan in a text.

    Args:
        source: the text; paths in it are relative to the repository's root, wherever it lies.
        default_project: what the project is called where the plan does not say: the repository's name.
        provider_variables: names of variables that hold keys and may not be handed to commands, besides the well-known ones.

    Raises:
        InvalidInputError: with every fault of the text, a sentence each, with its line.
    """
    reading = read_plan(source, default_project, provider_variables)
    if reading.plan is None:
        raise plan_refused(source.name, reading.problems)
    return reading.plan


def read_plan(source: PlanSource, default_project: str, provider_variables: Iterable[str] = ()) -> PlanReading:
    """As ``load_plan``, with the faults as values."""
    try:
        document = mapping_of(lambda problems: read_yaml(_decoded(source), source.name, problems), source.name)
    except UnreadableDocumentError as error:
        return PlanReading(None, error.problems)
    wrong = _wrong_version(document)
    if wrong is not None and _is_another_language(document):
        return PlanReading(None, (wrong,))
    problems: list[Problem] = [wrong] if wrong is not None else []
    document = document.with_entries({"version": node_of(1, source.name)})
    document = fill_inputs(document, dict(source.given) if source.is_to_run else None, problems)
    draft = draft_of(document, slug(default_project), problems)
    plan = validate(Plan, draft.root, problems, draft.label, ALSO_KNOWN)
    problems.extend(_faults_of_defaults(draft))
    problems.extend(judge_order(draft))
    problems.extend(judge_rules(draft, frozenset(provider_variables)))
    return PlanReading(None if problems else plan, in_order(problems))


def _path_of(top: Path, name: str | None) -> Path:
    if name is None:
        path = top / DEFAULT_NAME
        if not path.exists():
            raise InvalidInputError(
                f"There is no {DEFAULT_NAME} in {top}. Write one with `autopack init`, or name a plan with `--plan FILE`.",
            )
        return path
    path = Path(name).absolute()
    if path.is_file():
        return path
    shared = top / ".autopack" / "plans"
    for candidate in (shared / name, shared / f"{name}.yaml"):
        if candidate.parent == shared and candidate.is_file():
            return candidate
    if path.exists():
        return path
    known = sorted(found.stem for found in shared.glob("*.yaml"))
    meant = nearest(Path(name).stem, known)
    hint = f" Did you mean `{meant}`?" if meant else ""
    raise InvalidInputError(f"There is no plan {name}: no such file, and none of that name in .autopack/plans.{hint}")


def _read(path: Path, name: str) -> PlanSource:
    data = read_bytes(path, name)
    decode(data, name)
    return PlanSource(str(path), data.decode("utf-8"), name)


def _decoded(source: PlanSource) -> str:
    return decode(source.text.encode("utf-8", errors="surrogatepass"), source.name)


def _is_another_language(document: Node) -> bool:
    """Of an empty file, and of a later version, nothing else is judged."""
    version = document.child("version")
    later = version is not None and isinstance(version.value, int) and not isinstance(version.value, bool) and version.value > 1
    return later or not document.mapping


def _wrong_version(document: Node) -> Problem | None:
    version = document.child("version")
    if not document.mapping:
        return problem_at(document, "the file is empty; a plan begins with `version: 1`, `goal: ...` and `phases:`.")
    if version is None:
        return problem_at(document, "`version` is missing; write `version: 1` at the top.")
    if version.value != 1 or isinstance(version.value, bool):
        return problem_at(version, f"`version` is {node_of(version.value, '').value!r}; Autopack {__version__} reads version 1.")
    return None


def _faults_of_defaults(draft: Draft) -> list[Problem]:
    """Faults in defaults that no phase happens to take; what stands for the phase's own part has no line."""
    found: list[Problem] = []
    validate(PhaseSpec, draft.spare, found, draft.spare_label, ALSO_KNOWN)
    return [problem for problem in found if problem.line is not None]


def plan_refused(name: str, problems: tuple[Problem, ...]) -> InvalidInputError:
    """The error that names every fault."""
    many = f"has {len(problems)} faults" if len(problems) != 1 else "has a fault"
    return InvalidInputError(f"The plan {name} {many}:", tuple(str(problem) for problem in problems))
