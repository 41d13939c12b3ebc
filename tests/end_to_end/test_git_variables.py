"""A shell that says to git what would lead it elsewhere (a hook, an alias, a habit): the run works where it stands all the same.

`make git-variables` runs every end-to-end test in such a shell.
"""

import os

import pytest

from tests.support.command import ONE, oracle_of
from tests.support.git_variables import nasty_git_variables
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end


def test_every_documented_git_variable_set_to_something_nasty_changes_nothing(desk, tmp_path):
    desk.plan()
    index = desk.repo / ".git" / "index"
    os.utime(desk.repo / "app.txt", (1, 1))  # a git that may would write the index anew
    before = index.read_bytes(), index.stat().st_mtime_ns
    (tmp_path / "bad").mkdir()
    with scripted_server(oracle_of(ONE)) as server:
        shell = desk.beside(server).with_env(**nasty_git_variables(tmp_path / "bad" / "nasty"))
        assert shell.autopack("plan", "check").exit_code == 0
        done = shell.autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert "+two" in shell.autopack("diff", "r").stdout
    assert desk.at("autopack/r", "app.txt") == "two\n"
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before
    written = [path.name for path in (tmp_path / "bad").iterdir()]
    assert set(written) <= {"nasty.trace"}, "only GitPython's own look at git's version may be traced"


@pytest.mark.parametrize("value", ["0", "1"])
def test_the_users_index_is_not_written_whatever_the_shell_says_of_optional_locks(desk, value):
    desk.plan()
    index = desk.repo / ".git" / "index"
    os.utime(desk.repo / "app.txt", (1, 1))
    before = index.read_bytes(), index.stat().st_mtime_ns
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).with_env(GIT_OPTIONAL_LOCKS=value).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before
