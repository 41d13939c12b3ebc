"""How often a real change is refused as a placeholder or a piece of a file, and how often a placeholder made from one is taken.

usage: python benchmarks/elision_sweep.py DIRECTORY [--changes 2000] [--seed 1] [--show]

DIRECTORY holds git repositories (bare or not, at most two levels down). Their changed files are taken as whole files and as hunks; then
lines of the new file that stood in the old one too are replaced by a line that speaks of left-out text. Nothing of them is kept.
One kind is counted apart and not as a placeholder: dots and nothing else in a document, where at least as many new lines came beside
them as old ones are gone. Authors write that too when they write a passage anew, and no reader could know which it is.
--show prints each real change that was refused, and what became of the new file where a placeholder was taken.
"""

import argparse
import difflib
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from autopack.edits import EditRefused, apply_diff, apply_reply

SUFFIXES = {
    "document": (".md", ".mdx", ".rst", ".txt"),
    "settings": (".yaml", ".yml", ".toml", ".cfg"),
    "code": (".py", ".js", ".ts", ".tsx", ".go", ".rb", ".rs", ".c", ".sh", ".css", ".vue"),
}
SLASHES = (".js", ".ts", ".tsx", ".go", ".rs", ".c", ".css")
PHRASES = (
    *("... existing code ...", "rest of the file unchanged", "(rest of the code unchanged)", "...", "\u2026", "unchanged", "same as above"),
    *("the rest stays the same", "keep existing code", "code omitted for brevity", "[... remaining items ...]", "... (unchanged)"),
    *("identical to before", "... nothing changed here ...", "all other entries are kept", "the original text continues here"),
)
DOTS = ("...", "\u2026")
SIZE_MAX = 200_000


def changes(repository: Path, count: int, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Path, old and new text of some changed files."""
    log = ["log", "--raw", "--no-abbrev", "--no-merges", "--diff-filter=M", "--no-renames", "-n", "5000", "--format="]
    rows = [line.split("\t", 1) for line in git(repository, *log).decode(errors="replace").splitlines() if line.startswith(":100")]
    rng.shuffle(rows)
    for kind in SUFFIXES.values():
        of_kind = [(meta.split()[2:4], path) for meta, path in rows if path.lower().endswith(kind)]
        for (old, new), path in of_kind[: count // len(SUFFIXES) + 1]:
            texts = [git(repository, "cat-file", "blob", blob) for blob in (old, new)]
            if all(0 < len(text) < SIZE_MAX for text in texts) and texts[0].rstrip() != texts[1].rstrip():
                try:
                    yield f"w/x{Path(path).name.lstrip('.')}", texts[0].decode(), texts[1].decode()
                except UnicodeDecodeError:
                    continue


def git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True).stdout


def hunks(path: str, before: str, after: str) -> str:
    old, new = ([f"{line}\n" for line in text.removesuffix("\n").split("\n")] for text in (before, after))
    return "".join(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))


def verdicts(path: str, before: str, after: str) -> Iterator[str]:
    """What becomes of a change as a whole file and as hunks: ``taken``, or the code of the refusal."""
    whole = json.dumps({"summary": "", "files": [{"path": path, "action": "replace", "content": after}]})
    for give in (lambda: apply_reply(whole, before={path: before}), lambda: apply_diff(hunks(path, before, after), {path: before})):
        try:
            give()
            yield "taken"
        except EditRefused as refused:
            yield refused.code


def elided(path: str, before: str, after: str, rng: random.Random) -> tuple[str, int] | None:
    """The new text with a run of old lines left out and a line that says so in their place, and the place of that line."""
    lines = after.split("\n")
    blocks = difflib.SequenceMatcher(None, before.split("\n"), lines, autojunk=False).get_matching_blocks()
    runs = [(block.b, block.b + block.size) for block in blocks if block.size > 5]
    if not runs or len(lines) > 3000:
        return None
    low, high = rng.choice(runs)
    length = rng.randrange(3, min(high - low, 40) + 1)
    start = rng.randrange(low, high - length + 1)
    gone = [line for line in lines[start : start + length] if line.strip()]
    if len(gone) < 3:
        return None
    indent = gone[0][: len(gone[0]) - len(gone[0].lstrip())]
    form = rng.choice(["%s", "(%s)", "[%s]"]) if path.endswith(SUFFIXES["document"]) else "// %s" if path.endswith(SLASHES) else "# %s"
    return "\n".join([*lines[:start], indent + form % rng.choice(PHRASES), *lines[start + length :]]), start


def is_knowable(path: str, before: str, shorter: str, at: int) -> bool:
    """False for dots and nothing else in a document, where at least as many other new lines came beside them as old ones are gone."""
    old, new = ([line.strip() for line in text.split("\n")] for text in (before, shorter))
    if not path.lower().endswith(SUFFIXES["document"]) or new[at] not in DOTS:
        return True
    for _, low, high, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if start <= at < end:
            came, gone = (sum(map(bool, lines)) for lines in (new[start:end], old[low:high]))
            return not 0 < gone <= came - 1
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--changes", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - a sample
    found = {entry.parent for pattern in ("*/HEAD", "*/*/HEAD") for entry in options.directory.glob(pattern)}
    real, made, unknowable = Counter[str](), Counter[str](), 0
    for repository in sorted(found):
        for path, before, after in changes(repository, options.changes // len(found) + 1, rng):
            outcomes = list(verdicts(path, before, after))
            real.update(outcomes)
            if options.show and outcomes != ["taken", "taken"]:
                print(f"REFUSED {outcomes} in {repository.name}\n{hunks(path, before, after)}")
            left_out = elided(path, before, after, rng)
            if left_out is None:
                continue
            shorter, at = left_out
            if not is_knowable(path, before, shorter, at):
                unknowable += 1
                continue
            outcomes = list(verdicts(path, before, shorter))
            made.update(outcomes)
            if options.show and "taken" in outcomes:
                print(f"TAKEN {outcomes} in {repository.name}\n{hunks(path, after, shorter)}")
    print(f"real changes, whole and as hunks: {dict(real)}")
    print(f"with a placeholder, whole and as hunks: {dict(made)}")
    print(f"dots in a document where as much came as went, not counted: {unknowable}")


if __name__ == "__main__":
    main()
