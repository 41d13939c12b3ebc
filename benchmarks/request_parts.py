"""What the requests of one and of twenty small phases are made of, in tokens (characters of the body / 4) a request.

usage: python benchmarks/request_parts.py

One edit in a file of 98 lines, and twenty of them in files of their own, as ``main_job.py`` has them: in edit operations, and in the form
that Autopack chooses by itself.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.main_job import begun
from tests.support.server import Call

LABELS: Final = (
    (r"answer=\"\w+\" asks for", "forms"),
    (r"<(?:file|instructions|lines)[ >]", "files"),
    (r"In the scope, but not shown", "unshown"),
    (r"Files of the repository:", "listing"),
    (r"Done by earlier phases", "landed"),
    (r"Phase \S+: ", "task"),
    (r"(?:You may change only|Scope): ", "scope and check"),
    (r"<diff ", "diff"),
    (r"The rest of the functions", "functions"),
    (r"Where the functions that it touches", "uses"),
    (r"\nAttempt \d+ failed", "failures"),
    (r"Goal of the plan: ", "project"),
)
"""How each part of a block begins."""

STARTS: Final = re.compile("|".join(f"^(?P<_{number}>{pattern})" for number, (pattern, _) in enumerate(LABELS)), re.MULTILINE)


def wire_length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def parts_of(call: Call) -> Counter[str]:
    """Characters on the wire of each part; what is none of them is the envelope."""
    body = call.body
    counted: Counter[str] = Counter({"rules": sum(wire_length(block["text"]) for block in body["system"])})
    counted["schema"] = wire_length(body.get("output_config", ""))
    counted["tools"] = wire_length(body["tools"]) if body.get("tools") else 0
    for message in body["messages"]:
        for block in message["content"]:
            counted.update(dict(parts_of_text(block.get("text", ""))))
    counted["envelope"] = wire_length(body) - counted.total()
    return counted


def parts_of_text(text: str) -> Iterator[tuple[str, int]]:
    counted: Counter[str] = Counter()
    starts = [(match.start(), LABELS[int((match.lastgroup or "_0")[1:])][1]) for match in STARTS.finditer(text)]
    starts = [(0, "other"), *starts, (len(text), "")]
    for (first, label), (last, _) in pairwise(starts):
        counted[label] += wire_length(text[first:last]) - 2
    yield from counted.items()


def report(title: str, calls: Iterable[Call]) -> None:
    by_role: dict[str, list[Counter[str]]] = {}
    for call in calls:
        by_role.setdefault(call.role, []).append(parts_of(call))
    total = sum(counted.total() for some in by_role.values() for counted in some) / 4
    print(f"{title}: {total:,.0f} tokens")
    for role, some in by_role.items():
        mean = {label: sum(one[label] for one in some) / len(some) / 4 for label in sum(some, Counter())}
        rows = ", ".join(f"{label} {tokens:.0f}" for label, tokens in sorted(mean.items(), key=lambda row: -row[1]))
        print(f"  {role} {sum(mean.values()):,.0f} a request: {rows}")


def asked(phases: int, mode: str) -> list[Call]:
    with begun(phases, mode) as (server, process, _):
        assert process.wait() == 0
        return server.calls


def main() -> None:
    report("one phase", asked(1, "auto"))
    report("twenty phases, edit operations", asked(20, "structured_edit"))
    report("twenty phases, the form by itself", asked(20, "auto"))


if __name__ == "__main__":
    main()
