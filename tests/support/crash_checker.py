"""What must hold after the last start of a trial, whatever befell the ones before it: a sentence for each thing that does not."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from autopack.store.migrations import CURRENT
from tests.support.crash_facts import bound_ports, database, litter, missing_reports, replies, running, snapshot
from tests.support.repos import git

_COLUMNS: Final = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_SOLD: Final = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_MORE: Final = re.compile(r"/refs/autopack/RUN/|/\.autonomous_runs/RUN/ci/")
"""Where a further attempt leaves a further file."""
_GIVEN_UP: Final = "/autopack.db.ballast"
"""What a start gives up for a write that the disk refused; it ends well without, and the next start makes it again."""


@dataclass(frozen=True)
class Reference:
    """An uninjured run: the tree of each phase's commit, the final status without what differs anyway, the story of its attempts, what was learned, its files."""

    trees: tuple[str, ...]
    status: Mapping[str, Any]
    attempts: tuple[tuple[Any, ...], ...]
    learned: Mapping[str, tuple[tuple[Any, ...], ...]]
    files: frozenset[str]


@dataclass(frozen=True)
class Story:
    """What befell a trial.

    ``replies`` are those seen after each start; ``may_repeat``: a check or git was hurt, not the owner; ``starter`` is the process that
    whatever a start left behind became a child of.
    """

    folder: Path
    run: str
    before: Mapping[str, str]
    sold: tuple[Mapping[str, Any], ...]
    kills: int
    status: Mapping[str, Any]
    replies: tuple[Mapping[int, str], ...] = ()
    may_repeat: bool = False
    starter: int | None = None
    phases: tuple[str, ...] = ("one", "two")

    @property
    def repo(self) -> Path:
        return self.folder / "shop"

    @property
    def branch(self) -> str:
        return f"autopack/{self.run}"


def reference_of(story: Story) -> Reference:
    told, files = _comparable(story.status, with_usage=True), frozenset(litter(story.folder, story.run))
    return Reference(_trees(story), told, _attempts(story), _learned(story), files)


def violations(story: Story, reference: Reference) -> list[str]:
    """Every promise that this trial broke."""
    found = [*_journal(story), *_commits(story, reference), *_untouched(story), *_clean(story, reference), *_state(story)]
    return [*found, *_told(story, reference)]


def _journal(story: Story) -> Iterator[str]:
    """I1 and I6: nothing paid for is lost, nothing is bought twice, every token is accounted for."""
    now = replies(story.repo)
    for earlier in story.replies:
        if not earlier.items() <= now.items():
            yield f"a stored reply is gone or changed: {sorted(earlier.items() - now.items())}"
    with database(story.repo) as connection:
        rows = [dict(row) for row in connection.execute("SELECT * FROM call")] if connection else []
    unknown = sum(row["state"] in ("unknown", "intent") for row in rows)
    settled = {row["request_id"]: tuple(row[name] for name in _COLUMNS) for row in rows if row["state"] == "replied"}
    if len(story.sold) > len(settled) + unknown:
        yield f"{len(story.sold)} calls were sold, {len(settled)} are settled and {unknown} unknown"
    open_ended = sum(row["ceiling_tokens"] for row in rows if row["state"] in ("unknown", "intent"))
    paid = sum(record["usage"][name] for record in story.sold if record.get("usage") for name in _SOLD)
    if paid > (known := sum(map(sum, settled.values()))) + open_ended:
        yield f"{paid} tokens were sold, {known} are settled and the ceilings of the unknown hold {open_ended}"
    if unknown > story.kills:
        yield f"{unknown} calls are unknown after {story.kills} kills"
    if any(row["state"] == "intent" for row in rows):
        yield "a call is still an intent"
    sold = {record["request_id"]: tuple(record["usage"][name] for name in _SOLD) for record in story.sold if record.get("usage")}
    for request, tokens in settled.items():
        if sold.get(request) != tokens:
            yield f"request {request} is settled with {tokens}, sold with {sold.get(request)}"
    asked = Counter((row["phase_id"], row["attempt"], row["role"], row["question"]) for row in rows if row["state"] == "replied")
    for question, count in asked.items():
        if count > 1:
            yield f"{question} has {count} replies"


