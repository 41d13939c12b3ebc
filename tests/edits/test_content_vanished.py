"""A line that speaks of left-out text is refused where lines of the old text are gone, in any file; where none is, it is text."""

import json
import time
from contextlib import suppress

import pytest

from autopack.edits import EditRefused, apply_diff, apply_reply
from autopack.edits.content import judge_added

PYTHON = """import os
import sys

LIMIT = 10


def first(items):
    for item in items:
        if item.is_wanted:
            return item
    return None


def second(items, limit=LIMIT):
    found = [item for item in items if item.is_wanted]
    if len(found) > limit:
        raise ValueError(f"too many: {len(found)}")
    return found
"""
YAML = """services:
  web:
    image: web:1
    ports: ["80:80"]
    environment:
      MODE: production
      LEVEL: info
  db:
    image: postgres:16
    volumes: [data:/var/lib]
volumes:
  data:
"""
SCRIPT = """import { load } from './load';

/*
 * Loads what the page needs.
 * It is called once for each page,
 * never for a part of one,
 * and it throws where nothing is found.
 */
export function page(id: string) {
  const found = load(id);
  if (!found) {
    throw new Error(id);
  }
  return found;
}

export function title(id: string) {
  return page(id).title;
}
"""
MARKDOWN = """# Options

Options are read from the file and from the command line.
A flag is stronger than the file.

| option | default | meaning |
|---|---|---|
| `level` | `info` | how much is logged |
| `limit` | `10` | how many are taken |
| `mode` | `fast` | how they are looked for |
| `order` | `name` | in which order |

```python
run(level="debug")
run(limit=3)
run(mode="slow")
run(order="age")
```

## Files

The file lies in the home directory.
It is read once, at the start.
Nothing is ever written to it.
"""
ELISIONS = [  # file, text, first line that goes, the line after, what stands there instead
    ("a.py", PYTHON, "def first", "def second", "..."),
    ("a.py", PYTHON, "def first", "def second", "# ..."),
    ("a.py", PYTHON, "def first", "def second", "# first() as before"),
    ("a.py", PYTHON, "    found =", "    return found", "    ..."),
    ("a.py", PYTHON, "    for item", "\n\ndef second", "    ..."),
    ("a.yaml", YAML, "    ports", "  db", "    # (rest of the service unchanged)"),
    ("a.yaml", YAML, "    image: web", "  db", "    # same as above"),
    ("a.yaml", YAML, "    image: web", "  db", "    ..."),
    ("a.yaml", YAML, "  db", "volumes:", "  # other services: no changes"),
    ("a.ts", SCRIPT, " * It is", " */", " * ... existing code ..."),
    ("a.ts", SCRIPT, " * It is", " */", " // ... existing code ..."),
    ("a.ts", SCRIPT, "export function title", "", "// \u2026"),
    ("a.ts", SCRIPT, "  const found", "}\n\nexport function title", "  /* body kept verbatim */"),
    ("a.md", MARKDOWN, "The file lies", "", "... existing code ..."),
    ("a.md", MARKDOWN, "The file lies", "", "The rest stays as it was."),
    ("a.md", MARKDOWN, "The file lies", "", "[content identical to the original]"),
    ("a.md", MARKDOWN, "| `level`", "\n```python", "| ... | ... | ... |"),
    ("a.md", MARKDOWN, "| `limit`", "\n```python", "| (other options unchanged) | | |"),
    ("a.md", MARKDOWN, 'run(level="debug")', "```\n\n## Files", "# ..."),
    ("a.md", MARKDOWN, "run(limit", "```\n\n## Files", "# ... remaining calls ..."),
    ("notes.unknown", MARKDOWN, "The file lies", "", "(unchanged)"),
    ("a.json", '{\n  "one": 1,\n  "two": 2,\n  "three": 3,\n  "four": 4\n}\n', '  "two"', "}", "  ... other keys unchanged ..."),
]
KEPT_TEXT = [  # nothing is gone: such a line is text
    ("a.md", MARKDOWN, "## Files", "The rest stays as it was.\n\n## Files"),
    ("a.md", MARKDOWN, "A flag is", "All other options are left unchanged.\nA flag is"),
    ("a.md", MARKDOWN, 'run(level="debug")', 'run(level="debug")\n# ...'),
    ("a.md", MARKDOWN, "| `mode`", "| ... | ... | as before |\n| `mode`"),
    ("a.yaml", YAML, "  db:", "  # same as above, but for data\n  db:"),
    ("a.ts", SCRIPT, " * It is", " * The existing ones are kept.\n * It is"),
]
REWRITTEN = [  # lines are gone, and others came for them
    ("a.md", MARKDOWN, "The file lies", "Nothing is ever", "Its place is in the home directory, as before.\nAll of it is read once, when the program starts.\n"),
    ("a.py", PYTHON, "    for item", "\n\ndef second", "    # the same as in second(), without a limit\n    return next((item for item in items if item.is_wanted), None)\n"),
    ("a.py", PYTHON, "    for item", "\n\ndef second", "    return next(filter(is_wanted, items), None)  # rest is ignored\n"),
    ("a.md", MARKDOWN, "The file lies", "", "See [the other page](files.md) for the rest of the story.\n"),
]  # fmt: skip


