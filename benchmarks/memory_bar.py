"""How alike tasks of one project and of strangers are: what the bar of a recollection is chosen by.

usage: python benchmarks/memory_bar.py CASES.jsonl

A line is a real change: {"repo": ..., "text": its commit message, "sources": {path: ...}}. Each is looked for among the changes of the
other projects, where nothing should be found, and among those of its own, where one that touches the same file is worth a look.
"""

import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.core.words import stems  # noqa: E402 - the package lies beside this folder
from autopack.memory.likeness import likeness  # noqa: E402 - as above

BARS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)


def words(case: dict) -> frozenset[str]:
    text = f"{case['text']}\n{' '.join(case['sources'])}"
    return frozenset(word for word in stems(text) if not word.isdigit())


def best(case: dict, others: list[dict]) -> tuple[float, bool]:
    """The likest other change, and whether it touches a file that this one does."""
    frequencies = Counter(word for other in others for word in other["words"])
    scored = [
        (likeness(case["words"], other["words"], frequencies, len(others)), bool(set(case["sources"]) & set(other["sources"])))
        for other in others
    ]
    return max(scored)


def main() -> None:
    cases = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    for case in cases:
        case["words"] = words(case)
    strange = [best(case, [other for other in cases if other["repo"] != case["repo"]])[0] for case in cases]
    own = [best(case, [other for other in cases if other["repo"] == case["repo"] and other is not case]) for case in cases]
    print(f"{len(cases)} changes of {len({case['repo'] for case in cases})} projects")
    print("bar   reminded by strangers   reminded by its own   of these of the same file")
    for bar in BARS:
        shown = [is_near for score, is_near in own if score >= bar]
        near = sum(shown) / max(1, len(shown))
        print(f"{bar:.2f}  {sum(score >= bar for score in strange) / len(cases):21.1%}  {len(shown) / len(cases):20.1%}  {near:26.1%}")


if __name__ == "__main__":
    main()
