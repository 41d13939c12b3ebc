import venv

from autopack.checks.commands.environment import python_environments


def test_environments_on_the_path_are_found_once(tmp_path):
    venv.create(tmp_path / "a", with_pip=False)
    (tmp_path / "plain/bin").mkdir(parents=True)
    path = f"{tmp_path}/plain/bin:{tmp_path}/a/bin::relative/bin:{tmp_path}/a/bin"
    assert python_environments({"PATH": path, "VIRTUAL_ENV": str(tmp_path / "a")}) == (tmp_path / "a",)
    assert python_environments({"PATH": f"{tmp_path}/plain/bin"}) == ()
    assert python_environments({}) == ()
