"""Which folders the programs on PATH need, and which are never shown for their sake."""

import os
from pathlib import Path

import pytest

from autopack.checks.sandbox.toolchain import is_system, tool_paths


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def folder(path: Path, *files: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name in files:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("#!/bin/sh\n")
    return path


def shown(home: Path, *path: Path, closed=(), linked=(), **variables: str) -> list[str]:
    environment = {"PATH": os.pathsep.join(map(str, path)), **variables}
    found = tool_paths(environment, home, (home, *closed), linked)
    return [str(one.relative_to(home.parent)) for one in found if not is_system(one)]


def test_a_prefix_is_shown_for_its_bin(home):
    assert shown(home, folder(home / "tools/go/bin")) == ["home/tools/go"]


@pytest.mark.parametrize("name", ["bin", ".local/bin", ".cargo/bin", ".config/bin"])
def test_a_bin_beside_much_else_is_shown_alone(home, name):
    assert shown(home, folder(home / name)) == [f"home/{name}"]


def test_an_interpreter_behind_a_link_brings_its_prefix(home):
    folder(home / "pythons/3.12/bin", "python3.12")
    environment = folder(home / "env/bin")
    (environment / "python").symlink_to(home / "pythons/3.12/bin/python3.12")
    assert shown(home, environment) == ["home/env", "home/pythons/3.12"]
    assert shown(home, linked=(home / "env",)) == ["home/pythons/3.12"]


@pytest.mark.parametrize("name", ["credentials.toml", "credentials", ".netrc", ".npmrc", ".ssh/id", "settings.xml"])
def test_a_prefix_that_holds_credentials_is_not_shown(home, name):
    folder(home / "own", name)
    assert shown(home, folder(home / "own/bin")) == ["home/own/bin"]
    assert shown(home, JAVA_HOME=str(home / "own")) == []


@pytest.mark.parametrize("name", [".ssh", ".aws", ".gnupg", ".kube"])
def test_a_link_into_a_private_folder_opens_nothing(home, name):
    folder(home / name / "bin", "x")
    (folder(home / "bin") / "x").symlink_to(home / name / "bin/x")
    assert shown(home, home / "bin") == ["home/bin"]


def test_what_would_show_a_closed_folder_is_left_out(home):
    checkout = folder(home.parent / "shop")
    assert shown(home, folder(checkout / "bin"), closed=(checkout,)) == ["shop/bin"]
    assert shown(home, checkout, home, Path("/"), closed=(checkout,)) == []


def test_words_that_are_no_folders_are_passed_over(home):
    assert shown(home, Path("bin"), Path(), home / "gone", VIRTUAL_ENV="relative", NVM_DIR="") == []


def test_version_managers_are_shown_where_they_are(home):
    folder(home / ".pyenv")
    folder(home / ".cargo/registry")
    folder(home / "n", "a")
    assert sorted(shown(home, NVM_DIR=str(home / "n"))) == ["home/.cargo/registry", "home/.pyenv", "home/n"]


def test_many_links_are_looked_at_in_bounded_number(home):
    place = folder(home / "many")
    for number in range(2_100):
        (place / f"x{number}").symlink_to(home / "nowhere")
    assert shown(home, place) == ["home/many"]
