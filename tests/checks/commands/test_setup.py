import pytest

from autopack.checks.commands.setup import SetupSite, set_up, stamp_of
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.core.plan import SetupStep
from tests.support.commands import place

INSTALL = SetupStep(command="cat lock >> installed", again_when=("lock", "packages/*/lock"))


@pytest.fixture
def root(tmp_path):
    (tmp_path / "tree/packages/a").mkdir(parents=True)
    (tmp_path / "tree/lock").write_text("1")
    (tmp_path / "tree/packages/a/lock").write_text("a")
    return tmp_path / "tree"


class Site:
    def __init__(self, root):
        self.root = root
        self.stamps = {}

    def __call__(self, *, is_candidate=False):
        paths = ("lock", "packages/a/lock", "readme.md")
        return SetupSite(lambda _: place(self.root), paths, self.stamps.get, self.stamps.__setitem__, is_candidate)


def test_it_runs_once_and_again_when_a_file_it_depends_on_changed(root):
    site = Site(root)
    assert set_up([INSTALL], site()) == ("cat lock >> installed",)
    assert set_up([INSTALL], site()) == ()
    (root / "readme.md").write_text("other")
    assert set_up([INSTALL], site()) == ()
    (root / "lock").write_text("2")
    assert set_up([INSTALL], site()) == ("cat lock >> installed",)
    (root / "packages/a/lock").write_text("b")
    assert set_up([INSTALL], site()) == ("cat lock >> installed",)
    assert (root / "installed").read_text() == "122"


def test_going_back_to_older_files_sets_up_again(root):
    site = Site(root)
    for text in ("1", "2", "1"):
        (root / "lock").write_text(text)
        set_up([INSTALL], site())
    assert (root / "installed").read_text() == "121"


def test_a_deleted_file_counts_as_a_change(root):
    before = stamp_of(INSTALL, root, ("lock",))
    (root / "lock").unlink()
    assert stamp_of(INSTALL, root, ("lock",)) != before


def test_a_failure_blocks_the_run_with_the_last_words(root):
    site = Site(root)
    step = SetupStep(command="echo one; echo 'no such package: leftpad' >&2; exit 9")
    with pytest.raises(EnvironmentBlockedError, match=r"(?s)exit code 9.*no such package: leftpad"):
        set_up([step], site())
    assert site.stamps == {}


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (SetupStep(command=("no-such-tool",)), "'no-such-tool' is not found"),
        (SetupStep(command="sleep 30", timeout_s=0.2), "did not end within 0.2 s"),
        (SetupStep(command="kill -9 $$"), "SIGKILL"),
    ],
)
def test_every_other_end_is_said(root, step, says):
    with pytest.raises(EnvironmentBlockedError, match=says):
        set_up([step], Site(root)())


def test_a_failure_on_a_candidate_is_the_changes(root):
    with pytest.raises(AttemptFailed) as failed:
        set_up([SetupStep(command="echo broken lock; exit 1", again_when=("lock",))], Site(root)(is_candidate=True))
    assert failed.value.kind is FailureKind.CHECKS_RED
    assert failed.value.evidence == "broken lock"
    assert "ran again" not in failed.value.message, "it never ran before"


def test_what_a_failure_left_is_set_up_again(root):
    site = Site(root)
    step = SetupStep(command="grep -q 1 lock && echo run >> installed", again_when=("lock",))
    set_up([step], site())
    (root / "lock").write_text("2")
    with pytest.raises(AttemptFailed, match="It ran again because files it depends on were changed"):
        set_up([step], site(is_candidate=True))
    (root / "lock").write_text("1")
    assert set_up([step], site()) != ()


def test_steps_run_in_order_and_the_first_failure_ends_them(root):
    with pytest.raises(EnvironmentBlockedError):
        set_up([SetupStep(command="echo a > order"), SetupStep(command="false"), SetupStep(command="echo b >> order")], Site(root)())
    assert (root / "order").read_text() == "a\n"
