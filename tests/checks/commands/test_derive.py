import hashlib
from contextlib import contextmanager

import pytest

from autopack.checks.commands.derive import DeriveSite, commands, derive, judge_writes, triggers
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.plan import DeriveStep
from tests.support.commands import place

FORMAT = DeriveStep(command='for f in {changed}; do echo formatted >> "$f"; done', when=("**/*.py",), writes="changed")
LOCK = DeriveStep(command="cp package.json package-lock.json", when=("**/package.json",), writes=("package-lock.json",))


class Site:
    """A work tree with the accepted edits in it; ``parent`` is what lies there once the parent was entered."""

    def __init__(self, tmp_path, files, parent=None):
        self.root = tmp_path / "tree"
        self.root.mkdir()
        self.parent = parent or {}
        self._lay(files)
        self.start = self._state()

    def _lay(self, files):
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def _state(self):
        files = (path for path in self.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def written(self):
        now = self._state()
        return {name: now.get(name, "") for name in now.keys() | self.start.keys() if now.get(name) != self.start.get(name)}

    @contextmanager
    def at_parent(self):
        for path in [path for path in self.root.rglob("*") if path.is_file()]:
            path.unlink()
        self._lay(self.parent)
        yield self.root

    def __call__(self):
        return DeriveSite(lambda _: place(self.root), self.written, self.at_parent)


def test_only_steps_that_an_accepted_path_calls_for_run(tmp_path):
    site = Site(tmp_path, {"a.py": "", "package.json": "{}"})
    assert derive([FORMAT, LOCK], ["a.py"], site()) == ("a.py",)
    assert not (site.root / "package-lock.json").exists()


def test_every_written_path_comes_back(tmp_path):
    site = Site(tmp_path, {"src/ä b.py": "", "package.json": "{}", "other.py": ""})
    assert derive([FORMAT, LOCK], ["src/ä b.py", "package.json"], site()) == ("package-lock.json", "src/ä b.py")
    assert (site.root / "src/ä b.py").read_text() == "formatted\n"
    assert (site.root / "other.py").read_text() == ""


@pytest.mark.parametrize(
    ("step", "path"),
    [
        (DeriveStep(command="echo x > stray.txt", when=("**/*.py",), writes="changed"), "stray.txt"),
        (DeriveStep(command="echo x >> other.py", when=("**/*.py",), writes="changed"), "other.py"),
        (DeriveStep(command="rm other.py", when=("**/*.py",), writes=("*.lock",)), "other.py"),
        (DeriveStep(command="echo x >> a.py", when=("**/*.py",), writes=("*.lock",)), "a.py"),
    ],
)
def test_a_write_elsewhere_ends_the_attempt(tmp_path, step, path):
    site = Site(tmp_path, {"a.py": "", "other.py": ""})
    with pytest.raises(AttemptFailed, match=path) as failed:
        derive([step], ["a.py"], site())
    assert failed.value.kind is FailureKind.DERIVE_FAILED


def test_what_one_step_may_write_another_may_not_change(tmp_path):
    site = Site(tmp_path, {"package.json": "{}"})
    second = DeriveStep(command="echo x >> package-lock.json", when=("**/package.json",), writes="changed")
    with pytest.raises(AttemptFailed, match="package-lock.json"):
        derive([LOCK, second], ["package.json"], site())


def test_a_tool_that_chokes_on_the_edit_tells_the_builder_why(tmp_path):
    step = DeriveStep(command="echo 'a.py:3: cannot parse'; grep -q good a.py", when=("*.py",), writes="changed")
    with pytest.raises(AttemptFailed) as failed:
        derive([step], ["a.py"], Site(tmp_path, {"a.py": "bad"}, parent={"a.py": "good"})())
    assert failed.value.kind is FailureKind.DERIVE_FAILED
    assert failed.value.evidence == "a.py:3: cannot parse"


def test_a_tool_that_fails_on_the_parent_too_is_the_machines_fault(tmp_path):
    step = DeriveStep(command="echo no network; exit 1", when=("*.py",), writes="changed")
    with pytest.raises(AttemptFailed) as failed:
        derive([step], ["a.py"], Site(tmp_path, {"a.py": "bad"}, parent={"a.py": "good"})())
    assert failed.value.kind is FailureKind.ENVIRONMENT


def test_where_the_edit_makes_the_first_file_that_calls_for_the_step_its_failure_is_told_to_the_builder(tmp_path):
    step = DeriveStep(command="grep -q name package.json && cp package.json lock.json", when=("**/package.json",), writes=("lock.json",))
    with pytest.raises(AttemptFailed) as failed:
        derive([step], ["package.json"], Site(tmp_path, {"package.json": "{"}, parent={"README.md": ""})())
    assert failed.value.kind is FailureKind.DERIVE_FAILED


def test_a_tool_that_is_not_installed_is_the_machines_fault_even_for_new_files(tmp_path):
    step = DeriveStep(command=("no-such-formatter", "{changed}"), when=("*.py",), writes="changed")
    with pytest.raises(AttemptFailed, match="no-such-formatter") as failed:
        derive([step], ["new.py"], Site(tmp_path, {"new.py": ""})())
    assert failed.value.kind is FailureKind.ENVIRONMENT


def test_deleted_files_call_for_a_step_but_are_not_handed_to_it(tmp_path):
    site = Site(tmp_path, {"kept.py": ""})
    assert derive([FORMAT], ["gone.py", "kept.py"], site()) == ("kept.py",)
    count = DeriveStep(command="ls > index.txt", when=("*.py",), writes=("index.txt",))
    assert derive([count], ["gone.py"], site()) == ("index.txt",)


def test_names_are_data_for_the_shell():
    hostile = ("a b.py", "$(touch pwned).py", "'; rm -rf ~; '.py", "-rf.py")
    (line,) = commands("fmt {changed}", hostile)
    assert line == "fmt 'a b.py' '$(touch pwned).py' ''\"'\"'; rm -rf ~; '\"'\"'.py' ./-rf.py"
    assert list(commands(("fmt", "-q", "{changed}", "--end"), hostile)) == [
        ("fmt", "-q", "a b.py", "$(touch pwned).py", "'; rm -rf ~; '.py", "./-rf.py", "--end")
    ]


def test_hostile_names_run_nothing(tmp_path):
    name = "$(touch pwned) `touch pwned`; touch pwned.py"
    site = Site(tmp_path, {name: ""})
    assert derive([FORMAT], [name], site()) == (name,)
    assert not list(tmp_path.rglob("pwned"))


def test_many_files_go_in_batches():
    many = [f"src/some/folder/file_{number:05}.py" for number in range(10_000)]
    lines = list(commands("fmt {changed}", many))
    assert 3 < len(lines) < 20
    assert max(map(len, lines)) < 100_000
    assert " ".join(line.removeprefix("fmt ") for line in lines).split() == many


def test_without_the_word_the_command_stands_as_it_is():
    assert list(commands("make lock", ["a"])) == ["make lock"]
    assert list(commands("fmt {changed}", [])) == []


def test_triggers_are_the_paths_that_match():
    assert triggers(LOCK, ["b/package.json", "a/package.json", "x.py"]) == ("a/package.json", "b/package.json")


def test_ignored_or_no_writes_are_fine():
    judge_writes((), FORMAT, ("a.py",))
    judge_writes(("a.py",), FORMAT, ("a.py",))
