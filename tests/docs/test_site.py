"""The site's menu, and the links of README and docs. `make docs` builds the site, and fails at the same faults where it knows of them."""

import re
from pathlib import Path

from ruamel.yaml import YAML

from tests.support.start import ROOT

DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))


def _prose(path: Path) -> str:
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def _anchors(path: Path) -> set[str]:
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", head).lower()).replace(" ", "-") for head in heads}


def test_every_link_of_readme_and_docs_leads_to_a_file_and_a_heading():
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", _prose(page)):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            if not path.exists() or (anchor and anchor not in _anchors(path)):
                broken.append((str(page.relative_to(ROOT)), target))
    assert broken == []


def _pages_of(entries) -> list[str]:
    found = []
    for entry in entries:
        ((_, value),) = entry.items()
        found += _pages_of(value) if isinstance(value, list) else [value]
    return found


def test_every_page_is_in_the_menu_once():
    text = re.sub(r"!!python/name:\S+", "x", (ROOT / "mkdocs.yml").read_text("utf-8"))
    menu = _pages_of(YAML(typ="safe").load(text)["nav"])
    assert sorted(menu) == [str(path.relative_to(DOCS)) for path in sorted(DOCS.rglob("*.md"))]
    assert len(menu) == len(set(menu))
