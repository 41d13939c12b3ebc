import re
import shlex

import pytest

from autopack.cli.command_group import _loaded
from autopack.cli.command_table import COMMANDS
from autopack.cli.examples import EXAMPLES
from tests.support.cli import typed

WIDTH = 80


def test_every_command_has_an_example_and_nothing_else_has():
    assert list(EXAMPLES) == [name for name in EXAMPLES if name in COMMANDS]
    assert set(EXAMPLES) == set(COMMANDS)
    assert all(EXAMPLES.values())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_with_the_examples_and_none_is_cut(name, capsys):
    assert typed(*name.split(" "), "--help") == 0
    said = capsys.readouterr().out
    _, examples = said.split("\nExamples:\n")
    for line, does in EXAMPLES[name]:
        assert line in examples
        assert does in examples
    assert [line for line in examples.splitlines() if len(line) > WIDTH] == []


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in EXAMPLES.items() for line, _ in lines])
def test_every_example_is_taken_by_its_command(name, line):
    words = shlex.split(re.split(r" [|>]", line)[0])
    assert words[: 1 + len(name.split(" "))] == ["autopack", *name.split(" ")]
    rest = words[1 + len(name.split(" ")) :]
    below = [full for full in COMMANDS if full.startswith(f"{name} ")]
    if rest and f"{name} {rest[0]}" in below:
        return
    command = _loaded(name, is_rich=False)
    with command.make_context(name, rest) as context:
        assert context.args == []
