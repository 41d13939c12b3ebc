import pytest

from autopack.checks.commands.derive_ready import missing_program
from tests.support.commands import place


@pytest.mark.parametrize(
    "command",
    [
        "cat {changed}",
        ("cat", "{changed}"),
        "set -e; cd web && ./not-here {changed}",
        "gofmtt {changed} || true",
        "if command -v gofmtt; then gofmtt {changed}; fi",
        ". ./tools.sh && gofmtt {changed}",
        "export PATH=$PWD/bin:$PATH; gofmtt",
        "PATH=bin:$PATH gofmtt",
        "X=1 cat {changed}",
        "$TOOL {changed}",
        "tools/gen.sh {changed}",
        "cat 'a b",
    ],
)
def test_what_is_there_or_only_a_shell_could_tell_is_let_through(tmp_path, command):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "gen.sh").touch()
    assert missing_program(command, place(tmp_path)) is None


@pytest.mark.parametrize(
    ("command", "word", "places"),
    [
        ("gofmtt {changed}", "gofmtt", ()),
        (("gofmtt", "{changed}"), "gofmtt", ()),
        ("X=1 gofmtt {changed}", "gofmtt", ()),
        ("cd web && gofmtt {changed}", "gofmtt", ()),
        ("cat {changed} | gofmtt > out", "gofmtt", ()),
        ("./tools/gen.sh {changed}", "./tools/gen.sh", ("tools/gen.sh",)),
        ("/opt/no-such/gen {changed}", "/opt/no-such/gen", ()),
    ],
)
def test_a_word_behind_which_there_is_no_program_is_named(tmp_path, command, word, places):
    missing = missing_program(command, place(tmp_path))
    assert (missing.word, missing.places) == (word, places)
