"""How alike tasks of one project and of strangers are: what the bar of a recollection is chosen by.

usage: python benchmarks/memory_bar.py CASES.jsonl [--model PLACE]

A line is a real change: {"repo": ..., "text": its commit message, "sources": {path: ...}}. Each is looked for among the changes of the
other projects, where nothing should be found, and among those of its own, where one that touches the same file is worth a look. Alike is by
words; with a model (as ``local_model`` of memory.yaml) by its vectors.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.core.words import stems  # noqa: E402 - the package lies beside this folder
from autopack.memory.embeddings import cosine  # noqa: E402 - as above
from autopack.memory.likeness import likeness  # noqa: E402 - as above
from autopack.memory.local_model import LocalModel, folder_of  # noqa: E402 - as above

BARS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)


def text_of(case: dict) -> str:
    return f"{case['text']}\n{' '.join(case['sources'])}"


def with_words(cases: list[dict]) -> None:
    for case in cases:
        case["words"] = frozenset(word for word in stems(text_of(case)) if not word.isdigit())


def with_vectors(cases: list[dict], place: str) -> None:
    folder = folder_of(place)
    assert folder is not None, f"no model at {place}"
    for case, vector in zip(cases, LocalModel(folder).embed([text_of(case) for case in cases]), strict=True):
        case["vector"] = vector


def best(case: dict, others: list[dict]) -> tuple[float, bool]:
    """The likest other change, and whether it touches a file that this one does."""
    frequencies = Counter(word for other in others for word in other.get("words", ()))

    def alike(other: dict) -> float:
        if "vector" in case:
            return cosine(case["vector"], other["vector"])
        return likeness(case["words"], other["words"], frequencies, len(others))

    return max((alike(other), bool(set(case["sources"]) & set(other["sources"]))) for other in others)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--model", help="a folder, or an installed package that holds a model")
    options = parser.parse_args()
    cases = [json.loads(line) for line in options.cases.read_text("utf-8").splitlines()]
    if options.model:
        with_vectors(cases, options.model)
    else:
        with_words(cases)
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
