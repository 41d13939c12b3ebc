"""A model that knows the answer: builder, auditor and doctor played from each phase's files before and after.

`Oracle(phases, spoils)` is a script for the scripted server. It tells phases apart by the headers `X-Autopack-Role`, `-Phase` and `-Attempt`.
A phase named in `spoils` gets a spoilt first attempt and a sound second one. As the script of a server process, this file reads
`ORACLE_CASE` (JSON: phase to `{"files": [{"path", "before", "after"}]}`) and `ORACLE_SPOILS` (JSON: phase to the spoil's name).
"""

import difflib
import json
import os
import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

FULL_FILE_LINES: Final = 500
DIFF_LINES: Final = 1000
RUINS: Final = {".py": "\nraise RuntimeError('spoilt')\n", ".js": "\nthrow new Error('spoilt')\n"}
DRIFT: Final = 7

Reply: TypeAlias = str | dict[str, Any]


class Spoil(StrEnum):
    """What may be wrong with a first attempt."""

    BROKEN = "broken"  # content that fails the check; where no program file changes, the auditor finds it
    DRIFT = "drift"  # diffs with shifted line numbers and trailing white space in their context: to be applied all the same
    CUT = "cut"  # JSON that ends in the middle
    PROSE = "prose"  # no JSON at all
    ESCAPE = "escape"  # a write outside of the scope
    REJECT = "reject"  # a sound reply that the auditor rejects


