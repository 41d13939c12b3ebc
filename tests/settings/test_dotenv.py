import pytest

from autopack.settings.dotenv import read_env_file


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("K=v", "v"),
        ("K = v  # note", "v"),
        ("export K=v#x", "v#x"),
        ('K="a b # c"', "a b # c"),
        (r'K="a\"b\n"', 'a"b\n'),
        ("K='$HOME `x`'", "$HOME `x`"),
        ("K=", ""),
        ("  K=ä", "ä"),
    ],
)
def test_a_line_gives_its_value_unexpanded(tmp_path, line, value):
    (tmp_path / ".env").write_text(f"# head\n{line}\nnot a line\n")
    assert read_env_file(tmp_path).values == {"K": value}


def test_a_missing_file_gives_nothing(tmp_path):
    assert (read_env_file(tmp_path).values, read_env_file(tmp_path).notes) == ({}, ())
