"""What the two runs cannot see: edits that decide what the check runs, or whether its failures count. A short table. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from autopack.core.checking import StepReport
from autopack.core.code_files import CODE_SUFFIXES
from autopack.review.makefile import deciding_parts
from autopack.review.test_files import PACKAGE_KEYS, SCRIPTS, Exists, counts_as_test, read_json, runner_part, sections, shadows_a_runner

TEST_WORDS: Final = re.compile(r"(?:^|[:_.-])(?:pre|post)?(?:tests?|check|verify|ci|spec|unit|e2e)(?:$|[:_.-])")
HOOKS: Final = (
    *("pytest_runtest_", "pytest_pyfunc_call", "pytest_report_", "pytest_collection", "pytest_collect_", "pytest_pycollect_"),
    *("pytest_ignore_collect", "pytest_itemcollected", "pytest_sessionfinish", "pytest_deselected", "pytest_make_", "collect_ignore"),
)
NARROWING: Final = re.compile(
    r"(?:^|(?<=[\s\"']))(?:-p|-c|-o|-k|-m|--ignore|--ignore-glob|--deselect|--co|--collect-only|--exitfirst|--maxfail|--override-ini|--rootdir"
    r"|--confcutdir|--noconftest|--runxfail|--continue-on-collection-errors)(?=[\s=\"']|no:|$)"
)
DETECTING: Final = (
    *("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_WORKER", "JEST_WORKER_ID", "VITEST_WORKER_ID", "VITEST_POOL_ID"),
    *("NODE_TEST_CONTEXT", "AUTOPACK_OUT", "AUTOPACK_PHASE", "AUTOPACK_RUN"),
)
_MODULES: Final = ("pytest", "unittest", "_pytest")
_NPMRC: Final = ("script-shell", "node-options", "ignore-scripts", "if-present")
_GLUE: Final = re.compile(r"[;|&`#<>\n]|\$\(")
_HARMLESS_BEFORE: Final = re.compile(r"(?:(?:npm|pnpm|yarn|bun) run [\w:.-]+ && )+")
_EMPTIED: Final = (
    "--passwithnotests",
    "--testpathignorepatterns",
    "--testnamepattern",
    "--if-present",
    "--ignore",
    "--deselect",
    "-t ",
    "-k ",
)
_SHELL_RUNS: Final = r"(?:(?:^|[;&|(]\s*)|\b(?:sh|bash|dash|zsh|source|\.)\s+(?:-\S+\s+)*)(?:\./)?{path}(?=\s|$|[;&|)])"
_RUNS: Final = r"\b(?:python[\d.]*|node|ruby|perl|deno run|bun)\s+(?:-\S+\s+)*(?:\./)?{path}(?=\s|$|[;&|)])"
_PROGRAM: Final = re.compile(r"(?:.*/)?(?:[^/]*[._-])?(?:run_?tests?|tests?|check|checks|verify|ci)(?:[._-][^/]*)?")


@dataclass(frozen=True)
class Edit:
    """One touched file: its text before and after, None where it is not there or no text."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Around:
    """The check's steps as they were run, and whether the parent has a file or folder."""

    steps: tuple[StepReport, ...]
    exists: Exists

    @property
    def has_ids(self) -> bool:
        return any(step.results is not None and step.results.ran for step in self.steps)


def deciding_settings(edits: Iterable[Edit], around: Around) -> Iterator[tuple[str, str]]:
    """(path, what is changed there) for each edit that decides what the check runs, or whether its failures count."""
    for edit in edits:
        if edit.before != edit.after:
            for rule in _RULES:
                yield from ((edit.path, message) for message in rule(edit, around))


def is_the_command(path: str, steps: tuple[StepReport, ...]) -> bool:
    """Whether a check's command runs this very file as its program."""
    commands = [" ".join(re.sub(r"[\[\]\",]+", " ", step.command).split()) for step in steps]
    name = re.escape(path)
    if any(re.search(_SHELL_RUNS.format(path=name), command) for command in commands):
        return True
    return _PROGRAM.fullmatch(path) is not None and any(re.search(_RUNS.format(path=name), command) for command in commands)


def _program(edit: Edit, around: Around) -> Iterator[str]:
    if edit.before is not None and is_the_command(edit.path, around.steps):
        yield "it is the check's own program, and the change rewrites it"


def _shadow(edit: Edit, around: Around) -> Iterator[str]:
    if edit.before is None and shadows_a_runner(edit.path, around.exists):
        yield "it stands where a module of the test runner is looked for"


def _hooks(edit: Edit, _: Around) -> Iterator[str]:
    if edit.path.endswith(".py"):
        new = Counter(_hook_parts(edit.after)) - Counter(_hook_parts(edit.before))
        names = dict.fromkeys(hook for part in new for hook in HOOKS if hook in part)
        if names:
            yield f"it adds or changes hooks that decide which tests run or what they count ({', '.join(f'{name}...' for name in names)})"


