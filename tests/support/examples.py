"""Shell examples of the documents: found, run as one reader would type them, page by page, and compared with what the page shows.

A `bash` block is a script; in a `console` block lines behind `$ ` are commands (`> ` goes on with one), the others what they print. `...`
stands for whatever comes; times, ids, sizes, durations, large numbers and dollars are
not compared, since they differ from day to day. A command that shows nothing prints
nothing, and one ends with 0, unless a comment behind it says `ends with 4`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

_BLOCK: Final = re.compile(r"^```(?P<kind>bash|console)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_ENDS: Final = re.compile(r"#.*\bends with (\d+)")
_MASKS: Final = (
    (re.compile(r"\b[0-9a-f]{40}\b|\b(?=[a-f]*\d)[0-9a-f]{7,12}\b"), "HASH"),
    (re.compile(r"\bgit \d+(\.\d+)+"), "git N"),
    (re.compile(r"\d{4}-\d\d-\d\dT?"), "DATE "),
    (re.compile(r"\b\d{1,2}:\d\d(:\d\d)?(\.\d+)?Z?"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|min|h|GB|MB|KB|kB)\b"), "SIZE"),
    (re.compile(r"\b(\d+ h )?\d+ min( \d+ s)?\b"), "SIZE"),
    (re.compile(r"\$\d[\d.,]*"), "MONEY"),
    (re.compile(r"\b[\d,]+ (in|out|tokens)\b"), "TOKENS"),
    (re.compile(r"\b\d[\d,]{2,}\b"), "NUMBER"),
    (re.compile(r"[─-]{3,}"), "---"),
    (re.compile(r"[ \t]+"), " "),
)


@dataclass(frozen=True)
class Example:
    """``script`` is what is typed; ``shown`` what the page says it prints, None where it says nothing."""

    page: str
    line: int
    script: str
    shown: str | None

    @property
    def first(self) -> str:
        return self.script.split("\n")[0].split("  #")[0].strip()

    @property
    def exit_code(self) -> int:
        found = _ENDS.search(self.script)
        return int(found[1]) if found else 0


def examples_of(page: str, text: str) -> Iterator[Example]:
    """In the order of the page."""
    for block in _BLOCK.finditer(text):
        line = text[: block.start()].count("\n") + 2
        if block["kind"] == "bash":
            yield Example(page, line, block["body"], None)
        else:
            yield from _typed(page, line, block["body"].splitlines())


def _typed(page: str, line: int, lines: Sequence[str]) -> Iterator[Example]:
    open_ = None
    for number, text in enumerate(lines):
        if text.startswith("$ "):
            if open_ is not None:
                yield open_
            open_ = Example(page, line + number, text.removeprefix("$ "), "")
        elif open_ is not None and text.startswith("> ") and not open_.shown:
            open_ = replace(open_, script=f"{open_.script}\n{text.removeprefix('> ')}")
        elif open_ is not None:
            open_ = replace(open_, shown=f"{open_.shown}{text}\n")
    if open_ is not None:
        yield open_


def masked(text: str) -> str:
    """The text without what differs from day to day."""
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return "\n".join(line.strip() for line in text.strip().splitlines())


def is_as_shown(shown: str, printed: str) -> bool:
    pattern = re.escape(masked(shown)).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, masked(printed), re.DOTALL) is not None


def script_of(examples: Sequence[Example], folder: Path) -> str:
    """One bash for all of them, as one reader has one shell; what each printed is left in `folder/N`, and how it ended in `folder/N.code`."""
    lines = ["set -e"]
    for number, example in enumerate(examples):
        typed, out = folder / f"{number}.sh", folder / str(number)
        typed.write_text(example.script, "utf-8")
        lines += [f"set +e; {{ . {typed}; }} > {out} 2>&1; code=$?; echo $code > {out}.code; set -e", f"test $code = {example.exit_code}"]
    return "\n".join(lines)


def judged(examples: Sequence[Example], folder: Path, same: Callable[[str], str]) -> Iterator[tuple[Example, str, str | None]]:
    """Each with what it printed, as the page would say it, and what is wrong with it; ends behind the first that ended otherwise."""
    for number, example in enumerate(examples):
        place = folder / f"{number}.code"
        code = int(place.read_text()) if place.exists() else None
        printed = same((folder / str(number)).read_text("utf-8")) if code is not None else ""
        if code != example.exit_code:
            yield example, printed, f"it ended with {code}, not {example.exit_code}"
            return
        is_right = example.shown is None or is_as_shown(example.shown, printed)
        yield example, printed, None if is_right else "it prints something else"
