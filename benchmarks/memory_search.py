"""How well and how fast the memory finds: a function by its docstring, among functions of installed packages.

usage: python benchmarks/memory_search.py [--pairs 2000] [--entries 10000] [--model PLACE] [--threads 1]

Each of ``pairs`` functions is remembered by its name and its text without the docstring, as ``memory index`` does, and looked for by the
docstring's first paragraph: MRR@10, and the share found first. Then the time of one search among ``entries`` entries. With a model (as
``local_model`` of memory.yaml) also by vectors, and by words and vectors together; of the large index the vectors are those of the pairs,
again and again. For the quality all questions become vectors at once; a search whose time is taken makes its own. More threads than free
cores make a model slower.
"""

import argparse
import ast
import random
import statistics
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.core.memory import Collection, Entry  # noqa: E402 - the package lies beside this folder
from autopack.core.settings import MemorySettings  # noqa: E402 - as above
from autopack.memory.embeddings import Embedder, Vector  # noqa: E402 - as above
from autopack.memory.local_model import LocalModel, folder_of  # noqa: E402 - as above
from autopack.memory.memory_service import Search, search  # noqa: E402 - as above
from autopack.memory.vector_store import Stores  # noqa: E402 - as above
from autopack.memory.vectors import Vectors, embed_entries, nearest  # noqa: E402 - as above
from autopack.store.database import Database  # noqa: E402 - as above
from autopack.store.memory import Wanted, remember  # noqa: E402 - as above
from autopack.store.memory_vectors import Space, bare_entries, put_vectors, vectors_of  # noqa: E402 - as above

SHORTEST_WORDS, AT_ONCE = 5, 5_000


@dataclass(frozen=True)
class Code:
    name: str
    text: str


def pairs_of(path: Path) -> Iterator[tuple[str, Code]]:
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
                yield first, Code(node.name, ast.unparse(node))


def gathered(count: int) -> list[tuple[str, Code]]:
    files = sorted(Path(sysconfig.get_paths()["purelib"]).rglob("*.py"))
    random.Random(0).shuffle(files)  # noqa: S311 - the same order each time
    found: dict[str, Code] = {}
    for file in files:
        found.update((told, code) for told, code in pairs_of(file))
        if len(found) >= count:
            break
    return list(found.items())[:count]


def entry(number: int, code: Code) -> Entry:
    return Entry(project="bench", collection=Collection.CODE_DOCS, source=str(number), cue=code.name, text=code.text)


def numbered(code: Code, number: int) -> Code:
    return Code(code.name, f"{code.text}\n# {number}")


def filled(database: Database, codes: list[Code]) -> float:
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


Found = Callable[[str], list[str]]
"""The sources found for a query, the best first."""


def by_words(database: Database) -> Found:
    return lambda query: [one.source for one in search(database, Search("bench", [Collection.CODE_DOCS], query, 10))]


def by_both(database: Database, vectors: Vectors) -> Found:
    return lambda query: [one.source for one in search(database, Search("bench", [Collection.CODE_DOCS], query, 10), vectors)]


def by_vectors(database: Database, vectors: Vectors) -> Found:
    wanted = Wanted("bench", Collection.CODE_DOCS, (), 10)
    return lambda query: [near.row.source for near in nearest(database, wanted, vectors, vectors.of(query))]


class AskedAtOnce:
    """An embedder that made the vectors of all questions beforehand."""

    def __init__(self, embedder: Embedder, questions: list[str]) -> None:
        self.model = embedder.model
        self._known = dict(zip(questions, embedder.embed(questions), strict=True))

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        return [self._known[text] for text in texts]


def report_quality(how: str, found: Found, pairs: list[tuple[str, Code]]) -> None:
    ranks = []
    for number, (told, _) in enumerate(pairs):
        places = found(told)
        ranks.append(1 / (places.index(str(number)) + 1) if str(number) in places else 0.0)
    print(f"{how:9}  MRR@10 {statistics.mean(ranks):.3f}   found first {sum(one == 1 for one in ranks) / len(ranks):.1%}", flush=True)


def report_speed(how: str, found: Found, pairs: list[tuple[str, Code]]) -> None:
    times = []
    for told, _ in pairs[:100]:
        began = time.perf_counter()
        found(told)
        times.append(time.perf_counter() - began)
    times.sort()
    print(f"{how:9}  one search {statistics.median(times) * 1000:.0f} ms (median)   {times[94] * 1000:.0f} ms (95th of 100)", flush=True)


def embedded(database: Database, vectors: Vectors) -> float:
    """Seconds."""
    began = time.perf_counter()
    embed_entries(database, vectors.spaces("bench", [Collection.CODE_DOCS]), vectors)
    return time.perf_counter() - began


def copied(small: Database, large: Database, model: str, entries: int) -> None:
    """The vectors of the pairs, again and again."""
    held = list(vectors_of(small, Space("bench", Collection.CODE_DOCS, model)).values())
    space = Space("bench", Collection.CODE_DOCS, model)
    bare = bare_entries(large, space, entries)
    with large.note() as session:
        put_vectors(session.connection(), model, ((entry, held[number % len(held)]) for number, entry in enumerate(bare)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2_000)
    parser.add_argument("--entries", type=int, nargs="*", default=[10_000])
    parser.add_argument("--model", help="a folder, or an installed package that holds a model")
    parser.add_argument("--threads", type=int, default=1, help="of the model")
    options = parser.parse_args()
    pairs = gathered(max(options.pairs, 1))
    vectors = vectors_by(options.model, options.threads) if options.model else None
    with tempfile.TemporaryDirectory() as folder:
        small = Database.open(Path(folder) / "quality.db")
        filled(small, [code for _, code in pairs])
        print(f"{len(pairs)} pairs", flush=True)
        report_quality("words", by_words(small), pairs)
        if vectors:
            print(f"vectors made in {embedded(small, vectors):.1f} s", flush=True)
            asking = replace(vectors, embedder=AskedAtOnce(vectors.embedder, [told[: vectors.max_chars] for told, _ in pairs]))
            report_quality("vectors", by_vectors(small, asking), pairs)
            report_quality("both", by_both(small, asking), pairs)
        for entries in options.entries:
            large = Database.open(Path(folder) / f"speed-{entries}.db")
            seconds = filled(large, [numbered(pairs[number % len(pairs)][1], number) for number in range(entries)])
            print(f"{entries:,} entries   written in {seconds:.1f} s", flush=True)
            report_speed("words", by_words(large), pairs)
            if vectors:
                copied(small, large, vectors.model, entries)
                report_speed("vectors", by_vectors(large, vectors), pairs)
                report_speed("both", by_both(large, vectors), pairs)
            large.close()
        small.close()


def vectors_by(place: str, threads: int) -> Vectors:
    import torch  # with the extra

    torch.set_num_threads(threads)
    folder = folder_of(place)
    assert folder is not None, f"no model at {place}"
    settings = MemorySettings()
    return Vectors(LocalModel(folder), Stores(settings, None), settings.max_embed_chars)


if __name__ == "__main__":
    main()
