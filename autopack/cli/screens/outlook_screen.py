"""Draws what a run would do (``run --dry-run``)."""

from collections import Counter
from collections.abc import Iterator

from autopack.cli.screens.format import dollars, short
from autopack.core.counted import counted
from autopack.core.outlook import Outlook, PhaseOutlook, UsdOutlook


def outlook_lines(outlook: Outlook) -> Iterator[str]:
    does = "would be made" if outlook.state is None else f"has ended ({outlook.state})" if outlook.is_over else f"goes on ({outlook.state})"
    yield f"run {outlook.run_id} {does}: base {short(outlook.base_commit)}, {counted(len(outlook.phases), 'phase')}, {_usd(outlook.usd)}"
    for number, phase in enumerate(outlook.phases, 1):
        yield from _phase(number, phase)
    for note in outlook.notes:
        yield f"note: {note}"


def _phase(number: int, phase: PhaseOutlook) -> Iterator[str]:
    after = f" after {', '.join(phase.depends_on)}" if phase.depends_on else ""
    state = f": {phase.state}" if phase.state != "queued" else ""
    commit = f", {short(phase.commit)}" if phase.commit else ""
    yield f"{number:3}. {phase.id} ({phase.complexity}){after}{state}{commit}"
    if not phase.models.builder and not phase.models.without_key:
        return
    modes = Counter(file.mode for file in phase.context.files)
    forms = ", ".join(f"{count} as {mode.replace('_', ' ')}" for mode, count in modes.items()) or "none"
    yield f"     files shown: {forms}; new: {len(phase.context.new_paths)}; about {phase.context.tokens:,} tokens"
    yield f"     builder: {_models(phase.models.builder)}; auditor: {_models(phase.models.auditor)}"
    if phase.models.without_key:
        yield f"     without a key, so not asked: {', '.join(phase.models.without_key)}"
    yield f"     checks: {'; '.join(phase.checks) or f'skipped ({phase.unchecked_because})'}"
    yield f"     {_usd(phase.usd)}"


def _models(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none has a key"


def _usd(usd: UsdOutlook) -> str:
    if usd.likely is None:
        return "dollars unknown (no price is known for a model)"
    return f"likely {dollars(usd.likely)}, at most {dollars(usd.most)}"