def cut(text, first, after, instead):
    start = text.index(first)
    end = text.index(after, start) if after else len(text)
    return text[:start] + instead + text[end:]


def hunk(path, before, after):
    old, new = before.splitlines(), after.splitlines()
    head = next(at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    lines = [" " + line for line in old[:head]] + ["-" + line for line in old[head:]] + ["+" + line for line in new[head:]]
    return f"--- a/{path}\n+++ b/{path}\n@@ -1,{len(old)} +1,{len(new)} @@\n" + "\n".join(lines) + "\n"


def replied(path, **said):
    return json.dumps({"summary": "", "files": [{"path": path, **said}]})


def refused(call):
    with pytest.raises(EditRefused) as refusal:
        call()
    return refusal.value.code, refusal.value.path


@pytest.mark.parametrize(("path", "text", "first", "after", "marker"), ELISIONS)
def test_a_placeholder_for_lines_that_are_gone_is_refused_in_every_action(path, text, first, after, marker):
    elided = cut(text, first, after, marker + "\n")
    start = text.count("\n", 0, text.index(first)) + 1
    end = start + text[text.index(first) : text.index(after, text.index(first)) if after else len(text)].count("\n") - 1
    operation = {"type": "replace", "start_line": start, "end_line": end, "content": marker + "\n"}
    assert refused(lambda: apply_reply(replied(path, action="replace", content=elided), before={path: text})) == ("elision", path)
    assert refused(lambda: apply_diff(hunk(path, text, elided), {path: text})) == ("elision", path)
    assert refused(lambda: apply_reply(replied(path, action="edit", operations=[operation]), before={path: text})) == ("elision", path)


@pytest.mark.parametrize(("path", "text", "first", "instead"), KEPT_TEXT)
def test_where_nothing_is_gone_the_same_words_are_text(path, text, first, instead):
    longer = text.replace(first, instead, 1)
    assert apply_reply(replied(path, action="replace", content=longer), before={path: text}) == {path: longer}


@pytest.mark.parametrize(("path", "text", "first", "after", "instead"), REWRITTEN)
def test_where_other_lines_came_instead_the_same_words_are_text(path, text, first, after, instead):
    other = cut(text, first, after, instead)
    assert apply_reply(replied(path, action="replace", content=other), before={path: text}) == {path: other}


@pytest.mark.parametrize("marker", ["# identical to before", "# ... nothing changed here ...", "# the original text continues here"])
def test_a_line_that_says_nothing_else_stands_for_what_is_gone_whatever_came_beside_it(marker):
    more = "  cache:\n    image: redis:7\n    command: [redis-server]\n    read_only: true\n"
    with pytest.raises(EditRefused, match="speaks of text that was left out"):
        judge_added("a.yaml", YAML, cut(YAML, "  db", "volumes:", f"  {marker}\n{more}"))
    judge_added("a.yaml", YAML, cut(YAML, "  db", "volumes:", more))


def test_where_much_more_came_than_went_the_words_are_part_of_a_new_text():
    old = "# Advanced use\n\nTo be written.\nSoon.\n"
    judge_added(
        "a.md",
        old,
        "# Advanced use\n\nThis\n\n    one()\n    two()\n    three()\n\nis equivalent to\n\n    six()\n    seven()\n    eight()\n",
    )


def test_a_remark_that_was_there_may_be_put_otherwise():
    shown = "```vue\n<!-- Post.vue, omitting <script> -->\n<template>\n</template>\n```\n"
    judge_added("a.md", shown, shown.replace("```vue\n<!-- Post.vue, ", "```vue [Post.vue]\n<!-- "))


def test_a_blank_line_that_stayed_parts_no_hole():
    licence = "/*\nCopyright 2014 by nobody.\n\nLicensed to all,\nwithout any warranty.\n*/\n\nimg { height: 10px; }\n"
    with pytest.raises(EditRefused, match="speaks of text that was left out"):
        judge_added("a.css", licence, "/*\n// \u2026\n\nimg { height: 12px; }\n")


def test_what_moved_is_not_gone():
    moved = cut(PYTHON, "def first", "def second", "# first() is kept below\n")
    moved += "\n\n" + PYTHON[PYTHON.index("def first") : PYTHON.index("\n\ndef second")] + "\n"
    judge_added("a.py", PYTHON, moved)


def test_a_quote_that_begins_the_name_of_a_lifetime_hides_no_comment():
    rust = "fn first<'a>(x: &'a str, y: char) -> bool {\n    y == '\"' // it's `one\n}\n\nfn last<'a>() {\n    one();\n    two();\n}\n"
    text = 'const TEXT: &\'static str = "\n// ... existing code ...\n";\nconst RAW: &str = r#"a "b"\n// ... existing code ...\n"#;\n'
    judge_added("a.rs", rust, rust + text)
    with pytest.raises(EditRefused):
        judge_added("a.rs", rust, rust.replace("    one();\n", "    // ... nothing changed here ...\n    one();\n"))


@pytest.mark.parametrize("marker", ["[... existing code ...]", "(... existing code ...)"])
def test_words_between_dots_stand_for_lines_that_were_copied_elsewhere_too(marker):
    gone = MARKDOWN[MARKDOWN.index("The file lies") :]
    session = "".join(f"Line {number} of the text.\n" for number in range(9))
    with pytest.raises(EditRefused, match="speaks of text that was left out"):
        judge_added("a.md", MARKDOWN + session, gone + MARKDOWN.replace(gone, f"{marker}\n") + session)


def test_a_neighbour_with_other_spaces_is_still_one():
    template = "text := `\n{{if .Header}}{{end}}\npackage main\nfunc main() {\n\trun()\n}\n`\n\nvar last = 1\n"
    kept = template.replace("{{if .Header}}{{end}}", "{{ if .Header }}{{ end }}")
    copied = kept.replace("text :=", "other :=").replace("last", "least")
    judge_added("a.go", template, kept + copied)
    with pytest.raises(EditRefused, match="speaks of text that was left out"):
        judge_added("a.go", template, kept.replace("package main\nfunc main() {\n\trun()\n", "// same as above\n") + copied)


def test_words_without_a_full_stop_in_a_paragraph_of_their_own_are_no_sentence():
    links = "\n".join(f"- [Part {number}](#part-{number})" for number in range(40))
    gone = MARKDOWN[MARKDOWN.index("Options are") : MARKDOWN.index("```python")]
    judge_added("a.md", MARKDOWN, MARKDOWN.replace(gone, f"## Parts\n\n{links}\n\n"))
    with pytest.raises(EditRefused, match="speaks of text that was left out"):
        judge_added("a.md", MARKDOWN, MARKDOWN.replace(gone, f"identical to before\n## Parts\n{links}\n\n"))


def test_dots_in_a_code_block_that_lost_its_end_are_a_placeholder():
    block = "```go\nrouter.Get(one)\nrouter.Run(two)\n```\n"
    page = f"# One\n\n{block}\nThe first of them.\nThe second of them.\nThe third of them.\n\n# Two\n\n{block}\n# Three\n\n{block}"
    anew = page.replace("The first of them.\nThe second of them.\nThe third of them.\n", "Of these.\nOf those.\nOf all.\nOf none.\n")
    judge_added("a.md", page, anew.replace(block, "```go\n\u2026\n```\n" + block, 1))
    with pytest.raises(EditRefused, match="speaks of text that was left out"):
        judge_added("a.md", page, f"{block}\n" + anew.replace(block, "```go\n\u2026\n", 1))


def test_in_a_code_block_that_is_new_from_its_fence_on_such_a_line_is_the_authors_shorthand():
    old = MARKDOWN[MARKDOWN.index("```python") : MARKDOWN.index("## Files")]
    anew = "```js\nserve(app, {\n  then() {\n    // same code as above...\n  }\n})\n```\n\n"
    judge_added("a.md", MARKDOWN, MARKDOWN.replace(old, anew))
    with pytest.raises(EditRefused, match="speaks of text that was left out"):
        judge_added("a.md", MARKDOWN, MARKDOWN.replace(old, anew.replace("js", "python")))


def test_lines_that_only_got_a_sign_in_front_are_not_gone():
    before = "Read it:\n\n    fn main() {\n        let one = 1;\n        let two = 2;\n        run(one, two);\n    }\n"
    hidden = "    #   let one = 1;\n    #   let two = 2;\n        // ...snip...\n"
    judge_added("a.md", before, before.replace("        let one = 1;\n        let two = 2;\n", hidden))
    with pytest.raises(EditRefused):
        judge_added("a.md", before, before.replace("        let one = 1;\n        let two = 2;\n", "        // ...snip...\n"))


def test_a_new_stub_and_an_interpreters_session_are_no_placeholders():
    stub = cut(PYTHON, "def second", "", "def third():\n    ...\n")
    judge_added("a.py", PYTHON, stub)
    session = cut(MARKDOWN, 'run(level="debug")', "```\n\n## Files", ">>> with run():\n...     pass\n...\n")
    judge_added("a.md", MARKDOWN, session)


def test_a_document_that_leaves_out_in_these_words_already_may_do_it_again():
    tutorial = "".join(
        f"Step {number}\n\n```\n// --snip--\nlet a{number} = 1;\nlet b{number} = 2;\nlet c{number} = 3;\n```\n\n" for number in range(4)
    )
    shorter = tutorial.replace("let a3 = 1;\nlet b3 = 2;\n", "// --snip--\n")
    judge_added("book.md", tutorial, shorter)
    with pytest.raises(EditRefused):
        judge_added("book.md", tutorial, tutorial.replace("let a3 = 1;\nlet b3 = 2;\n", "// same as in step 2\n"))


def test_a_lone_comment_that_says_nothing_else_is_one_wherever_something_is_gone():
    more = "".join(f"\ndef more_{number}():\n    return {number}\n" for number in range(9))
    for marker in ("# identical to before", "# ... nothing changed here ...", "# ..."):
        with pytest.raises(EditRefused, match="speaks of text that was left out"):
            judge_added("a.py", PYTHON, cut(PYTHON, "def first", "def second", "") + f"\n{marker}\n{more}")
    judge_added("a.py", PYTHON, cut(PYTHON, "def first", "def second", "") + more)


def test_bracketed_dots_stand_for_what_is_gone_although_both_neighbours_are_new():
    both = "The file lies at home.\n(\u2026)\nIt stays as the user wrote it.\n"
    with pytest.raises(EditRefused, match="speaks of text that was left out"):
        judge_added("a.md", MARKDOWN, cut(MARKDOWN, "The file lies", "", both))


def test_dots_that_match_dots_among_the_lines_that_are_gone_are_seen_by_their_neighbours():
    session = "".join(f"Line {number} of the text.\n" for number in range(20))
    inner = ">>> one()\nTraceback:\n...\nValueError\n>>> two()\n"
    half = session.index("Line 10")
    before = session[:half] + inner + session[half:]
    with pytest.raises(EditRefused, match="Line 11: it speaks of text that was left out"):
        judge_added("a.rst", before, session[:half] + "...\n" + session[half:].replace("Line 19", "Line nineteen"))


def test_the_end_of_a_yaml_document_that_gets_its_start_too_is_none():
    dressed = "---\n" + cut(YAML, "  db", "volumes:", "") + "...\n"
    judge_added("a.yaml", YAML, dressed)
    with pytest.raises(EditRefused):
        judge_added("a.yaml", YAML, cut(YAML, "  db", "", "...\n"))


def test_the_last_words_of_a_new_sentence_are_none():
    text = '    """Gives nothing any more.\n\n    It leaves what it is given as it is, so that the list is\n    unchanged.\n    """\n'
    judge_added("a.py", PYTHON, cut(PYTHON, "    found =", "", text))


def test_a_sentence_that_was_shortened_is_none():
    before = MARKDOWN.replace(
        "It is read once, at the start.\nNothing", "these do not include any other home of it. The\nfirst one wins.\nNothing"
    )
    judge_added(
        "a.md",
        before,
        before.replace(
            "these do not include any other home of it. The\nfirst one wins.\nNothing is ever written to it.\n",
            "these do not include any other home of it.\n",
        ),
    )


def test_a_remark_about_the_line_below_it_is_none():
    longer = SCRIPT + "".join(f"\n// number {number}\n" for number in range(5))
    remark = SCRIPT.replace("  const found", "  // TODO: same as above\n  const found")
    judge_added("a.ts", longer, remark)


def test_dots_among_other_comment_lines_are_part_of_them():
    shown = "/// 1 | a: String,\n/// ...  |\n/// 9 | z: String,\npub mod shown;\n"
    judge_added("a.rs", "use one;\nuse two;\nuse three;\nuse four;\n\nmod last;\n", f"use five;\n\n{shown}\nmod last;\n")


def test_the_message_names_the_line_and_what_to_do():
    with pytest.raises(
        EditRefused,
        match=r"Line 3: it speaks of text that was left out \(# same as above\), .*\(\"image: web:1\" to \"LEVEL: info\", 5 in all\) are gone; write them out\.",
    ):
        judge_added("a.yaml", YAML, cut(YAML, "    image: web", "  db", "    # same as above\n"))


@pytest.mark.parametrize("line", ["}", "a", "# unchanged", "...", "x" * 100])
def test_lines_that_repeat_without_end_do_not_take_long(line):
    start = time.process_time()
    with suppress(EditRefused):
        judge_added("a.js", f"{line}\n" * 50_000 + "end\n", "begin\n" + f"{line}\nother\n" * 25_000)
    assert time.process_time() - start < 10
