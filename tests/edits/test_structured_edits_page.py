import json
import re
from pathlib import Path

import pytest

from autopack.edits import EditRefused, apply_reply

PAGE = Path(__file__).parents[2] / "docs" / "structured_edits.md"
EXAMPLE = re.compile(
    r'^### (?P<title>[^\n]+)\n\n```python title="before"\n(?P<before>.*?)^```\n\n```json title="reply"\n(?P<reply>.*?)^```\n\n'
    r'```(?P<kind>python title="after"|text title="refused: (?P<code>\w+)")\n(?P<result>.*?)^```',
    re.DOTALL | re.MULTILINE,
)
EXAMPLES = [match.groupdict() for match in EXAMPLE.finditer(PAGE.read_text(encoding="utf-8"))]


def test_the_page_has_an_example_of_each_operation():
    titles = [example["title"] for example in EXAMPLES]
    assert titles[:5] == ["insert", "replace", "delete", "append", "prepend"]
    assert len(titles) == PAGE.read_text(encoding="utf-8").count("\n### ")


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["title"] for example in EXAMPLES])
def test_the_example_does_what_the_page_says(example):
    before = {"greet.py": example["before"]}
    assert json.loads(example["reply"])["files"][0]["path"] == "greet.py"
    if example["code"] is None:
        assert apply_reply(example["reply"], before=before) == {"greet.py": example["result"]}
        return
    with pytest.raises(EditRefused) as refused:
        apply_reply(example["reply"], before=before)
    assert refused.value.code == example["code"]
    assert str(refused.value) == example["result"].rstrip("\n")