@dataclass(frozen=True)
class FileChange:
    """A file's text before and after a phase; None where it does not exist."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Oracle:
    """The script: a request in, a reply out."""

    phases: Mapping[str, tuple[FileChange, ...]]
    spoils: Mapping[str, Spoil] = field(default_factory=dict)
    others: Mapping[str, Reply] = field(default_factory=dict)  # replies of further roles: planner, replanner

    def __call__(self, request: Any) -> Reply:
        role = request.headers.get("x-autopack-role", "")
        phase = request.headers.get("x-autopack-phase", "")
        attempt = int(request.headers.get("x-autopack-attempt") or 1)
        spoil = self.spoils.get(phase) if attempt == 1 else None
        if role in self.others:
            return self.others[role]
        if role == "doctor":
            return _answer(request, _doctor())
        if role in ("builder", "auditor") and phase in self.phases:
            changes = self.phases[phase]
            return _build(request, phase, changes, spoil) if role == "builder" else _answer(request, _audit(changes, spoil))
        return {"fault": {"kind": "status", "status": 400, "message": f"the oracle knows no role {role!r} in phase {phase!r}"}}


def changes_between(before: Mapping[str, str], after: Mapping[str, str | None]) -> tuple[FileChange, ...]:
    """The changes that lay `after` (None deletes) over the tree `before`; files that stay as they are left out."""
    return tuple(FileChange(path, before.get(path), text) for path, text in after.items() if before.get(path) != text)


def chosen_spoils(phases: Iterable[str], share: float) -> dict[str, Spoil]:
    """About `share` of the phases, each with a spoil that depends on nothing but its name."""
    chosen = {}
    for phase in phases:
        dice = random.Random("spoil:" + phase)  # noqa: S311 - the same choice on every machine is the point
        if dice.random() < share:
            chosen[phase] = dice.choice(list(Spoil))
    return chosen


def file_edit(change: FileChange, *, drift: bool = False) -> dict[str, Any]:
    """One file's part of a reply, in the action that the file's length asks for."""
    if change.after is None:
        return {"path": change.path, "action": "delete"}
    if change.before is None:
        return {"path": change.path, "action": "create", "content": change.after}
    lines = len(change.before.splitlines())
    if lines <= FULL_FILE_LINES:
        return {"path": change.path, "action": "replace", "content": change.after}
    if lines <= DIFF_LINES:
        return {"path": change.path, "action": "patch", "diff": _unified(change.path, change.before, change.after, drift=drift)}
    return {"path": change.path, "action": "edit", "operations": _operations(change.before, change.after)}


def _build(request: Any, phase: str, changes: tuple[FileChange, ...], spoil: Spoil | None) -> Reply:
    if spoil is Spoil.PROSE:
        return "I have thought about it and the change is straightforward. Let me know how to go on."
    edits = [file_edit(change, drift=spoil is Spoil.DRIFT) for change in changes]
    if spoil is Spoil.BROKEN:
        edits = _broken(edits, changes)
    if spoil is Spoil.ESCAPE:
        edits.append({"path": "../outside.txt", "action": "create", "content": "escaped\n"})
    return _answer(request, {"summary": phase, "files": edits}, cut=spoil is Spoil.CUT)


def _audit(changes: tuple[FileChange, ...], spoil: Spoil | None) -> dict[str, Any]:
    if spoil not in (Spoil.REJECT, Spoil.BROKEN):
        return {"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "checked"}
    issue = {"severity": "major", "path": changes[0].path, "line": 1, "message": "the change is incomplete: see the description"}
    return {"verdict": "reject", "confidence": 0.9, "issues": [issue], "criteria": [], "summary": "checked"}


def _doctor() -> dict[str, Any]:
    hint = "Answer again in full, in the format asked for."
    return {"action": "retry_with_fix", "confidence": 0.9, "rationale": "the last reply was faulty", "hint": hint}


def _answer(request: Any, reply: dict[str, Any], *, cut: bool = False) -> Reply:
    """As the one tool that the request forces, if it forces one; else as text."""
    text = json.dumps(reply, ensure_ascii=False)
    stop = {"stop": "max_tokens"} if cut else {}
    text = text[: len(text) // 2] if cut else text
    choice = request.body.get("tool_choice")
    forced = (choice.get("name") or choice.get("function", {}).get("name")) if isinstance(choice, dict) else None
    return {"tools": [{"name": forced, "raw": text}], **stop} if forced else {"text": text, **stop}


def _broken(edits: list[dict[str, Any]], changes: tuple[FileChange, ...]) -> list[dict[str, Any]]:
    """The same edits, the first program among them ruined."""
    for number, change in enumerate(changes):
        ruin = RUINS.get(Path(change.path).suffix)
        if ruin and change.after:
            action = "create" if change.before is None else "replace"
            return [*edits[:number], {"path": change.path, "action": action, "content": change.after + ruin}, *edits[number + 1 :]]
    return edits


def _unified(path: str, before: str, after: str, *, drift: bool) -> str:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=3)
    return "".join(_drifted(line) if drift else _ended(line) for line in lines)


def _drifted(line: str) -> str:
    if line.startswith("@@"):
        return re.sub(r"([-+])(\d+)", lambda found: f"{found[1]}{max(1, int(found[2]) + DRIFT)}", line)
    return line.rstrip() + "  \n" if line.startswith(" ") and line.strip() else _ended(line)


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def _operations(before: str, after: str) -> list[dict[str, Any]]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [_operation(old, new, code) for code in matcher.get_opcodes() if code[0] != "equal"]


def _operation(old: list[str], new: list[str], code: tuple[str, int, int, int, int]) -> dict[str, Any]:
    kind, start, end, new_start, new_end = code
    place = {"line": start + 1} if kind == "insert" else {"start_line": start + 1, "end_line": end}
    content = {} if kind == "delete" else {"content": "".join(new[new_start:new_end])}
    before = {"context_before": old[start - 1].rstrip("\n")} if start else {}
    after = {"context_after": old[end].rstrip("\n")} if end < len(old) else {}
    return {"type": kind, **place, **content, **before, **after}


def reply(request: Any) -> Reply:
    """The script of a server process: the oracle that the environment describes."""
    return _from_environment()(request)


@cache
def _from_environment() -> Callable[[Any], Reply]:
    case = json.loads(Path(os.environ["ORACLE_CASE"]).read_text(encoding="utf-8"))
    phases = {phase: tuple(FileChange(f["path"], f["before"], f["after"]) for f in entry["files"]) for phase, entry in case.items()}
    return Oracle(phases, {phase: Spoil(name) for phase, name in json.loads(os.environ.get("ORACLE_SPOILS", "{}")).items()})


def environment_of(oracle: Oracle, case_file: Path) -> dict[str, str]:
    """Writes `case_file`; the variables with which a server process plays this oracle (its `others` excepted)."""
    case = {phase: {"files": [vars(change) for change in changes]} for phase, changes in oracle.phases.items()}
    case_file.write_text(json.dumps(case), encoding="utf-8")
    return {"ORACLE_CASE": str(case_file), "ORACLE_SPOILS": json.dumps(oracle.spoils)}
