import subprocess

from autopack.core.transitions import RunEvent
from tests.support.cli import COMMAND, autopack, cli_environment, typed
from tests.support.repos import commit_files, git, tree


def test_the_runs_branch_against_its_base_can_be_applied(told, tmp_path):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 'ä'\n"})
    told.complete("add-basket", {"src/a.py": "A = 2\n"})
    done = autopack("diff", "shop-1", cwd=told.repo)
    assert (done.returncode, done.stderr) == (0, "")
    clone = tmp_path / "clone"
    git(told.repo, "clone", "-q", str(told.repo), str(clone))
    subprocess.run(["git", "apply", "--index"], cwd=clone, input=done.stdout.encode(), check=True)
    assert git(clone, "write-tree").strip() == git(told.repo, "rev-parse", "autopack/shop-1^{tree}").strip()


def test_bytes_of_any_encoding_reach_a_pipe_as_they_are(told):
    told.start()
    commit = commit_files(told.repo, {"latin.txt": b"gr\xfc\xdfe\n", "bin": bytes(range(256))}, "by hand")
    git(told.repo, "update-ref", "refs/heads/autopack/shop-1", commit)
    git(told.repo, "reset", "-q", "--hard", told.base)
    done = subprocess.run([*COMMAND, "diff", "shop-1"], cwd=told.repo, env=cli_environment(), capture_output=True, check=True)
    assert b"+gr\xfc\xdfe\n" in done.stdout
    subprocess.run(["git", "apply", "--index"], cwd=told.repo, input=done.stdout, check=True)
    assert git(told.repo, "write-tree").strip() == git(told.repo, "rev-parse", f"{commit}^{{tree}}").strip()


def test_a_complete_phase_is_its_commit_against_the_parent(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.complete("add-basket", {"src/b.py": "X = 2\n"})
    assert typed("diff", "shop-1", "add-basket") == 0
    said = capsys.readouterr().out
    assert "+X = 2" in said
    assert "src/m.py" not in said


def test_an_open_phase_is_its_newest_candidate(told, capsys):
    told.start()
    told.fail_once("add-basket", {"src/b.py": "X = 1\n"})
    told.retry("add-basket")
    told.fail_once("add-basket", {"src/b.py": "X = 2\n"})
    assert typed("diff", "add-basket") == 0
    said = capsys.readouterr()
    assert "+X = 2" in said.out
    assert "the candidate of attempt 2" in said.err


def test_a_phase_without_a_change_is_told(told, capsys):
    assert typed("diff", "shop-1", "add-basket") == 2
    assert "phase 'add-basket' is queued: it has made no change yet." in capsys.readouterr().err


def test_no_difference_is_no_data(told, capsys):
    assert typed("diff", "shop-1") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "no difference" in said.err


def test_a_branch_that_is_gone_leaves_the_last_recorded_commit(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\n"})
    told.end(RunEvent.INTERRUPT, 130)
    git(told.repo, "branch", "-D", "autopack/shop-1")
    assert typed("diff", "shop-1") == 0
    said = capsys.readouterr()
    assert "+X = 1" in said.out
    assert "the branch autopack/shop-1 is gone" in said.err
    assert "src/m.py" in tree(told.repo, told.head)


def test_only_the_figures_or_the_names(told, capsys):
    told.start()
    told.complete("add-model", {"src/m.py": "X = 1\nY = 2\n", "a\nb.txt": "x\n"})
    assert typed("diff", "shop-1", "--name-only") == 0
    assert capsys.readouterr().out == '"a\\nb.txt"\nsrc/m.py\n'
    assert typed("diff", "add-model", "--stat") == 0
    assert capsys.readouterr().out == ' "a\\nb.txt" | 1 +\n src/m.py   | 2 ++\n 2 files changed, 3 insertions(+)\n'
    assert typed("diff", "--stat", "--name-only") == 2


def test_an_attempt_that_failed_can_be_looked_at(told, capsys):
    told.start()
    told.fail_once("add-basket", {"src/b.py": "X = 1\n"})
    told.retry("add-basket")
    told.fail_once("add-basket", {"src/b.py": "X = 2\n"})
    assert typed("diff", "add-basket", "--attempt", "1") == 0
    said = capsys.readouterr()
    assert "+X = 1" in said.out
    assert "attempt 1 of add-basket (failed)" in said.err
    assert typed("diff", "add-basket", "--attempt", "3") == 2
    assert "has no attempt 3." in capsys.readouterr().err
    assert typed("diff", "--attempt", "1") == 2
    assert "--attempt goes with a phase" in capsys.readouterr().err


def test_an_attempt_that_came_to_no_change_says_why(told, capsys):
    told.start()
    told.begin("add-basket")
    assert typed("diff", "add-basket", "--attempt", "1") == 2
    assert "attempt 1 of phase 'add-basket' made no change." in capsys.readouterr().err
