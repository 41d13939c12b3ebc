"""Each kind of fault at each point of a run, over both APIs: what is told, asked, decided, and left behind stands in a table of cells.

The phases of one fault share a run, each on top of what the others landed; a fault that ends the run has a run for each point.
"""

from dataclasses import dataclass

import pytest

from tests.support.command import FILES, Desk, Ended
from tests.support.fault_matrix import APIS, FAULTS, POINTS, configured, of_point, script
from tests.support.server import Call, scripted_server

pytestmark = pytest.mark.end_to_end

LETTERS = {"builder": "b", "auditor": "a", "replanner": "r", "doctor": "d"}
TOLD = ("wire_failure", "route_given_up", "provider_given_up", "fallback", "stepped_down", "audit_unreadable")
"""Events of a fault; beside them stand the kinds of failed attempts, and the steps whose answer is not used."""


@dataclass(frozen=True)
class Cell:
    """What one fault at one point comes to.

    ``asked``: the requests, by role and attempt; ``told``: the events of the fault, with the kinds of failed attempts; ``decided``: what
    followed each; ``landed``: the attempt whose file the branch holds, None where it holds nothing of the phase.
    """

    asked: str
    told: str
    decided: str = ""
    landed: int | None = 1
    exit_code: int = 0


Row = dict[str, Cell]


def asked_again(kind: str) -> Row:
    """The fault may pass: the same request is sent again, and no attempt is lost."""
    failed = f"wire_failure:{kind}"
    return {
        "builder": Cell("b1 b1 a1", failed),
        "builder-again": Cell("b1 b2 b2 a2", f"checks_red {failed}", "retry", 2),
        "auditor": Cell("b1 a1 a1", failed),
        "replanner": Cell("b1 a1 r1 r1 b2 a2", f"audit_rejected {failed}", "replan retry", 2),
        "doctor": Cell("b1 a1 d1 d1 b2 a2", f"audit_rejected {failed}", "doctor retry", 2),
    }


def not_used(kind: str, *, then: str = "retry") -> Row:
    """An answer that leads nowhere: of a builder it costs the attempt, an auditor is asked anew, after the others the next row applies."""
    return {
        "builder": Cell("b1 b2 a2", kind, "retry", 2),
        "builder-again": Cell("b1 b2 b3 a3", f"checks_red {kind}", f"retry {then}", 3),
        "auditor": Cell("b1 a1 a1", "audit_unreadable"),
        "replanner": Cell("b1 a1 r1 d1 b2 a2", "audit_rejected step_replan", "replan doctor retry", 2),
        "doctor": Cell("b1 a1 d1 b2 a2", "audit_rejected step_doctor", "doctor retry", 2),
    }


def ended(said: str, over_two: str, *, again: int) -> Row:
    """Nobody else can be asked: the run ends, and the attempt stays as far as it was. Auditor and replanner have another model there."""

    def cell(asked: str, told: str = "", decided: str = "") -> Cell:
        return Cell(asked.strip(), told, decided, None, 6)

    return {
        "builder": cell(again * "b1 ", said),
        "builder-again": cell("b1 " + again * "b2 ", f"checks_red {said}", "retry"),
        "auditor": cell("b1 " + again * "a1 ", over_two),
        "replanner": cell("b1 a1 " + again * "r1 ", f"audit_rejected {over_two}", "replan"),
        "doctor": cell("b1 a1 " + again * "d1 ", f"audit_rejected {said}", "doctor"),
    }


OUTAGE = "wire_failure:server_error wire_failure:server_error route_given_up:server_error provider_given_up"
"""An outage is the provider's, and paid once: no other model of it is asked."""
REFUSED = "wire_failure:key_refused route_given_up:key_refused"
"""So is a key; it is the run's end for all models of the provider."""
CELLS: dict[str, Row] = {
    "limit": asked_again("rate_limited"),
    "overloaded": asked_again("overloaded"),
    "reset": asked_again("connection"),
    "reset midway": asked_again("cut"),
    "silence": asked_again("timeout"),
    "silence midway": asked_again("timeout"),
    "error midway": asked_again("server_error"),
    "garbled": asked_again("malformed"),
    "empty": not_used("reply_malformed", then="escalate"),
    "prose": not_used("reply_malformed", then="escalate"),
    "cut": not_used("reply_cut"),
    "refusal": not_used("reply_refused"),
    "too long": not_used("context_exceeded"),
    "outage": ended(OUTAGE, f"{OUTAGE} fallback", again=2),
    "key refused": ended(REFUSED, REFUSED, again=1),
}


def run(desk: Desk, name: str, api: str, *points: str) -> tuple[Ended, list[Call]]:
    fault = FAULTS[name]
    desk.configured(configured(fault, api, points)).configured("sandbox: 'off'\n", "settings.yaml")
    desk.plan(*map(of_point, points))
    with scripted_server(script(fault, api)) as server:
        return desk.beside(server, api).autopack("run", "--run-id", "r", "--json"), server.calls


def cell_of(desk: Desk, done: Ended, calls: list[Call], point: str) -> Cell:
    """What a run made of a point."""
    told = [line for line in done.events if line.get("phase") == point]
    asked = [f"{LETTERS[call.role]}{call.attempt}" for call in calls if call.phase == point]
    decided = [line["remedy"] for line in told if line["event"] == "recovery_decided"]
    tree = desk.git("ls-tree", "-r", "--name-only", "autopack/r").split("\n")
    landed = int(desk.at("autopack/r", f"{point}.txt").removeprefix("right ")) if f"{point}.txt" in tree else None
    return Cell(" ".join(asked), " ".join(filter(None, map(said, told))), " ".join(decided), landed, done.exit_code)


def said(line: dict[str, object]) -> str:
    """An event in the words of the table; empty for one of an ordinary run."""
    event, kind = str(line["event"]), line.get("kind")
    if event == "phase_recovering":
        return str(kind)
    if event in TOLD:
        return f"{event}:{kind}" if kind else event
    return event if str(line.get("message")).startswith("its answer is not used") else ""


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if not fault.is_lasting])
def test_a_fault_that_passes_is_overcome_wherever_it_comes(desk, name, api):
    done, calls = run(desk, name, api, *POINTS)
    assert {point: cell_of(desk, done, calls, point) for point in POINTS} == CELLS[name]
    made = {f"{point}.txt" for point in POINTS}
    assert {*desk.git("ls-tree", "-r", "--name-only", "autopack/r").split("\n")} == {*FILES, *made}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.is_lasting])
def test_a_fault_that_stays_ends_the_run_and_leaves_it_to_be_resumed(desk, name, api, point):
    done, calls = run(desk, name, api, point)
    assert cell_of(desk, done, calls, point) == CELLS[name][point]
    assert done.events[-1]["next"] == ["autopack resume r"]
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")


def test_the_table_has_a_cell_for_every_fault_at_every_point():
    assert {name: set(row) for name, row in CELLS.items()} == {name: set(POINTS) for name in FAULTS}
