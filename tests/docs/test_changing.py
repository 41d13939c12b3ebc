import re
from pathlib import Path

TOP = Path(__file__).parents[2]
TEXT = (TOP / "docs" / "changing.md").read_text("utf-8")
MOST_FILES = 5


def _examples():
    _, *parts = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    return {part.split("\n")[0]: part for part in parts}


def test_every_file_that_is_named_exists():
    named = set(re.findall(r"`((?:autopack|config|docs|prompts|templates|tests)/[\w./-]+|pyproject\.toml)`(?! \(new\))", TEXT))
    assert len(named) > len(_examples())
    assert [name for name in sorted(named) if not (TOP / name).exists()] == []


def test_every_name_that_a_file_is_said_to_have_stands_in_it():
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", TEXT, flags=re.MULTILINE)
    told = [(name, word) for name, words in rows for word in re.findall(r"`([A-Za-z_]\w*)(?:\([^`]*\))?`", words)]
    assert [(name, word) for name, word in told if word not in (TOP / name).read_text("utf-8")] == []


def test_no_example_touches_more_than_a_handful_of_files():
    examples = _examples()
    assert len(examples) == 10
    for title, example in examples.items():
        assert 0 < len(re.findall(r"^\| `", example, flags=re.MULTILINE)) <= MOST_FILES, title
