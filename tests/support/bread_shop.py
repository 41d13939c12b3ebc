"""A small project with files of every length class, and the answer to a plan of four phases over it.

`PHASES` are the plan's phases, `ANSWERS` what each leaves behind.
"""

from pathlib import Path
from typing import Any, Final

from tests.support.command import phase_of
from tests.support.repos import git


def _table(name: str, lines: int) -> str:
    rows = "".join(f"    ({number}, 'bread {number}'),\n" for number in range(lines - 3))
    return f'"""The {name} of the shop."""\n{name.upper()} = [\n{rows}]\n'


def _changed(text: str, *rows: int) -> str:
    for row in rows:
        text = text.replace(f"({row}, 'bread {row}')", f"({row}, 'rye {row}')")
    return text


PRICES: Final = "def price(cents):\n    return cents\n"
CATALOGUE: Final = _table("catalogue", 700)
ARCHIVE: Final = _table("archive", 1200)
PAGES: Final = {f"pages/page{number:02}.md": f"# Page {number}\n" for number in range(31)}
TEST: Final = "from shop.prices import price\n\n\ndef test_cents():\n    assert int(price(5)) == 5\n"
FILES: Final = {
    "shop/__init__.py": "",
    "shop/prices.py": PRICES,
    "shop/catalogue.py": CATALOGUE,
    "shop/archive.py": ARCHIVE,
    "tests/test_prices.py": TEST,
    "AGENTS.md": "Prices are whole cents.\n",
    ".gitignore": "*.log\n__pycache__/\n/build/\n",
    **PAGES,
}
NEW_TEST: Final = TEST + "\n\ndef test_below_zero():\n    assert price(-5) == 0\n"
ANSWERS: Final[dict[str, dict[str, str | None]]] = {
    "prices": {"shop/prices.py": "def price(cents):\n    return max(0, cents)\n", "tests/test_prices.py": NEW_TEST},
    "catalogue": {"shop/catalogue.py": _changed(CATALOGUE, 10, 350, 690)},
    "archive": {"shop/archive.py": _changed(ARCHIVE, 0, 600, 1190)},
    "pages": {"pages/page03.md": "# Page three\n", "pages/page30.md": None, "pages/page31.md": "# Page 31\n"},
}
PHASES: Final[tuple[dict[str, Any], ...]] = (
    phase_of("prices", "shop/prices.py", "tests/", acceptance_criteria=["a price below zero is zero"]),
    phase_of("catalogue", "shop/catalogue.py"),
    phase_of("archive", "shop/archive.py"),
    phase_of("pages", "pages/", allow_mass_deletion=True),
)


def snapshot(repo: Path) -> dict[str, Any]:
    """Everything of a user's checkout that a run must leave alone, byte for byte: files, modes and times, index, HEAD, stash, refs, configuration."""
    files = {
        str(path.relative_to(repo)): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in sorted(repo.rglob("*"))
        if path.is_file() and ".autonomous_runs" not in path.parts and ".git" not in path.parts
    }
    kept = {name: (repo / ".git" / name).read_bytes() for name in ("index", "HEAD", "config")}
    refs = [line for line in git(repo, "for-each-ref").splitlines() if "autopack/" not in line]
    return {"files": files, "kept": kept, "refs": refs, "stash": git(repo, "stash", "list")}


def unsettle(repo: Path) -> None:
    """A checkout in the middle of its user's work: stashed, staged, changed, untracked and ignored things."""
    (repo / "shop/prices.py").write_text("stashed\n", "utf-8")
    git(repo, "stash")
    (repo / "AGENTS.md").write_text("Staged by me.\n", "utf-8")
    git(repo, "add", "AGENTS.md")
    (repo / "AGENTS.md").write_text("Changed by me.\n", "utf-8")
    (repo / "shop/prices.py").write_text("not yet\n", "utf-8")
    (repo / "notes.txt").write_text("untracked\n", "utf-8")
    (repo / "mine.log").write_text("ignored\n", "utf-8")
    (repo / "build").mkdir()
    (repo / "build" / "out.bin").write_bytes(bytes(range(256)))
