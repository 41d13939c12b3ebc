"""What a work tree with very many files costs: to keep what set-up left, each command, and to find it again in a new process.

usage: python benchmarks/many_files.py [--files 100000] [--repeat 5]

Makes a repository with an ignored ``node_modules`` of small files, which set-up left in the run's work tree (or which was linked: the
same but for the copies). Prints wall time and processor time; ``docs/benchmarks.md`` says what the figures mean.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.worktree.repository import Repository  # noqa: E402 - as below
from autopack.worktree.work_tree import WorkTree  # noqa: E402
from tests.support.git_repository import toy_repository  # noqa: E402 - the tests' own helpers lie beside this folder

FILES_A_FOLDER = 20


def install(place: Path, files: int) -> None:
    """As deep as an install of npm: a package, its ``lib``, twenty files."""
    for number in range(files // FILES_A_FOLDER):
        folder = place / "node_modules" / f"package-{number}" / "lib"
        folder.mkdir(parents=True)
        for name in range(FILES_A_FOLDER):
            (folder / f"module-{name}.js").write_text(f"module.exports = {number * name};\n" * 20, "utf-8")


def told(what: str, run: Callable[[], object]) -> tuple[float, float]:
    began, used = time.perf_counter(), time.process_time()
    run()
    took = time.perf_counter() - began, time.process_time() - used
    print(f"{what:58} {took[0]:7.2f} s   {took[1]:7.2f} s of processor", flush=True)
    return took


def command(tree: WorkTree, commit: str, does: Callable[[], object]) -> Callable[[], None]:
    """One command of a check as the executor holds it."""

    def run() -> None:
        tree.reset(commit)
        does()
        tree.settle()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        toy = toy_repository(Path(folder))
        commit = toy.commit({".gitignore": "node_modules\n"})
        repository, place = Repository.discover(toy.root, toy.environment).owned_by("r", "autopack/r"), Path(folder) / "state" / "r" / "1"
        tree = WorkTree.registered(repository, place, commit)
        tree.reset(commit)
        install(tree.place, asked.files)
        os.sync()
        told("keep what set-up left", lambda: tree.keep({"setup": "1"}))
        some = tree.place / "node_modules" / "package-1" / "lib"

        def writes_some() -> None:
            (some / "module-1.js").write_text("planted\n", "utf-8")
            (some / "module-2.js").unlink()
            (tree.place / "node_modules" / ".cache").mkdir()
            (tree.place / "node_modules" / ".cache" / "x").write_text("x", "utf-8")

        kinds = (("a command that writes nothing", lambda: None), ("a command that writes three of them", writes_some))
        for what, does in kinds:
            took = [told(f"  {what}", command(tree, commit, does)) for _ in range(asked.repeat)]
            print(f"{what + ', median':58} {statistics.median(wall for wall, _ in took):7.2f} s", flush=True)
        told("find it again in a new process", lambda: WorkTree.registered(repository, place, commit).reset(commit))


if __name__ == "__main__":
    main()
