"""What a start does before its first attempt: it introduces the run, ends what a dead one left, and finds out what cannot work."""

import subprocess
import sys

import pytest

from autopack.checks.processes.process_table import child
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.transitions import PhaseEvent
from autopack.executor.start.prepare import end_orphans, prepare
from tests.support.command import phase_of
from tests.support.commands import PATH, is_running
from tests.support.run_context import CLOCK, opened

NO_CHECK = {"skip": True, "reason": "none"}


def unchecked(tmp_path, **options):
    return opened(tmp_path, phase_of("one", ci=NO_CHECK), **options)


def introduced(run):
    (message,) = run.messages("run_introduced")
    return message


def test_the_first_line_says_base_branch_what_is_left_out_and_that_there_is_no_sandbox(tmp_path):
    with unchecked(tmp_path) as run:
        for number in range(6):
            (run.repo / f"left{number}.txt").touch()
        prepare(run.ctx)
        message = introduced(run)
        assert message.startswith(f"run r: base {run.git('rev-parse', 'main')[:10]}, branch autopack/r; 7 uncommitted files are left out")
        assert "(autopack.yaml, left0.txt, left1.txt, left2.txt, left3.txt and 2 more)" in message
        assert message.endswith("commands run without a sandbox: switched off by the configuration")


def test_who_pays_is_named_by_the_last_four_characters_of_the_key_alone(tmp_path):
    with unchecked(tmp_path, env={"ANTHROPIC_API_KEY": "k-canary-0123456789"}) as run:
        prepare(run.ctx)
        assert "paid by ANTHROPIC_API_KEY …6789 (environment)" in introduced(run)
        assert "canary" not in repr(run.told)


def test_the_phases_and_their_states_are_told_to_whoever_watches_and_stored_nowhere(tmp_path):
    with unchecked(tmp_path) as run:
        prepare(run.ctx)
        assert [event.data["phases"] for event in run.told if event.event == "run_phases"] == [{"one": "queued"}]
        assert run.ctx.state.events.named("r", "run_phases") == ()


def test_a_project_is_set_up_before_anything_is_bought(tmp_path):
    with unchecked(tmp_path, workspace={"setup": [{"command": f"echo x >> {tmp_path}/ran"}]}) as run:
        prepare(run.ctx)
        assert (tmp_path / "ran").read_text() == "x\n"


def test_where_nothing_is_left_to_do_nothing_is_set_up(tmp_path):
    with unchecked(tmp_path, workspace={"setup": [{"command": f"echo x >> {tmp_path}/ran"}]}) as run:
        run.ctx.state.phases.move("one", PhaseEvent.SKIP)
        prepare(run.ctx)
        assert not (tmp_path / "ran").exists()


def test_a_project_that_cannot_be_set_up_ends_the_start(tmp_path):
    setup = {"setup": [{"command": "echo no network; exit 3"}]}
    with unchecked(tmp_path, workspace=setup) as run, pytest.raises(EnvironmentBlockedError, match="failed: exit code 3.\nno network"):
        prepare(run.ctx)


def test_an_environment_that_leads_back_into_the_checkout_ends_the_start(tmp_path):
    venv = tmp_path / "venv"
    packages = venv / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True)
    (venv / "bin").mkdir()
    (venv / "pyvenv.cfg").touch()
    with unchecked(tmp_path, env={"PATH": f"{venv}/bin:{PATH}"}) as run:
        (packages / "shop.pth").write_text(f"{run.repo}\n")
        with pytest.raises(EnvironmentBlockedError, match="on PATH runs your checkout's code, not a candidate's: .*shop.pth"):
            prepare(run.ctx)


def test_a_key_that_cannot_sign_ends_the_start_before_its_first_commit(tmp_path):
    with unchecked(tmp_path) as run:
        run.git("config", "commit.gpgsign", "true")
        run.git("config", "gpg.program", "false")
        with pytest.raises(EnvironmentBlockedError, match="signing failed"):
            prepare(run.ctx)


def test_signing_that_is_switched_off_here_is_said_to_a_user_whose_git_signs(tmp_path):
    with unchecked(tmp_path, env={"AUTOPACK_GIT__SIGN": "off"}) as run:
        run.git("config", "commit.gpgsign", "true")
        prepare(run.ctx)
        assert "Your git signs commits (commit.gpgsign), and this run does not: git.sign is off." in run.messages("note")


@pytest.fixture
def left(run):
    """A process that an earlier start of the run left, as its row knows it."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        known = child(process.pid)
        yield run, process, known
        process.kill()


def end(run):
    folder = run.site.slot.folders.root
    end_orphans(run.project, "r", folder, CLOCK, grace_s=0.2)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_what_an_earlier_start_left_running_is_ended_with_its_scratch_and_told(left):
    run, process, known = left
    run.ctx.state.owners.started(known.pid, known.started, known.boot_id)
    scratch = run.site.slot.scratch
    scratch.mkdir(exist_ok=True)
    end(run)
    assert not is_running(process.pid)
    assert run.ctx.state.owners.children() == ()
    assert not scratch.exists()
    assert run.messages("leftovers_ended") == ["ended 1 processes that an earlier start had left running"]
    end(run)
    assert len(run.messages("leftovers_ended")) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_a_process_that_got_the_number_of_a_dead_one_is_left_alone(left):
    run, process, known = left
    run.ctx.state.owners.started(known.pid, known.started - 50, known.boot_id)
    end(run)
    assert is_running(process.pid)
    assert (run.ctx.state.owners.children(), run.messages("leftovers_ended")) == ((), [])
