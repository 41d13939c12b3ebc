"""Installed distributions that others need, as their metadata names them."""

from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement


def needed_by(requirements: Iterable[str]) -> dict[str, Distribution]:
    """What a package index would install for these requirements on this machine: they themselves and all that they need."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(text), frozenset({""})) for text in requirements]
    while waiting:
        requirement, extras = waiting.pop()
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        installed = distribution(requirement.name)
        assert requirement.specifier.contains(installed.version, prereleases=True), f"{requirement}, but {installed.version} is installed"
        asked = frozenset({"", *requirement.extras})
        if installed.name not in found or requirement.extras:
            found[installed.name] = installed
            waiting += [(Requirement(text), asked) for text in installed.requires or ()]
    return found


def files_of(installed: Distribution) -> dict[str, Path]:
    """The files that it brought into its site-packages, without bytecode and scripts: their names to where they are."""
    names = [str(file) for file in installed.files or () if not str(file).startswith("..") and "__pycache__" not in str(file)]
    return {name: path for name in names if (path := Path(str(installed.locate_file(name)))).is_file()}