def _pytest_settings(edit: Edit, _: Around) -> Iterator[str]:
    name = edit.path.rpartition("/")[2].lower()
    if name in {"pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "tox.toml", "setup.cfg", "pyproject.toml"}:
        before, after = (NARROWING.findall(_pytest_part(name, text)) for text in (edit.before, edit.after))
        more = Counter(after) - Counter(before)
        if more:
            yield f"the options of pytest take tests away or load more ({', '.join(dict.fromkeys(more))})"
    if name == "tox.ini" and edit.before is not None:
        old, new = (sections(text or "", ("testenv",)) for text in (edit.before, edit.after))
        if any(Counter(lines) - Counter(new.get(section, [])) for section, lines in old.items()):
            yield "the commands of tox are changed"


def _package(edit: Edit, around: Around) -> Iterator[str]:
    if edit.path.rpartition("/")[2] != "package.json" or edit.before is None:
        return
    old, new = read_json(edit.before) or {}, read_json(edit.after) or {}
    before, after = _scripts(old), _scripts(new)
    for name, command in before.items():
        if TEST_WORDS.search(name) and not _keeps(command, after.get(name, "")):
            yield f"the script `{name}` is {'changed' if name in after else 'gone'}"
    for name in after.keys() - before.keys():
        if name.startswith(("pre", "post")) and TEST_WORDS.search(name) and name.removeprefix("pre").removeprefix("post") in before:
            yield f"the script `{name}` is new and runs with the tests"
    if not around.has_ids:
        changed = [key for key in PACKAGE_KEYS if key != SCRIPTS and key in old and old[key] != new.get(key)]
        yield from (f"the settings of {key} are changed" for key in changed)


def _makefile(edit: Edit, around: Around) -> Iterator[str]:
    name = edit.path.rpartition("/")[2]
    if name not in {"Makefile", "makefile", "GNUmakefile"} and not name.endswith(".mk"):
        return
    if edit.before is None:
        stood = edit.path.removesuffix(name)
        if name != "Makefile" and not name.endswith(".mk") and any(around.exists(stood + other) for other in ("Makefile", "makefile")):
            yield "make reads it in place of the one that is there"
        return
    named = {word for step in around.steps if "make" in step.command for word in re.split(r"[^\w.:/-]+", step.command)}

    def is_tested(target: str) -> bool:
        return target in named or bool(TEST_WORDS.search(target))

    old, new = (deciding_parts(text or "", is_tested) for text in (edit.before, edit.after))
    for part, lines in old.items():
        if part.startswith("target ") and not _keeps_lines(lines, new.get(part, ())):
            yield f"the {part} is {'changed' if part in new else 'gone'}"
    for part, lines in new.items():
        if not part.startswith("target ") and old.get(part, ()) != lines:
            yield f"it sets {part}, which decides what recipes run or whether their failures count"


def _npm(edit: Edit, _: Around) -> Iterator[str]:
    if edit.path.rpartition("/")[2] == ".npmrc":
        before, after = (
            [line for line in (text or "").splitlines() if line.strip().startswith(_NPMRC)] for text in (edit.before, edit.after)
        )
        if before != after:
            yield "it sets how npm runs scripts"


def _runner_files(edit: Edit, around: Around) -> Iterator[str]:
    """Without ids nobody sees which tests a runner's settings leave out."""
    name = edit.path.rpartition("/")[2].lower()
    if (
        edit.before is not None
        and not around.has_ids
        and re.match(r"(?:jest|vitest|mocha|ava|karma)[.-]|\.mocharc|\.rspec|phpunit\.xml", name)
    ):
        yield "the settings of the test runner are changed"


def _detecting(edit: Edit, _: Around) -> Iterator[str]:
    """Code that finds out whether it is being tested."""
    if edit.path.endswith(CODE_SUFFIXES) and not counts_as_test(edit.path):
        new = Counter(_detecting_lines(edit.after)) - Counter(_detecting_lines(edit.before))
        if new:
            yield f"the code asks whether it is being tested ({next(iter(new))[:100]})"


_RULES: Final[tuple[Callable[[Edit, Around], Iterator[str]], ...]] = (
    *(_program, _shadow, _hooks, _pytest_settings, _package, _makefile, _npm, _runner_files, _detecting),
)


def _hook_parts(text: str | None) -> Iterator[str]:
    """Functions that are hooks, whole, and every other line that names one."""
    block: list[str] = []
    depth = 0
    for line in (text or "").splitlines():
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if block and bare and indent <= depth:
            yield "\n".join(block)
            block = []
        if block:
            block += [bare] if bare else []
        elif any(hook in bare for hook in HOOKS) and not bare.startswith("#"):
            block, depth = [bare], indent
    if block:
        yield "\n".join(block)


def _pytest_part(name: str, text: str | None) -> str:
    part: object = text or ""
    if name in {"pyproject.toml", "setup.cfg"}:
        part = runner_part(name, text)
    elif name == "tox.ini":
        part = sections(text or "", ("pytest",))
    words = str(part)
    return re.sub(r"[\[\](){},]", " ", words)


def _scripts(package: dict[str, Any]) -> dict[str, str]:
    scripts = package.get(SCRIPTS)
    return {str(name): str(text) for name, text in scripts.items()} if isinstance(scripts, dict) else {}


def _keeps(old: str, new: str) -> bool:
    """Whether the new command is the old one, with options or commands joined by ``&&`` behind it, or ``npm run x &&`` in front."""
    start = _HARMLESS_BEFORE.match(new)
    rest = new[start.end() :] if start and not old.startswith(start[0]) else new
    if not rest.startswith(old):
        return False
    more = rest[len(old) :]
    is_joined = all(not _GLUE.search(part) for part in more.split("&&"))
    return more == "" or (more.startswith(" ") and is_joined and not any(word in f"{more.lower()} " for word in _EMPTIED))


def _keeps_lines(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """Whether every old line is still there in its order, each kept."""
    rest = iter(new)
    return all(any(_keeps(line, other) for other in rest) for line in old)


def _detecting_lines(text: str | None) -> Iterator[str]:
    for line in (text or "").splitlines():
        if any(word in line for word in DETECTING) or ("sys.modules" in line and any(word in line for word in _MODULES)):
            yield line.strip()
