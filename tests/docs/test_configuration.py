import re
from pathlib import Path

from autopack.settings.effective import load_settings
from autopack.settings.node import plain
from autopack.settings.yaml_text import read_yaml

TEXT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
SETTINGS, MEMORY, MODELS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_documented_files_are_taken(tmp_path):
    folder = tmp_path / "autopack"
    folder.mkdir()
    (folder / "settings.yaml").write_text(SETTINGS)
    (folder / "memory.yaml").write_text(MEMORY)
    (folder / "models.yaml").write_text(MODELS)
    settings = load_settings(None, {"XDG_CONFIG_HOME": str(tmp_path)}).settings
    assert settings.models.auditor == ("corp/big-1",)


def test_the_documented_values_are_those_that_are_shipped():
    shipped = load_settings(None, {"XDG_CONFIG_HOME": "/nonexistent"}).settings.model_dump(mode="json", exclude={"models"})
    assert plain(read_yaml(SETTINGS, "x", [])) == {name: value for name, value in shipped.items() if name not in ("memory", "documents")}
    assert plain(read_yaml(MEMORY, "x", [])) == shipped["memory"]


def test_the_documented_variables_name_settings():
    pairs = re.findall(r"`(AUTOPACK_[A-Z_]+)=([^`]+)`", TEXT)
    environment = {name: value.strip("'") for name, value in pairs}
    settings = load_settings(None, {"XDG_CONFIG_HOME": "/nonexistent", **environment}).settings
    assert (settings.max_usd, settings.git.branch, settings.models.timeouts.idle_s) == (5, "bots/{run}", 60)
    assert settings.models.auditor == ("opus", "sol")
