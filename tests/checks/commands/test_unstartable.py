import shutil
from dataclasses import replace

import pytest

from autopack.checks.commands.unstartable import missing
from autopack.checks.processes.command import CommandEnd, EndKind
from autopack.checks.processes.process import run_command
from autopack.checks.results.text import local
from tests.support.commands import command_spec


def _ended(command, output, code=1):
    return missing(command, CommandEnd(EndKind.EXITED, code, 0.1, output))


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("pytst -q", "pytst"),
        ("cd . && pytst -q", "pytst"),
        (("pytst", "-q"), "pytst"),
        ("python -m pytset -q", "pytset"),
        (("python", "-m", "pytset.sub"), "pytset"),
        ("./check.sh", "./check.sh"),
        ("./plain", "./plain"),
        ("sh missing.sh", "missing.sh"),
        ("sh ./missing.sh", "./missing.sh"),
        ("python missing.py --all", "missing.py"),
        ("make tset", "tset"),
    ],
)
def test_mistyped_words_of_real_commands_are_named(tmp_path, command, word):
    (tmp_path / "plain").write_text("text")
    (tmp_path / "Makefile").write_text("test:\n\ttrue\n")
    end = run_command(command_spec(command, tmp_path))
    found = missing(command, replace(end, output=local(end.output, {str(tmp_path): ""})))
    assert found is not None
    assert found.word == word
    assert word in found.sentence


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_script_that_package_json_lacks_is_named(tmp_path):
    (tmp_path / "package.json").write_text('{"scripts": {"test": "nosuchtool --run"}}')
    environment = {"HOME": str(tmp_path), "npm_config_update_notifier": "false"}
    script = missing("npm run nosuch", run_command(command_spec("npm run nosuch", tmp_path, environment=environment)))
    tool = missing("npm test", run_command(command_spec("npm test", tmp_path, environment=environment)))
    assert (script.word, script.places) == ("nosuch", ("package.json",))
    assert tool.word == "nosuchtool"


@pytest.mark.parametrize(
    ("command", "output", "code", "word"),
    [
        ("x", "bash: line 1: x: command not found\n", 127, "x"),
        ("x", "/bin/sh: x: not found\n", 127, "x"),
        ("npm run lnt", 'npm ERR! Missing script: "lnt"\n', 1, "lnt"),
        ("pnpm lnt", "ERR_PNPM_NO_SCRIPT  Missing script: lnt\n", 1, "lnt"),
        ("yarn lnt", 'error Command "lnt" not found.\n', 1, "lnt"),
        ("cargo tset", "error: no such command: `tset`\n", 101, "tset"),
        ("go tset ./...", "go tset: unknown command\nRun 'go help'\n", 2, "tset"),
        ("uv run pytst", "error: Failed to spawn: `pytst`\n", 2, "pytst"),
        ("poetry run pytst", "Command not found: pytst\n", 1, "pytst"),
        ("just tset", "error: Justfile does not contain recipe `tset`\n", 1, "tset"),
    ],
)
def test_what_tools_say_of_a_missing_word(command, output, code, word):
    assert _ended(command, output, code).word == word


@pytest.mark.parametrize(
    ("command", "output", "code"),
    [
        ("pytest -q", "E   ModuleNotFoundError: No module named 'nosuch'\n", 1),
        ("python -m pytest", "/usr/bin/python: No module named other\n", 1),
        ("python app.py", "python: No module named app\n", 1),
        ("npm test", 'npm ERR! Missing script: "else"\n', 1),
        ("make all", "make: *** No rule to make target 'a.c', needed by 'all'.  Stop.\n", 2),
        ("./run.sh", "sh: 3: foo: not found\nbut went on\n", 1),
        ("pytst", "sh: 1: pytst: not found\n", 0),
    ],
)
def test_red_tests_are_not_taken_for_missing_commands(command, output, code):
    assert _ended(command, output, code) is None


def test_a_limit_is_not_a_missing_command():
    assert missing("x", CommandEnd(EndKind.TIMEOUT, None, 1.0, "sh: 1: x: not found\n")) is None


def test_what_a_phase_could_make_has_a_place():
    assert _ended("./scripts/check.sh", "/bin/sh: 1: ./scripts/check.sh: not found\n", 127).places == ("scripts/check.sh",)
    assert "src/shop/cli.py" in _ended("python -m shop.cli", "python: No module named shop.cli\n").places
    assert "src/shop/cli.py" in _ended("python -m shop.cli", "/home/a b/.venv/bin/python: No module named shop.cli\n").places
    assert _ended("pytst", "/bin/sh: 1: pytst: not found\n", 127).places == ()
    assert _ended("/opt/x", "/bin/sh: 1: /opt/x: not found\n", 127).places == ()


def test_exit_code_127_without_a_word_is_said_as_it_is():
    found = _ended("./wrapper.sh --all", "", 127)
    assert found.word == "./wrapper.sh"
    assert "127" in found.sentence
