"""The repository's files in a few lines: all of them where they are few, else those near the scope and counts of the rest."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from autopack.core.visible import one_name

LISTING_CHARACTERS: Final = 1_200
_LINE_CHARACTERS: Final = 400


def listing(paths: Collection[str], scope_paths: Sequence[str], characters: int) -> tuple[str, ...]:
    """One line a directory, ``src/shop/: cart.py tax.py``; directories that are not listed are counted below their parent.

    The directories that the files of the scope lie in, and those above, come first.
    """
    directories: dict[str, list[str]] = {}
    for path in sorted(paths):
        directory, _, name = path.rpartition("/")
        directories.setdefault(directory, []).append(name)
    near = {prefix for path in scope_paths for prefix in _directories_above(path)} | {""}
    limit = left = min(characters, LISTING_CHARACTERS)
    kept: dict[str, str] = {}
    for directory in sorted(directories, key=lambda directory: (directory not in near, directory.count("/"), directory)):
        line = _line(directory, directories[directory])
        left -= len(line) + 1
        if left < 0:
            break
        kept[directory] = line
    rest: Counter[str] = Counter()
    for directory, names in directories.items():
        if directory not in kept:
            rest[directory.partition("/")[0]] += len(names)
    counted = [f"{one_name(top + '/')} … {count:,} {'file' if count == 1 else 'files'} not listed" for top, count in sorted(rest.items())]
    return tuple([kept[directory] for directory in sorted(kept)] + _within(counted, limit))


def _line(directory: str, names: list[str]) -> str:
    """The directory's names, as many as fit on a line."""
    line = f"{one_name((directory or '.') + '/')}:"
    for index, name in enumerate(map(one_name, names)):
        if len(line) + len(name) > _LINE_CHARACTERS:
            return f"{line} … {len(names) - index:,} more"
        line = f"{line} {name}"
    return line


def _directories_above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]


def _within(lines: list[str], characters: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        characters -= len(line) + 1
        if characters < 0:
            return [*kept, f"… {len(lines) - len(kept)} more directories"]
        kept.append(line)
    return kept
