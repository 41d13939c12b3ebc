"""Stores rules, and notes of what became of each: who learned it when, where it did not help, what persons said. Counts are of notes."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from autopack.core.fingerprint import are_near, fingerprint
from autopack.core.rules import InVain, Lesson, Rule, RuleOrigin
from autopack.store.database import Database
from autopack.store.learned_tables import RuleNoteRow, RuleRow
from autopack.store.tables import core_table

LEARNED: Final = "learned"
HELPED_NOT: Final = "helped_not"
PROMOTED: Final = "promoted"
DEPRECATED: Final = "deprecated"

MOST: Final = 500
"""Rules that runs of a project learned; the oldest leave first."""

_RULE: Final = core_table(RuleRow)
_NOTE: Final = core_table(RuleNoteRow)
_ALL: Final = select(_RULE).where(_RULE.c.project == bindparam("of_project")).order_by(_RULE.c.id)
_NOTES: Final = (
    select(_NOTE).join(_RULE, _RULE.c.id == _NOTE.c.rule_id).where(_RULE.c.project == bindparam("of_project")).order_by(_NOTE.c.id)
)
_OF_PHASE: Final = (_NOTE.c.run_id == bindparam("of_run"), _NOTE.c.phase_id == bindparam("of_phase"), _NOTE.c.what == LEARNED)
_ADD: Final = insert(_RULE).returning(_RULE.c.id)
_ADD_NOTE: Final = insert(_NOTE)


def rules_of(database: Database, project: str) -> tuple[Rule, ...]:
    """Every rule of the project that the state holds, oldest first."""
    rules, notes = database.rows(_ALL, of_project=project), defaultdict[int, list[Any]](list)
    for note in database.rows(_NOTES, of_project=project) if rules else ():
        notes[note.rule_id].append(note)
    return tuple(_rule(row, notes[row.id]) for row in rules)


def learn(connection: Connection, lessons: Iterable[Lesson], at: float) -> None:
    """A lesson like one that is known is another sight of that; a new one is a rule of its own."""
    for lesson in lessons:
        rows = connection.execute(_ALL, {"of_project": lesson.project}).all()
        known = next((row for row in rows if _is_like(row, lesson)), None)
        rule_id = known.id if known is not None else _add(connection, _of_lesson(lesson), at)
        _note(connection, rule_id, LEARNED, at, (lesson.run, lesson.phase, lesson.attempt))
        learned = [row.id for row in rows if row.origin == RuleOrigin.RUN]
        _remove(connection, learned[: max(0, len(learned) + (known is None) - MOST)])


def add_rule(connection: Connection, rule: Rule, at: float) -> str:
    """The name of the rule that is kept: a text that is known already is no second one."""
    rows = connection.execute(_ALL, {"of_project": rule.project}).all()
    known = next((row.name for row in rows if row.name == rule.name), None)
    if known is None:
        _add(connection, rule, at)
    return rule.name


def note_rule(connection: Connection, project: str, name: str, what: str, at: float) -> None:
    """What a person said of a rule."""
    row = next(row for row in connection.execute(_ALL, {"of_project": project}).all() if row.name == name)
    _note(connection, row.id, what, at)


def note_unhelpful(connection: Connection, in_vain: InVain | None, attempt: tuple[str, str, int], at: float) -> None:
    """``attempt`` is (run, phase, number)."""
    if in_vain is None or not in_vain.names:
        return
    for row in connection.execute(_ALL, {"of_project": in_vain.project}).all():
        if row.name in in_vain.names:
            _note(connection, row.id, HELPED_NOT, at, attempt)


def unlearn_phase(connection: Connection, run_id: str, phase: str) -> None:
    """What a phase that was taken back had taught; a rule that nothing else taught goes with it."""
    connection.execute(delete(_NOTE).where(*_OF_PHASE), {"of_run": run_id, "of_phase": phase})
    taught = select(_NOTE.c.rule_id).where(_NOTE.c.what == LEARNED)
    rows = connection.execute(select(_RULE.c.id).where(_RULE.c.origin == RuleOrigin.RUN.value, _RULE.c.id.not_in(taught))).scalars().all()
    _remove(connection, rows)


def rule_name(text: str, kind: str = "", category: str = "") -> str:
    """``r-1a2b3c4d``, the same for the same words."""
    return f"r-{hashlib.sha256(json.dumps([text, kind, category]).encode()).hexdigest()[:8]}"


def _of_lesson(lesson: Lesson) -> Rule:
    name = rule_name(f"{lesson.failure}\n{lesson.text}", lesson.kind, lesson.category)
    kept = lesson.model_dump(include={"project", "text", "failure", "kind", "category", "paths"})
    return Rule(**kept, name=name, origin=RuleOrigin.RUN, source=lesson.source, is_learned=True)


def _is_like(row: Any, lesson: Lesson) -> bool:  # noqa: ANN401 - a row of the table
    if row.origin != RuleOrigin.RUN or (row.kind, row.category) != (lesson.kind, lesson.category):
        return False
    return are_near(fingerprint(row.failure), fingerprint(lesson.failure))


def _rule(row: Any, notes: Sequence[Any]) -> Rule:  # noqa: ANN401 - rows of the tables
    told = [note.what for note in notes]
    last = max((at for at, what in enumerate(told) if what in (LEARNED, PROMOTED)), default=-1)
    said = [what for what in told if what in (PROMOTED, DEPRECATED)]
    return Rule(
        name=row.name,
        project=row.project,
        text=row.text,
        failure=row.failure,
        kind=row.kind,
        category=row.category,
        paths=json.loads(row.paths_json),
        origin=RuleOrigin(row.origin),
        source=row.source,
        is_learned=row.origin == RuleOrigin.RUN,
        runs=tuple(dict.fromkeys(note.run_id for note in notes if note.what == LEARNED)),
        helped_not=sum(what == HELPED_NOT for what in told[last + 1 :]),
        is_promoted=PROMOTED in said,
        is_deprecated=said[-1:] == [DEPRECATED],
    )


def _add(connection: Connection, rule: Rule, at: float) -> int:
    kept = rule.model_dump(mode="json", include={"name", "project", "text", "failure", "kind", "category", "origin", "source"})
    return int(connection.execute(_ADD, {**kept, "paths_json": json.dumps(rule.paths), "at": at}).scalar_one())


def _note(connection: Connection, rule_id: int, what: str, at: float, attempt: tuple[str, str, int] = ("", "", 0)) -> None:
    run_id, phase, number = attempt
    connection.execute(_ADD_NOTE, {"rule_id": rule_id, "what": what, "run_id": run_id, "phase_id": phase, "attempt": number, "at": at})


def _remove(connection: Connection, rule_ids: Sequence[int]) -> None:
    if rule_ids:
        connection.execute(delete(_NOTE).where(_NOTE.c.rule_id.in_(rule_ids)))
        connection.execute(delete(_RULE).where(_RULE.c.id.in_(rule_ids)))
