import threading

from autopack.core.transitions import RunEvent
from autopack.executor.lock import run_lock
from tests.support.cli import autopack, typed


def test_a_run_at_work_is_asked_to_stop_from_another_process(told):
    told.start()
    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        done = autopack("stop", "shop-1", cwd=told.repo)
        assert told.runs.stop_requested("shop-1")
    assert (done.returncode, done.stdout) == (0, "")
    assert "run 'shop-1' is asked to stop" in done.stderr
    assert "next: autopack status shop-1 --watch" in done.stderr


def test_a_run_that_nobody_works_on_is_left_alone(told, capsys):
    told.start()
    told.end(RunEvent.STOP, 5, "usd")
    assert typed("stop", "shop-1") == 0
    assert capsys.readouterr().err == "nobody works on run 'shop-1' (stopped): there is nothing to stop.\n"
    assert not told.runs.stop_requested("shop-1")


def test_a_run_that_is_only_starting_is_stopped_once_it_is_at_work(told):
    def begin():
        told.runs.move("shop-1", RunEvent.START, stop_requested=False)

    with run_lock(told.repo / ".git/autopack/locks", "shop-1"):
        later = threading.Timer(1.0, begin)
        later.start()
        assert typed("stop", "shop-1") == 0
        later.join()
        assert told.runs.stop_requested("shop-1")


def test_an_unknown_run_is_a_wrong_word(told, capsys):
    assert typed("stop", "shop-2") == 2
    assert "Did you mean 'shop-1'?" in capsys.readouterr().err
