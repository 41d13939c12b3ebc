import time
from contextlib import suppress

import pytest

from autopack.edits.content import judge_added
from autopack.edits.model import EditRefused

CONFLICT = "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> topic\n"
HUNK = "@@ -1,2 +1,2 @@\n-line 1\n+line one\n"


def code_of(path, text, before=None):
    with pytest.raises(EditRefused) as refused:
        judge_added(path, before, text)
    assert refused.value.path == path
    assert refused.value.message.startswith("Line ")
    return refused.value.code


@pytest.mark.parametrize("path", ["a.py", "a.js", "a.yaml", "a.sql", "a.html", "README.md", "LICENSE", "a.unknown"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_conflict_markers_are_refused(path, end):
    assert code_of(path, CONFLICT.replace("\n", end)) == "conflict_marker"


@pytest.mark.parametrize("text", ["a = 1\n>>>>>>> topic\n", "<<<<<<< ours\na = 1\n", "<<<<<<<\n"])
def test_single_left_over_marker_is_refused_in_code(text):
    assert code_of("a.js", text) == "conflict_marker"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.rst", "Title\n=======\n\ntext\n"),
        ("README.md", "Title\n=======\n>>>>>>> quoted mail\n"),
        ("docs/git.md", f"A conflict:\n\n```\n{CONFLICT}```\n"),
        ("tests/test_merge.py", f'TEXT = """\n{CONFLICT}"""\n'),
        ("src/prompt.ts", f"const P = `\n{CONFLICT}`\n"),
        ("a.py", "x = 1 << 7\n# <<<<<<< HEAD\n"),
        ("a.sh", "cat <<<<<<<<x\n>>>>>>>>>\n"),
        ("merge.patch", CONFLICT),
    ],
)
def test_what_only_looks_like_a_conflict_is_accepted(path, text):
    judge_added(path, None, text)


def test_conflict_that_was_there_before_does_not_stop_other_edits():
    judge_added("a.js", CONFLICT, CONFLICT + "b = 1\n")
    assert code_of("a.js", CONFLICT + CONFLICT, CONFLICT) == "conflict_marker"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "```python\nx = 1\n```\n"),
        ("a.py", "\n\n``` python\nx = 1\n"),
        ("a.py", "x = 1\n```\n"),
        ("a.ts", "~~~ts\nx\n~~~\n"),
        ("a.ts", "const a = 1\n```ts\nconst b = 2\n"),
        ("Dockerfile", "```dockerfile\nFROM x\n```"),
        ("a.yaml", "\ufeff```yaml\na: 1\n```\n"),
        ("a.json", '```json\n{"a": 1}\n```\n'),
        ("README.md", "```markdown\n# Title\n\ntext\n```\n"),
        ("README.md", "```md\n# Title\n```python\nx\n```\n```\n"),
    ],
)
def test_fence_around_the_content_is_refused(path, text):
    assert code_of(path, text) == "fence"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "```\nascii art\n```\n\n# Title\n"),
        ("README.md", "# Title\n\n```python\nx = 1\n```\n"),
        ("README.md", "```sh\nnpm i\n```\n"),
        ("prompts/a.txt", "```json\n{}\n```\n"),
        ("a.py", 'X = """\n```python\nx = 1\n```\n"""\n'),
        ("a.ts", "/**\n```ts\nf()\n```\n*/\nexport {}\n"),
        ("a.ts", "const a = `\\`\\`\\`\n`;\n"),
        ("a.rs", "//! ```\n//! f();\n//! ```\nfn f() {}\n"),
    ],
)
def test_fences_that_belong_there_are_accepted(path, text):
    judge_added(path, None, text)


def test_fence_that_was_there_before_is_accepted():
    judge_added("a.sh", "```\nx\n```\n", "```\ny\n```\n")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", HUNK),
        ("a.py", "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n" + HUNK),
        ("a.js", "--- a/a.js\n+++ b/a.js\n" + HUNK),
        ("a.go", "--- /dev/null\n+++ b/a.go\n" + HUNK),
        ("a.yaml", "a: 1\n" + HUNK),
        ("a.py", "*** Begin Patch\n*** Update File: a.py\n"),
        ("a.css", "\r\n\r\n" + HUNK.replace("\n", "\r\n")),
    ],
)
def test_diff_in_place_of_the_file_is_refused(path, text):
    assert code_of(path, text) == "diff_as_content"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/data/fix.diff", HUNK),
        ("patches/a.patch", "diff --git a/a b/a\n" + HUNK),
        ("tests/golden/out.txt", HUNK),
        ("docs/diff.md", f"```diff\n{HUNK}```\n"),
        ("tests/test_diff.py", f'DIFF = """\\\n--- a/x\n+++ b/x\n{HUNK}"""\n'),
        ("src/a.ts", f"const D = `\n{HUNK}`\n"),
        ("a.lua", "--- a comment of three dashes\nx = 1\n"),
        ("a.yaml", "--- \na: 1\n"),
    ],
)
def test_diff_that_is_data_is_accepted(path, text):
    judge_added(path, None, text)


@pytest.mark.parametrize(
    "character",
    [
        "\0",
        "\u202a",
        "\u202b",
        "\u202c",
        "\u202d",
        "\u202e",
        "\u2066",
        "\u2067",
        "\u2068",
        "\u2069",
        "\U000e0001",
        "\U000e0041",
        "\ud800",
        "\ufe01\ufe02\ufe03",
        "\U000e0100" * 4,
    ],
)
@pytest.mark.parametrize("path", ["a.py", "README.md", "locales/he.json"])
def test_hidden_character_is_refused(path, character):
    with pytest.raises(EditRefused, match=r"Line 2: it holds") as refused:
        judge_added(path, "x\n", f"x\ny{character}z\n")
    assert refused.value.code == "characters"
    assert refused.value.message.isprintable()


def test_direction_marks_are_refused_in_programs_only():
    assert code_of("a.py", "x = '\u200f'\n") == "characters"
    assert code_of("a.rs", "x\u200e\n") == "characters"
    for path in ("locales/he.json", "he.po", "README.md", "he.yaml", "index.html"):
        judge_added(path, None, "\u05e9\u05dc\u05d5\u05dd\u200f (x)\n")


@pytest.mark.parametrize(
    "text",
    [
        "S = '\U0001f600 \u05e9\u05dc\u05d5\u05dd'\n",
        "FLAG = '\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f'\n",
        "FAMILY = '\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f'\n",
        "\ufeffx = 1\n",
        "x = '\x1b[0m'\n",
        "K = '\u845b\U000e0100'\n",
        "x = '\\u202e'\n",
        "\x0c\nx = 1\n",
    ],
)
def test_unusual_but_honest_text_is_accepted(text):
    judge_added("a.py", None, text)


def test_flag_does_not_cover_other_tags():
    assert code_of("a.py", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e0041\U000e007f\n") == "characters"


def test_hidden_character_that_was_there_before_is_accepted():
    judge_added("a.py", "x = '\u202e'\n", "x = '\u202e'\ny = 1\n")


@pytest.mark.parametrize(
    "unit",
    [
        "@@ -1 +1 @@\n",
        "<<<<<<< a\n",
        "```\n",
        "'''\n@@ -1 +1 @@\n",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\u200e",
    ],
)
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.md"])
def test_no_text_takes_long(path, unit):
    start = time.process_time()
    with suppress(EditRefused):
        judge_added(path, None, '"""\n' + unit * (60_000 // len(unit)) + '"""\n')
    assert time.process_time() - start < 3
