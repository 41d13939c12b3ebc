import re
from pathlib import Path

import pytest

from autopack.cli.command_group import _loaded
from autopack.cli.command_table import COMMANDS
from autopack.core.exit_code import ExitCode
from autopack.core.held import HeldReason

TEXT = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
EVERYWHERE = {"--repo", "--help", "-h"}


def _sections():
    parts = re.split(r"^### autopack (.+)$", TEXT, flags=re.MULTILINE)
    return {name: re.split(r"^## ", body, flags=re.MULTILINE)[0] for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_command_is_described_and_no_other():
    assert set(_sections()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_described_and_no_other(name):
    section = _sections()[name]
    options = {option for parameter in _loaded(name, is_rich=False).params for option in parameter.opts if option.startswith("-")}
    described = set(re.findall(r"`(--?[a-z][a-z-]*)", section))
    leading = {option for line in re.findall(r"^- (`-.*?`):", section, flags=re.MULTILINE) for option in re.findall(r"`(--?[a-z-]+)", line)}
    assert options - EVERYWHERE <= described
    assert leading <= options


def test_every_exit_code_has_its_row():
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, flags=re.MULTILINE)}
    assert rows == {*map(int, ExitCode), 141}


def test_every_reason_to_hold_a_phase_is_named():
    assert [reason for reason in HeldReason if f"`{reason}`" not in TEXT] == []
