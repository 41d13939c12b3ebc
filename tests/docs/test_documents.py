import re
from pathlib import Path

from autopack.docs_archive.pages import INDEX, TITLES, page_name
from autopack.settings.effective import load_settings

TEXT = (Path(__file__).parents[2] / "docs" / "documents.md").read_text("utf-8")


def test_the_documented_rules_are_taken(tmp_path):
    (tmp_path / "autopack").mkdir()
    (tmp_path / "autopack" / "documents.yaml").write_text(re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)[0])
    settings = load_settings(None, {"XDG_CONFIG_HOME": str(tmp_path)}).settings.documents
    assert [rule.kind for rule in settings.kinds] == ["debug", "build", "reference"]


def test_every_page_is_named():
    assert [name for name in (INDEX, *map(page_name, TITLES)) if name not in TEXT] == []