def _commits(story: Story, reference: Reference) -> Iterator[str]:
    """I2: one commit a phase, in the plan's order, known to rows and trailers alike, with the trees of an uninjured run."""
    form = "%H %(trailers:key=Autopack-Run,valueonly,separator=) %(trailers:key=Autopack-Phase,valueonly,separator=) %(trailers:key=Autopack-Attempt,valueonly,separator=)"
    lines = [line.split(" ") for line in git(story.repo, "log", "--reverse", f"--format={form}", f"work..{story.branch}").splitlines()]
    if [(run, phase) for _, run, phase, _ in lines] != [(story.run, phase) for phase in story.phases]:
        yield f"the branch holds {lines}"
    with database(story.repo) as connection:
        rows = connection.execute(
            "SELECT p.phase_id, p.state, p.'commit', max(a.number) AS last, count(*) AS attempts FROM phase p JOIN attempt a USING (run_id, phase_id) GROUP BY 1"
        ).fetchall()
        head = connection.execute("SELECT head_commit FROM run").fetchone()[0]
    known = {(row["commit"], story.run, row["phase_id"], str(row["last"])) for row in rows}
    if known != {tuple(line) for line in lines} or {row["state"] for row in rows} != {"complete"}:
        yield f"rows say {sorted(known)}, trailers {lines}"
    if lines and head != lines[-1][0]:
        yield f"the run's head is {head}, the branch's {lines[-1][0]}"
    if _trees(story) != reference.trees:
        yield f"the trees are {_trees(story)}, of an uninjured run {reference.trees}"
    told = {phase["id"]: phase["attempts"] for phase in story.status["phases"]}
    if told != {row["phase_id"]: row["attempts"] for row in rows}:
        yield f"status tells of attempts {told}"


def _untouched(story: Story) -> Iterator[str]:
    """I3: what is the user's is as it was: branches, HEAD, index, stash, changed, untracked and ignored files."""
    after = snapshot(story.repo)
    changed = sorted(path for path in {*story.before, *after} if story.before.get(path) != after.get(path))
    if changed:
        yield f"the user's {changed[:8]} changed"
    for admin in (story.repo / ".git/worktrees").glob("*"):
        place = Path((admin / "gitdir").read_text("utf-8").strip()).parent
        wrote = git(place, "--no-optional-locks", "status", "--porcelain") if place.is_dir() else "it is not there"
        if wrote:
            yield f"the work tree {admin.name} is not clean: {wrote}"


def _clean(story: Story, reference: Reference) -> Iterator[str]:
    """I4: no lock, no half-made work tree, no file that an uninjured run would not leave, no process, no port."""
    files = litter(story.folder, story.run)
    extra = sorted(path for path in files - reference.files if not (story.may_repeat and _MORE.search(path)))
    if extra:
        yield f"files are left over: {extra[:8]}"
    if missing := sorted(path for path in reference.files - files if not (story.may_repeat and path.endswith(_GIVEN_UP))):
        yield f"files are missing: {missing[:8]}"
    if unwritten := missing_reports(story.repo / ".git" / "autopack" / "autopack.db", story.repo / ".autonomous_runs"):
        yield f"reports have no files: {unwritten[:8]}"
    if prunable := [line for line in git(story.repo, "worktree", "list", "--porcelain").splitlines() if line.startswith("prunable")]:
        yield f"a work tree could be pruned: {prunable}"
    sound = subprocess.run(
        ["git", "fsck", "--strict", "--no-dangling", "--no-progress"], cwd=story.repo, capture_output=True, text=True, check=False
    )
    if sound.returncode or sound.stdout.strip():
        yield f"git fsck: {(sound.stdout + sound.stderr).strip()[:300]}"
    if left := running(story.folder, story.starter):
        yield f"processes are left running: {left[:5]}"
    if ports := bound_ports([pid for pid, _ in left]):
        yield f"ports are still bound: {ports}"


