"""Whatever a reply or a diff holds, for a file of any kind: it is taken or refused, and in time proportional to its size."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopack.core.scope import Scope
from autopack.edits import EditRefused, apply_diff
from autopack.edits.accept import accept
from autopack.edits.content.compose_risks import compose_risks
from autopack.edits.guards import Guards, judge_symbols
from autopack.edits.reply import read_reply
from tests.support.diffs import operations_between, unified_diff

PATHS = (
    *("a.py", "a.pyi", "a.json", "tsconfig.json", "a.yaml", "compose.yaml", "docker-compose.override.yml", "a.toml", "a.sh", "Makefile"),
    *("a.html", "a.vue", "a.md", "a.rst", "a.txt", "a.js", "a.ts", "a.css", "a.rs", "a.go", "a.sql", "a.lua", "a.unknown", "a.diff", "a"),
)
TOKENS = (
    *("(", ")", "[", "]", "{", "}", "<", ">", "/*", "*/", "//", "#", "--", "<!--", "-->", "'", '"', '"""', "'''", "`", "```", "~~~", "\\"),
    *(" ", "    ", "\t", "\n", "\n", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\ufeff", "\u0130", "\u200f", "\0"),
    *(
        "...",
        "\u2026",
        "# ...\n",
        "// ... existing code ...\n",
        "(unchanged)\n",
        "rest of the file unchanged\n",
        "same as above\n",
        "| ... |\n",
    ),
    *(
        "a: ",
        "- ",
        "? ",
        "&a ",
        "*a\n",
        "<<: *a\n",
        "!!python/object:a ",
        "{{ a }}",
        "{% if %}",
        "<% a %>",
        "${A}",
        "\n${A}\n",
        "|\n",
        "---\n",
    ),
    *("services:\n", "  web:\n", "    image: x\n", "    volumes:\n", "    privileged: true\n", "    depends_on: [a]\n", "x-a: &a\n"),
    *(
        "def f(",
        "def f[",
        "class A:\n",
        "lambda: ",
        "f'{",
        "t'{",
        "except a, ",
        "type A[",
        "lazy import a\n",
        "match a:\n",
        "if a:\n",
        "print ",
    ),
    *(
        "<<<<<<< a\n",
        "=======\n",
        ">>>>>>> b\n",
        "<<E\n",
        "E\n",
        "@@ -1 +1 @@\n",
        "--- a/a.py\n",
        "+++ b/a.py\n",
        "diff --git a/a b/a\n",
        "+",
        "-",
    ),
    *(
        '{"a": ',
        '"a": 1,',
        "[a]\n",
        "[[a]]\n",
        "a = 1\n",
        "a.b.c = ",
        "1e999",
        "0x",
        "07",
        "NaN",
        "null",
        "import a\n",
        "export {",
        "=> ",
        "= /",
    ),
)
TEXTS = st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=3)), max_size=30).map("".join)
GUARDS = Guards(is_small_fix=True, allow_mass_deletion=True, allow_mass_addition=True, allow_no_change=True)


def edited(path, before, after, action):
    """One file's part of a reply that makes one text the other."""
    if action == "patch":
        return {"path": path, "action": action, "diff": unified_diff(before, after, path) or "@@ -1 +1 @@\n"}
    if action == "edit":
        return {"path": path, "action": action, "operations": operations_between(before, after)}
    return {"path": path, "action": action, "content": after}


def take(path, before, file):
    """All that a phase does with a reply of one file."""
    given = {} if file["action"] == "create" else {path: before}
    edits = read_reply(json.dumps({"summary": "", "files": [file]}))
    accepted = accept(edits, before=given, scope=Scope(None), existing=given, guards=GUARDS)
    for name, text in accepted.after.items():
        compose_risks(name, accepted.before.get(name), text)


@given(st.sampled_from(PATHS), TEXTS, TEXTS, st.sampled_from(["replace", "create", "patch", "edit"]), st.booleans())
@settings(max_examples=1500, deadline=None)
def test_a_reply_of_any_text_is_taken_or_refused(path, before, after, action, is_change):
    if is_change:  # a change somewhere in the old text, which is what most edits are
        after = before[: len(before) // 2] + after + before[len(before) // 2 :]
    with suppress(EditRefused):
        take(path, before, edited(path, before, after, action))


@given(st.sampled_from(PATHS), TEXTS, TEXTS)
@settings(max_examples=500, deadline=None)
def test_a_diff_of_any_text_is_taken_or_refused(path, before, diff):
    with suppress(EditRefused):
        apply_diff(diff, {path: before})
    with suppress(EditRefused):
        apply_diff(f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n{diff}", {path: before})


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_a_reply_that_is_any_text_is_read_or_refused(reply):
    with suppress(EditRefused):
        read_reply(reply)


LENGTH = 1_000_000
SECONDS = 30  # of processor time; alone on a machine none takes more than 2, and none that grew with the square less than 100


def times(piece, length=LENGTH):
    return piece * (length // len(piece))


LONG = {
    "type parameters that never close": ("a.py", times("def f[")),
    "handlers in one line": ("a.py", times("except a ")),
    "lambdas in lambdas": ("a.py", "x = " + times("lambda: ", 20_000) + "1"),
    "blank lines before what is no YAML": ("a.yaml", "a: ]\n" + times("\n", 500_000)),
    "a long word before the dots of a key": ("a.toml", "a" * LENGTH + "." * 201),
    "slashes that may begin an expression": ("a.js", "x" + times("=/", 600_000) + "\n<<<<<<< a\n"),
    "spaces behind a bullet": ("a.md", "- " + times(" ") + "x\n<<<<<<< a\n=======\n>>>>>>> b\n"),
    "spaces inside comments": ("a.js", times("// a" + " " * 280 + "...\n")),
    "dashes in one line": ("a.js", "x " + times("-- ") + "#\nunchanged\n"),
    "a hundred thousand placeholders": ("a.md", times("same as above\n")),
    "merges of one large mapping": (
        "compose.yaml",
        "x-a: &a\n" + "".join(f" a{number}: 1\n" for number in range(3_000)) + "services:\n" + times(" a:\n  <<: *a\n", 9_000),
    ),
}


@pytest.mark.parametrize("case", LONG)
def test_the_time_a_text_takes_grows_with_its_size_only(case):
    path, text = LONG[case]
    before = "old: 1\nother: 2\n\nthird: 3\n"
    began = time.process_time()
    for action in ("create", "replace"):
        with suppress(EditRefused):
            take(path, before, edited(path, before, text, action))
    assert time.process_time() - began < SECONDS


def test_a_key_given_twice_among_many_is_found_at_once():
    keys = ", ".join(f'"k{number}": 0' for number in range(200_000))
    began = time.process_time()
    with pytest.raises(EditRefused, match="'k199999' is given twice"):
        read_reply("{" + keys + ', "k199999": 1}')
    assert time.process_time() - began < SECONDS


def test_export_lists_that_never_close_take_no_time():
    began = time.process_time()
    with suppress(EditRefused):
        judge_symbols("a.ts", times("export {\n"), times("export {\n"))
    assert time.process_time() - began < SECONDS
