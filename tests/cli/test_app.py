import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import COMMAND, Desk


@pytest.fixture
def desk(tmp_path):
    return Desk.make(tmp_path, name="mein läden")


def test_version_is_said(desk):
    done = desk.autopack("--version")
    assert (done.exit_code, done.stdout) == (0, "autopack 0.1.0\n")


def test_help_lists_every_command_and_needs_no_repository(desk, tmp_path):
    from autopack.cli.command_table import COMMANDS

    done = desk.autopack("--help", cwd=tmp_path)
    assert done.exit_code == 0
    assert {name.split()[0] for name in COMMANDS} <= set(done.stdout.split())


def test_a_bare_command_prints_help_and_is_wrong_usage(desk):
    done = desk.autopack()
    assert done.exit_code == 2
    assert "Usage: autopack" in done.stdout + done.stderr
    assert desk.autopack("plan").exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["statsu"], "No such command 'statsu'. Did you mean 'status'?"),
        (["plan", "checq"], "No such command 'checq'. Did you mean 'check'"),
        (["config", "show", "--jsn"], "No such option: --jsn"),
        (["run", "--max-usd", "much"], "--max-usd"),
    ],
)
def test_wrong_words_are_exit_2_with_what_was_meant(desk, words, said):
    done = desk.autopack(*words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_user_error_is_one_line_and_its_exit_code(desk, tmp_path):
    done = desk.autopack("init", "--repo", tmp_path / "nowhere")
    assert done.exit_code == 7
    assert done.stderr == f"autopack: {tmp_path / 'nowhere'} is not a directory. Give the repository with --repo DIR.\n"


def test_help_imports_no_heavy_library(desk):
    code = """
import sys
from autopack.__main__ import main
sys.argv = ['autopack', '--help']
try:
    main()
finally:
    print('\\n'.join(sys.modules), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], env=desk.environment, capture_output=True, encoding="utf-8", check=True)
    heavy = {"anthropic", "openai", "git", "sqlmodel", "sqlalchemy", "pydantic", "ruamel", "rich.console", "httpx2", "autopack.executor"}
    assert heavy & set(done.stderr.split()) == set()
    assert "typer" in done.stderr.split()


def test_every_command_loads_and_says_of_itself_what_the_list_says():
    from importlib import import_module
    from inspect import getdoc

    from autopack.cli.command_table import COMMANDS, GROUPS

    for name, command in COMMANDS.items():
        module, _, function = command.target.partition(":")
        found = getattr(import_module(f"autopack.cli.commands.{module}"), function)
        assert (getdoc(found) or "").split("\n\n")[0].replace("\n", " ") == command.summary, name
    assert {name.split()[0] for name in COMMANDS if " " in name} <= {*GROUPS, *COMMANDS}


def test_every_command_shows_its_help(desk):
    from autopack.cli.app import main
    from autopack.cli.command_table import COMMANDS

    for name in COMMANDS:
        assert main([*name.split(), "--help"]) == 0, name


def test_output_is_utf8_whatever_the_locale(desk):
    plan = desk.plan(name="läden.yaml")
    for locale in (
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"},
    ):
        done = desk.with_env(**locale).autopack("plan", "check", plan.name)
        assert done.exit_code == 0, done.stderr
        assert done.stdout == "läden.yaml: valid, 1 phase\n"


def test_a_reader_that_leaves_early_is_no_error(desk):
    done = subprocess.run(
        ["sh", "-c", f"({shlex.join(COMMAND)} plan schema; echo $? >&2) | true"],
        cwd=desk.repo,
        env=desk.environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == "141\n"


def test_an_output_that_is_full_is_said(desk):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "plan", "schema"],
            cwd=desk.repo,
            env=desk.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 7
    assert (
        done.stderr
        == "autopack: the place that the output goes to is full: No space left on device. Make room and give the same command again.\n"
    )


BROKEN = """
import sys
import autopack.cli.commands.plan
def check(file: str = ""):
    '''Check a plan file and say everything that is wrong with it.'''
    raise ERROR
autopack.cli.commands.plan.check = check
from autopack.cli.app import main
sys.exit(main(["plan", "check"]))
"""


def broken(desk, error, cwd=None, **environment):
    return subprocess.run(
        [sys.executable, "-c", BROKEN.replace("ERROR", error)],
        cwd=cwd or desk.repo, env={**desk.environment, **environment}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_a_defect_is_one_line_a_report_and_exit_70(desk):
    done = broken(desk, "ValueError('bad sk-canary-0123456789\\nmore')", CORP_KEY="sk-canary-0123456789")
    assert done.returncode == 70
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("autopack: this is a defect of Autopack: ValueError: bad ⟦redacted:1⟧ more; the report is ")
    (report,) = (desk.repo / ".autonomous_runs" / "-" / "errors").glob("*_ValueError.json")
    assert str(report) in done.stderr
    assert json.loads(report.read_text("utf-8"))["request"] == "autopack plan check"
    assert "canary" not in report.read_text("utf-8") + report.with_suffix(".txt").read_text("utf-8")
    assert desk.git("status", "--porcelain") == ""


def test_a_defect_outside_of_a_repository_is_reported_in_the_users_state(desk, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    assert broken(desk, "KeyError('x')", cwd=outside).returncode == 70
    assert list((desk.home / ".local" / "state" / "autopack" / "-" / "errors").glob("*_KeyError.txt"))
    assert list(outside.iterdir()) == []


def test_an_interrupt_is_exit_130(desk):
    done = broken(desk, "KeyboardInterrupt")
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr


def test_many_faults_are_cut_with_a_count(desk):
    (desk.repo / "many.yaml").write_text("version: 1\n" + "".join(f"x{n}: 1\n" for n in range(300)))
    done = desk.autopack("plan", "check", "many.yaml")
    lines = done.stderr.splitlines()
    assert done.exit_code == 3
    assert len(lines) == 201
    assert lines[-1] == "and 103 more."


def test_a_terminal_gets_colour_unless_it_asks_for_none(desk):
    if sys.platform == "darwin":
        pytest.skip("script has other options there")

    def seen(**environment):
        words = ["script", "-qec", shlex.join([*COMMAND, "--help"]), "/dev/null"]
        return subprocess.run(words, env={**desk.environment, **environment}, capture_output=True, check=True).stdout

    assert b"\x1b[1;3" in seen()
    assert b"\x1b[1;3" not in seen(NO_COLOR="1")
