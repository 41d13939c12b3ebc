import pytest

from autopack.settings.assets import assets


@pytest.mark.parametrize(("name", "file"), [("config", "models.yaml"), ("templates", "starter/autopack.yaml")])
def test_shipped_files_are_found(name, file):
    assert (assets(name) / file).is_file()
