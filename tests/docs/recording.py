"""The recording of the quick start in the README: the real commands on a terminal, drawn by rich. `make recording` makes it anew.

The project is that of the tutorial. The models are a scripted server's; all else, checks and commits too, is as it is for everybody.
"""

import html
import io
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.docs.stories import QUICK_PYTEST, TALLY, TALLY_TEST, TUTORIAL
from tests.support.command import Desk
from tests.support.repos import commit_files
from tests.support.server import scripted_server
from tests.support.start import ROOT
from tests.support.terminal import on_terminal

PICTURE: Final = ROOT / "docs" / "images" / "quick_start.svg"
WIDTH: Final = 112
COMMANDS: Final = (
    ("init",),
    ("plan", "check", "--run-checks"),
    ("run", "--run-id", "tally-1", "--max-usd", "1"),
    ("show", "ignore-case"),
)
_REDRAWN: Final = re.compile(r"\x1b\[1A\x1b\[2K")
_TUTORIAL: Final = (ROOT / "docs" / "tutorial.md").read_text("utf-8")


def record(folder: Path) -> list[tuple[str, str]]:
    """What is typed, and what then stands on the terminal, with its colours."""
    plan = _TUTORIAL.split("cat > autopack.yaml <<'END'\n")[1].split("END\n")[0]
    with scripted_server(TUTORIAL) as server:
        desk = Desk.make(folder, {"tally.py": TALLY, "test_tally.py": TALLY_TEST, ".gitignore": "__pycache__/\n"}, name="tally")
        desk = desk.beside(server).with_env(**QUICK_PYTEST)
        found = []
        for words in COMMANDS:
            with on_terminal(desk, WIDTH, *words) as seen:
                pass
            assert seen.process.returncode == 0, seen.text
            shown = "".join(_REDRAWN.split(seen.text)[-1:]).replace("\r", "").replace(str(folder), "~")
            found.append((" ".join(("autopack", *words)), re.sub(r"\x1b\[\?25[lh]", "", shown)))
            if words == ("init",):
                commit_files(desk.repo, {"autopack.yaml": plan}, "A plan")
    return found


def drawn(found: list[tuple[str, str]]) -> str:
    """The picture, without a font of the network."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for command, shown in found:
        console.print(Text.assemble(("$ ", "green"), (command, "bold")))
        console.print(Text.from_ansi(shown.rstrip("\n")))
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return console.export_svg(title="autopack", theme=MONOKAI, code_format=form, unique_id="quick-start")


def text_of(svg: str) -> str:
    """The lines of the picture as they stand on the terminal."""
    lines: dict[float, list[tuple[float, str]]] = {}
    for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):  # noqa: S314 - a picture of our own
        if "clip-path" in node.attrib:
            lines.setdefault(float(node.get("y", 0)), []).append((float(node.get("x", 0)), html.unescape(node.text or "")))
    return "\n".join(" ".join(text.strip() for _, text in sorted(parts)) for _, parts in sorted(lines.items())).replace("\xa0", " ")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="rec-"))
    try:
        PICTURE.write_text(drawn(record(folder)), "utf-8")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
