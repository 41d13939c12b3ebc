import subprocess
import sys

import pytest

from autopack.checks.commands.home import TOOLS, make_home, tool_variables
from autopack.core.errors import EnvironmentBlockedError


@pytest.mark.parametrize("name", TOOLS)
def test_a_version_manager_finds_what_the_user_has_installed_and_nothing_that_is_not_there(tmp_path, name):
    assert tool_variables({"HOME": str(tmp_path)}) == {}
    (tmp_path / TOOLS[name]).mkdir(parents=True)
    assert tool_variables({"HOME": str(tmp_path)}) == {name: str(tmp_path / TOOLS[name])}
    assert tool_variables({"HOME": str(tmp_path), name: "/opt/x"}) == {}


@pytest.mark.parametrize("shell", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_a_shell_without_a_home_has_no_tools_in_it(tmp_path, shell):
    assert tool_variables(shell) == {}
    make_home(tmp_path / "home", shell)
    assert not any((tmp_path / "home").iterdir())


def test_packages_that_the_user_installed_for_themself_are_imported_and_those_of_the_run_beside_them(tmp_path):
    folder = f".local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    for owner in ("user", "home"):
        (tmp_path / owner / folder).mkdir(parents=True) if owner == "user" else make_home(
            tmp_path / "home", {"HOME": str(tmp_path / "user")}
        )
        (tmp_path / owner / folder / f"of_{owner}.py").touch()
    code = "import of_user, of_home; print(of_user.__file__, of_home.__file__)"
    python = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run([python, "-c", code], env={"HOME": str(tmp_path / "home")}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / owner / folder / f"of_{owner}.py") for owner in ("user", "home")]


def test_a_place_that_takes_no_folder_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentBlockedError, match="the HOME of the run's commands, cannot be made"):
        make_home(tmp_path / "file" / "home", {})
