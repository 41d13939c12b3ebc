"""How much a base install of Autopack puts on the disk: its wheel and every distribution that the wheel's metadata asks for.

usage: python benchmarks/install_size.py

Run with the interpreter of `make`'s environment. Counts files as installed, without the bytecode that Python makes at their first import.
"""

import subprocess
import sys
import tempfile
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.distributions import files_of, needed_by  # noqa: E402 - the tests' own helpers lie beside this folder

MEGABYTE = 1_000_000
SHOWN = 8


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        code = f"from hatchling.build import build_wheel; build_wheel({folder!r})"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            own = sum(item.file_size for item in wheel.infolist())
            metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            required = Parser().parsestr(wheel.read(metadata).decode("utf-8")).get_all("Requires-Dist") or []
    needed = needed_by(required)
    sizes = {name: sum(path.stat().st_size for path in files_of(found).values()) for name, found in needed.items()}
    total = own + sum(sizes.values())
    print(f"a base install     {total / MEGABYTE:6.1f} MB in {len(needed) + 1} distributions; autopack itself {own / MEGABYTE:.1f} MB")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:SHOWN]:
        print(f"  {name:16} {size / MEGABYTE:6.1f} MB")


if __name__ == "__main__":
    main()
