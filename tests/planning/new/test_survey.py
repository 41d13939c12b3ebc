from types import SimpleNamespace

from autopack.planning.new import survey as module
from autopack.planning.new.survey import survey
from autopack.planning.project_tests import ProjectTests

FILES = {
    "shop/basket.py": "def add(item):\n    pass\n\nclass Basket:\n    def total(self): ...\n",
    "shop/other.py": "def far(): ...\n",
    "shop/cli.py": "KEY = 'k'\ndef main(): ...\n",
    "tests/test_basket.py": "def test_add(): ...\n",
    ".env": "SECRET=1\n",
    "package-lock.json": "{}",
    "odd\nname.py": "def odd(): ...\n",
}


def tree(files):
    entries = {path: SimpleNamespace(mode="100644", size=len(text)) for path, text in files.items()}
    return SimpleNamespace(entries=entries, texts=lambda paths: {path: SimpleNamespace(text=files[path]) for path in paths})


def test_the_files_the_checks_and_the_symbols_that_the_goal_is_about_are_told():
    found = survey(tree(FILES), (ProjectTests("pytest", "pyproject.toml", "pytest -q"),), "The basket has a total", str)
    assert "5 files: 5 .py" in found.summary
    assert "likely entry points: shop/cli.py" in found.summary
    assert "check (pytest, from pyproject.toml): pytest -q" in found.summary
    assert found.files.split("\n")[0] == '"odd\\nname.py"'
    assert ".env" not in found.files
    assert found.symbols.startswith("shop/basket.py\n  def add(item):\n  class Basket:\n    def total(self): ...")


def test_of_very_many_files_the_folders_are_told(monkeypatch):
    monkeypatch.setattr(module, "PATHS_MAX", 2)
    found = survey(tree({**FILES, "a/b.md": ""}), (), "x", str)
    assert found.files.split("\n")[1] == "shop/  (3 files)"


def test_what_is_a_secret_by_now_is_redacted():
    assert "⟦key⟧" in survey(tree(FILES), (), "x", lambda text: text.replace("def add", "⟦key⟧")).symbols
