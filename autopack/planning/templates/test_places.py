"""Where a project keeps its tests and how it names them, learned from the tests that it has."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

_FOLDERS: Final = re.compile(r"(?:^|/)(?:tests?|specs?|__tests__|e2e|testing|testdata|fixtures?)(?:/|$)")


@dataclass(frozen=True)
class Form:
    """How the tests of a language are named; ``spell`` makes a name of words."""

    name: re.Pattern[str]
    spell: Callable[[list[str], str], str]


def _snake(pattern: str) -> Callable[[list[str], str], str]:
    return lambda words, ending: pattern.format("_".join(words), ending)


def _dashed(pattern: str) -> Callable[[list[str], str], str]:
    return lambda words, ending: pattern.format("-".join(words), ending)


def _capitals(pattern: str) -> Callable[[list[str], str], str]:
    return lambda words, ending: pattern.format("".join(map(str.capitalize, words)), ending)


FORMS: Final = (
    Form(re.compile(r"test_.+\.(py|rb)"), _snake("test_{}.{}")),
    Form(re.compile(r".+_test\.(py|go|rb|exs|dart|cc|cpp)"), _snake("{}_test.{}")),
    Form(re.compile(r".+_spec\.(rb|lua)"), _snake("{}_spec.{}")),
    Form(re.compile(r".+\.test\.([cm]?[jt]sx?)"), _dashed("{}.test.{}")),
    Form(re.compile(r".+\.spec\.([cm]?[jt]sx?)"), _dashed("{}.spec.{}")),
    Form(re.compile(r".+Tests?\.(java|kt|cs|php|swift|scala)"), _capitals("{}Test.{}")),
)
_IN_FOLDER: Final = {"rs": "{}.rs", "js": "{}.js", "mjs": "{}.mjs", "ts": "{}.ts", "bats": "{}.bats"}
"""Languages whose tests are known by their folder alone."""


def is_test(path: str) -> bool:
    """Whether a file is a test or belongs to tests."""
    name = path.rpartition("/")[2]
    return any(form.name.fullmatch(name) for form in FORMS) or _FOLDERS.search(path.rpartition("/")[0].lower()) is not None


def new_test(phase_id: str, tracked: Iterable[str], beside: Iterable[str]) -> str | None:
    """A path for a phase's new tests; None where the project has none to learn from.

    Args:
        phase_id: names the file.
        tracked: every file of the project.
        beside: the files that are tested; where tests lie beside the code, so does the new one.
    """
    kinds = Counter(kind for path in tracked if (kind := _kind(path)) is not None)
    if not kinds:
        return None
    words = re.split(r"[^a-z0-9]+", phase_id)
    endings: Counter[tuple[int, str]] = Counter()
    for (form, ending, _), count in kinds.items():
        endings[form, ending] += count
    (form, ending), _ = min(endings.items(), key=lambda item: (-item[1], item[0]))
    folders = {folder: count for (one, other, folder), count in kinds.items() if (one, other) == (form, ending)}
    folder = min(folders, key=lambda name: (_FOLDERS.search(name) is None, -folders[name], name))
    if _FOLDERS.search(folder) is None:
        same = [path for path in beside if path.endswith(f".{ending}") and not path.endswith("/")]
        folder = same[0].rpartition("/")[0] if same else folder
    name = FORMS[form].spell(words, ending) if form < len(FORMS) else _IN_FOLDER[ending].format("_".join(words))
    return f"{folder}/{name}" if folder else name


def _kind(path: str) -> tuple[int, str, str] | None:
    """The form, the ending and the folder of a test; data and helpers among tests are none."""
    folder, _, name = path.rpartition("/")
    for number, form in enumerate(FORMS):
        if found := form.name.fullmatch(name):
            return number, found[1], folder
    stem, _, ending = name.rpartition(".")
    is_alone = ending in _IN_FOLDER and stem not in ("mod", "index", "common", "helper", "helpers", "setup")
    is_in_folder = folder.rpartition("/")[2].lower() in ("tests", "test", "spec")
    return (len(FORMS), ending, folder) if is_alone and is_in_folder else None
