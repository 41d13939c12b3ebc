import pwd
from pathlib import Path

import pytest

from autopack.core.errors import EnvironmentBlockedError, InvalidInputError
from autopack.settings.paths import database_path, user_config_dir, user_state_dir


def test_the_state_lies_in_the_common_directory():
    assert database_path(Path("/r/.git"), {"DATABASE_URL": "postgresql://app"}) == Path("/r/.git/autopack/autopack.db")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////var/a%20b.db", "/var/a b.db"),
        ("/var/läden.db", "/var/läden.db"),
        ("~/x.db", str(Path.home() / "x.db")),
        ("x.db", str(Path.cwd() / "x.db")),
    ],
)
def test_the_variable_moves_the_state(url, path):
    assert database_path(Path("/r/.git"), {"AUTOPACK_DATABASE_URL": url}) == Path(path)


@pytest.mark.parametrize("url", ["postgresql://user:secret@h/db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "file:x.db", ":memory:"])
def test_anything_but_an_sqlite_file_is_refused_without_its_secrets(url):
    with pytest.raises(InvalidInputError, match="AUTOPACK_DATABASE_URL must be") as caught:
        database_path(Path("/r/.git"), {"AUTOPACK_DATABASE_URL": url})
    assert "secret" not in str(caught.value)


def test_the_users_directories_follow_xdg():
    assert user_state_dir({"XDG_STATE_HOME": "/s"}) == Path("/s/autopack")
    assert user_config_dir({"XDG_CONFIG_HOME": "/c"}) == Path("/c/autopack")
    assert user_state_dir({"XDG_STATE_HOME": "relative"}).is_absolute()
    assert user_config_dir({}).name == "autopack"


@pytest.mark.parametrize(("find", "variable"), [(user_state_dir, "XDG_STATE_HOME"), (user_config_dir, "XDG_CONFIG_HOME")])
def test_a_user_without_a_home_gets_none_in_the_repository(monkeypatch, tmp_path, find, variable):
    def nobody(uid):
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", nobody)  # a container's user without an entry
    monkeypatch.delenv("HOME")
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvironmentBlockedError, match=f"HOME is not set. Set it, or {variable}"):
        find({})
    assert find({variable: "/somewhere"}) == Path("/somewhere/autopack")
