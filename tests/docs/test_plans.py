import re
from pathlib import Path

from autopack.planning.templates.library import read_library
from autopack.planning.templates.template import DESCRIPTIONS

TEXT = (Path(__file__).parents[2] / "docs" / "plans.md").read_text("utf-8")


def test_the_documented_template_is_one_and_shows_every_key(tmp_path):
    (block,) = re.findall(r"```yaml\n(version: 1\nname: .*?)```", TEXT, re.DOTALL)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.yaml").write_text(block, "utf-8")
    assert [each.origin for each in read_library(tmp_path, tmp_path / "none").known] == ["repository", "shipped"]
    for keys in DESCRIPTIONS.values():
        assert [key for key in keys if not re.search(rf"\b{key}:", block)] == []


def test_every_phase_of_the_shipped_template_is_told_with_its_features(tmp_path):
    table = TEXT.split("## From a template")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", table, flags=re.MULTILINE))
    (shipped,) = read_library(None, tmp_path).known
    assert rows == {phase.id: ", ".join(phase.features) for phase in shipped.template.phases}