def _state(story: Story) -> Iterator[str]:
    """I5: the database is sound and nobody's state is open."""
    with database(story.repo) as connection:
        if (said := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            yield f"integrity_check: {said}"
        if (version := connection.execute("PRAGMA user_version").fetchone()[0]) != CURRENT:
            yield f"the schema's version is {version}, not {CURRENT}"
        if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
            yield f"foreign_key_check: {[tuple(row) for row in broken][:5]}"
        if connection.execute("SELECT count(*) FROM child").fetchone()[0]:
            yield "a child is still journaled"
        if connection.execute("SELECT count(*) FROM owner").fetchone()[0]:
            yield "the run still has an owner"
        if connection.execute("SELECT count(*) FROM attempt WHERE ended_at IS NULL").fetchone()[0]:
            yield "an attempt is still open"


def _told(story: Story, reference: Reference) -> Iterator[str]:
    """I7: the status, and the story of each attempt, are those of an uninjured run."""
    with database(story.repo) as connection:
        is_whole = not connection.execute("SELECT count(*) FROM call WHERE state = 'unknown'").fetchone()[0]
    expected = dict(reference.status)
    told = _comparable(story.status, with_usage=is_whole and not story.may_repeat)
    if "usage" not in told:
        expected = {name: value for name, value in expected.items() if name not in ("usage", "spent")}
    if story.may_repeat:
        told, expected = _without_attempts(told), _without_attempts(expected)
    if told != expected:
        yield f"status says {json.dumps(told)}, of an uninjured run {json.dumps(expected)}"

    if not story.may_repeat and (attempts := _attempts(story)) != reference.attempts:
        yield f"the attempts went {attempts}, of an uninjured run {reference.attempts}"
    for table, rows in _learned(story).items():
        if not story.may_repeat and rows != reference.learned[table]:
            yield f"the rows of {table} are {rows}, of an uninjured run {reference.learned[table]}"


def _attempts(story: Story) -> tuple[tuple[Any, ...], ...]:
    """Each attempt with how it ended and the steps it recorded, in order."""
    with database(story.repo) as connection:
        rows = connection.execute("SELECT phase_id, number, outcome, failure_kind, mode FROM attempt ORDER BY phase_id, number").fetchall()
        steps = connection.execute("SELECT phase_id, attempt, name FROM step ORDER BY phase_id, attempt, name").fetchall()
    return tuple((*row, *(name for phase, number, name in steps if (phase, number) == (row[0], row[1]))) for row in rows)


_LEARNED: Final = {
    "step": "SELECT phase_id, attempt, name, result_json FROM step WHERE name LIKE 'decided%' ORDER BY phase_id, attempt, name",
    "rule": "SELECT kind, category, paths_json, failure, text, origin FROM rule ORDER BY failure",
    "rule_note": "SELECT what, phase_id, attempt FROM rule_note ORDER BY 1, 2, 3",
    "flaky": "SELECT test, phase_id, attempt FROM flaky ORDER BY 1, 2, 3",
    "memory": "SELECT collection, phase_id, is_solved, cue, text FROM memory ORDER BY collection, phase_id, text",
}
"""What a run decided, and what is to outlive it."""


def _learned(story: Story) -> dict[str, tuple[tuple[Any, ...], ...]]:
    with database(story.repo) as connection:
        return {name: tuple(tuple(row) for row in connection.execute(query)) for name, query in _LEARNED.items()}


def _trees(story: Story) -> tuple[str, ...]:
    return tuple(git(story.repo, "log", "--reverse", "--format=%T", f"work..{story.branch}").split())


def _comparable(status: Mapping[str, Any], *, with_usage: bool) -> dict[str, Any]:
    kept = {name: status[name] for name in ("schema", "state", "reason", "goal", "owner", "sandbox", "base_commit")}
    phases = [{name: value for name, value in phase.items() if name != "commit"} for phase in status["phases"]]
    usage = {"usage": status["usage"], "spent": status["budget"]["spent_usd"]} if with_usage else {}
    return {**kept, "phases": phases, "max_usd": status["budget"]["max_usd"], **usage}


def _without_attempts(status: Mapping[str, Any]) -> dict[str, Any]:
    phases = [{name: value for name, value in phase.items() if name not in ("attempts", "checks")} for phase in status["phases"]]
    return {**{name: value for name, value in status.items() if name not in ("usage", "spent")}, "phases": phases}
