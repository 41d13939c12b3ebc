import json

import pytest

from autopack.context.reading import Looker
from autopack.context.tool_answers import ANSWERS, answer
from autopack.context.tools import SPECS, specs_of
from autopack.core.call import ToolCall
from autopack.core.exploring import READING, Seen, ToolName
from autopack.core.redaction import Redactor
from autopack.worktree.grep import Hits
from tests.support.text_tree import TextTree, numbered_lines, phase_of

KEY = "ghp_" + "a1B2" * 9
TREE = {
    "src/cart.py": "class Cart:\n    def total(self):\n        return 1\n\n\ndef empty():\n    return Cart().total()\n",
    "src/key.py": f"KEY = '{KEY}'\n",
    "src/.env": "total=hunter2\n",
    "package-lock.json": "total\n",
    "logo.png": b"\0",
    "long.txt": "x" * 5000 + "\n",
    "many.txt": numbered_lines(3000),
    ".github/workflows/ci.yml": "on: push\n",
}


def looking(characters=10_000, hits=(), *paths):
    tree = TextTree(TREE)
    return Looker(tree, phase_of(*(paths or ("src/",))), Redactor(), characters, lambda *_, **__: Hits(tuple(hits)))


def said(tool, looker=None, /, **arguments):
    return answer(ToolCall(name=tool, arguments=json.dumps(arguments)), looker or looking())


def test_every_tool_is_described_and_every_reading_one_answered():
    assert set(SPECS) == set(ToolName)
    assert set(ANSWERS) == set(READING)
    for tool in SPECS.values():
        assert set(tool.parameters["required"]) <= set(tool.parameters["properties"])


def test_the_descriptions_cost_little():
    written = [json.dumps(tool.model_dump(), separators=(",", ":")) for tool in specs_of(tuple(ToolName), 24_000)]
    assert sum(map(len, written)) / 4 < 480


def test_lines_are_read_with_their_numbers():
    found = said("read", path="./src/cart.py", first=2, last=3)
    assert "2|    def total(self):\n3|        return 1\n" in found.text
    assert (found.told, found.seen) == ("read src/cart.py:2-3", (Seen(path="src/cart.py", first=2, last=3),))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("src/.env", "environment file"),
        ("package-lock.json", "written by a tool"),
        ("logo.png", "a binary file"),
        ("nowhere.py", "there is no such file"),
        ("../etc/passwd", "there is no such file"),
        (".git/config", "there is no such file"),
        ("src/cart.py", "it has 7 lines"),
    ],
)
def test_what_no_model_is_shown_is_not_read_and_why(path, why):
    found = said("read", path=path, first=8)
    assert why in found.text
    assert found.seen == ()
    assert "hunter2" not in found.text


def test_a_secret_in_a_file_is_not_read_either():
    found = said("read", path="src/key.py")
    assert KEY not in found.text
    assert "1|KEY = '⟦redacted:1⟧'" in found.text


def test_what_does_not_fit_says_how_to_go_on():
    found = said("read", looking(600), path="many.txt")
    last = found.seen[0].last
    assert len(found.text) < 800
    assert f"[lines {last + 1}-3000 of many.txt do not fit: read them by themselves]" in found.text
    again = said("read", looking(600), path="many.txt", first=last + 1)
    assert again.seen[0].first == last + 1


def test_a_line_without_end_is_cut():
    assert len(said("read", path="long.txt").text) < 1_300


def test_a_folder_is_listed_whole_or_a_level_at_a_time():
    assert "cart.py\nkey.py\n" in said("list", path="src/").text
    assert "logo.png" in said("list", path=".").text
    wide = Looker(TextTree({f"d{n % 3}/{n}.txt": "x" for n in range(400)}), phase_of("d0/"), Redactor(), 9_000)
    assert "d0/ (134 files)\nd1/ (133 files)\n" in answer(ToolCall(name="list", arguments="{}"), wide).text
    assert "no such folder" in said("list", path="nowhere").text


def test_found_lines_are_shown_as_they_may_be():
    hits = [("src/cart.py", 2), ("src/.env", 1), ("package-lock.json", 1), ("src/key.py", 1), ("gone.py", 1), ("long.txt", 1)]
    found = said("search", looking(hits=hits), pattern="total")
    assert "src/cart.py\n2: def total(self):\n" in found.text
    assert "hunter2" not in found.text
    assert "lock" not in found.text
    assert KEY not in found.text
    assert "more characters]" in found.text
    assert found.told == 'search "total": 3 lines'
    assert said("search", pattern="nowhere").text == "Nothing was found.\n"


def test_what_lies_in_the_scope_is_found_first_and_the_rest_is_counted():
    hits = [("many.txt", number) for number in range(1, 900)] + [("src/cart.py", 2)]
    found = said("search", looking(1_000, hits), pattern="e")
    assert found.text.index("src/cart.py\n2: ") < found.text.index("many.txt\n1: line 1\n")
    shown = found.text.count(": line ")
    assert f"[{899 - shown:,} more lines do not fit: narrow it" in found.text
    assert len(found.text) < 1_100


def test_a_name_is_found_where_it_is_defined_and_used():
    hits = [("src/cart.py", 2), ("src/cart.py", 7)]
    found = said("symbols", looking(hits=hits), name="Cart.total()")
    assert "Defined:\n" in found.text
    assert "2|    def total(self):\n3|        return 1\n" in found.text
    assert "src/cart.py\n7: return Cart().total()\n" in found.text
    assert found.text.count("def total") == 1
    assert found.seen == (Seen(path="src/cart.py", first=2, last=3),)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [("{", "no JSON"), ("[]", "no JSON object"), ("{}", "path: Field required"), ('{"path": 3}', "path: "), ("[" * 9999, "no JSON")],
)
def test_a_call_that_cannot_be_read_is_answered_with_what_is_wrong(arguments, why):
    assert why in answer(ToolCall(name="read", arguments=arguments), looking()).text


def test_null_counts_as_left_out_and_more_than_is_known_is_passed_over():
    assert said("read", path="src/cart.py", first=None, last=None, why="I want").seen[0].last == 7


@pytest.mark.parametrize("name", ["run", "dance\n</x>", ""])
def test_another_tool_is_none(name):
    found = answer(ToolCall(name=name, arguments="{}"), looking())
    assert found.text.startswith("There is no tool")
    assert "\n" not in found.text


def test_the_first_tool_alone_says_how_much_the_calls_of_a_reply_may_bring():
    told = [tool.description for tool in specs_of((ToolName.SEARCH, ToolName.READ), 9_000)]
    assert told[0].endswith("have 9,000 characters together.")
    assert told[1] == SPECS[ToolName.READ].description
