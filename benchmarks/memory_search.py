"""How well and how fast the memory finds: a function by its docstring, among functions of installed packages.

usage: python benchmarks/memory_search.py [--pairs 2000] [--entries 10000]

Each of ``pairs`` functions is remembered without its docstring and looked for by the docstring's first paragraph: MRR@10, and the share
found first. Then the time of one search among ``entries`` entries.
"""

import argparse
import ast
import random
import statistics
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.core.memory import Collection, Entry  # noqa: E402 - the package lies beside this folder
from autopack.memory.memory_service import search  # noqa: E402 - as above
from autopack.store.database import Database  # noqa: E402 - as above
from autopack.store.memory import remember  # noqa: E402 - as above

SHORTEST_WORDS, AT_ONCE = 5, 5_000


def pairs_of(path: Path) -> Iterator[tuple[str, str]]:
    """(docstring's first paragraph, the function without it)."""
    try:
        module = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (told := ast.get_docstring(node)) and len(node.body) > 1:
            first = told.split("\n\n")[0]
            if len(first.split()) >= SHORTEST_WORDS:
                node.body = node.body[1:]
                yield first, ast.unparse(node)


def gathered(count: int) -> list[tuple[str, str]]:
    files = sorted(Path(sysconfig.get_paths()["purelib"]).rglob("*.py"))
    random.Random(0).shuffle(files)  # noqa: S311 - the same order each time
    found: dict[str, str] = {}
    for file in files:
        found.update((told, code) for told, code in pairs_of(file))
        if len(found) >= count:
            break
    return list(found.items())[:count]


def entry(number: int, code: str) -> Entry:
    return Entry(project="bench", collection=Collection.CODE_DOCS, source=str(number), cue="", text=code)


def filled(database: Database, codes: list[str]) -> float:
    """Seconds."""
    began = time.perf_counter()
    for first in range(0, len(codes), AT_ONCE):
        with database.note() as session:
            remember(
                session.connection(),
                [entry(number, code) for number, code in enumerate(codes[first : first + AT_ONCE], first)],
                0.0,
            )
    return time.perf_counter() - began


def rank(database: Database, query: str, source: str) -> tuple[float, float]:
    """One over the place among the first ten, and the seconds that it took."""
    began = time.perf_counter()
    found = [one.source for one in search(database, "bench", [Collection.CODE_DOCS], query, 10)]
    return (1 / (found.index(source) + 1) if source in found else 0.0), time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2_000)
    parser.add_argument("--entries", type=int, default=10_000)
    options = parser.parse_args()
    pairs = gathered(max(options.pairs, 1))
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "quality.db")
        filled(database, [code for _, code in pairs])
        ranks = [rank(database, told, str(number))[0] for number, (told, _) in enumerate(pairs)]
        print(f"{len(pairs)} pairs   MRR@10 {statistics.mean(ranks):.3f}   found first {sum(one == 1 for one in ranks) / len(ranks):.1%}")
        database.close()
        large = Database.open(Path(folder) / "speed.db")
        codes = [pairs[number % len(pairs)][1] + f"\n# {number}" for number in range(options.entries)]
        seconds = filled(large, codes)
        times = sorted(rank(large, told, "")[1] for told, _ in pairs[:100])
        print(f"{options.entries:,} entries   written in {seconds:.1f} s")
        print(f"one search   {statistics.median(times) * 1000:.1f} ms (median)   {times[94] * 1000:.1f} ms (95th of 100)")
        large.close()


if __name__ == "__main__":
    main()
