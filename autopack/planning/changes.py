"""The difference between two revisions of a plan, a sentence each, for the person who is asked whether it was meant."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from autopack.core.plan import PhaseSpec, Plan
from autopack.settings.validation import shown


def differences(old: Plan, new: Plan) -> tuple[str, ...]:
    """Nothing where both mean the same, however they are written."""
    return (*_head(old, new), *_phases(old, new))


def _head(old: Plan, new: Plan) -> Iterator[str]:
    keys = [key for key in Plan.model_fields if key != "phases"]
    for key, before, after in _changed(old, new, keys):
        yield f"`{key}`: {_told(before, after)}"


def _phases(old: Plan, new: Plan) -> Iterator[str]:
    before = {phase.id: phase for phase in old.phases}
    after = {phase.id: phase for phase in new.phases}
    for name in before:
        if name not in after:
            yield f"phase '{name}' was removed"
    for name, phase in after.items():
        if name not in before:
            yield f"phase '{name}' was added"
        else:
            yield from _phase(before[name], phase)
    kept_before = [name for name in before if name in after]
    kept_after = [name for name in after if name in before]
    if kept_before != kept_after:
        yield f"the phases stand in another order: {', '.join(kept_after)}"


def _phase(old: PhaseSpec, new: PhaseSpec) -> Iterator[str]:
    for key, before, after in _changed(old, new, list(PhaseSpec.model_fields)):
        yield f"phase '{new.id}', `{key}`: {_told(before, after)}"


def _changed(old: BaseModel, new: BaseModel, keys: list[str]) -> Iterator[tuple[str, Any, Any]]:
    """The innermost keys that differ, dotted; lists are told as a whole."""
    for key in keys:
        before, after = getattr(old, key), getattr(new, key)
        if before == after:
            continue
        if isinstance(before, BaseModel) and type(before) is type(after):
            inner = _changed(before, after, list(type(before).model_fields))
            yield from ((f"{key}.{name}", was, now) for name, was, now in inner)
        else:
            yield key, before, after


def _told(before: Any, after: Any) -> str:  # noqa: ANN401 - the value of any field
    if isinstance(before, tuple) and isinstance(after, tuple):
        return _told_lists(before, after)
    old, new = shown(_text(before)), shown(_text(after))
    return f"{old} -> {new}" if old != new else "was reworded"


def _told_lists(before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    gone = [shown(_text(item)) for item in before if item not in after]
    come = [shown(_text(item)) for item in after if item not in before]
    parts = [f"without {', '.join(gone)}"] if gone else []
    parts += [f"with {', '.join(come)}"] if come else []
    return " and ".join(parts) or "in another order"


def _text(value: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(value, BaseModel):
        fields = value.model_dump(mode="json", exclude_defaults=True)
        return str(fields.get("command") or fields)
    return "nothing" if value is None else str(value)
