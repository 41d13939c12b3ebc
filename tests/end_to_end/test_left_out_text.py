"""Replies that stand in for text with a remark, or give a piece of the file: none lands, the retry is told why; honest texts land."""

import json
from typing import NamedTuple

import pytest

from tests.support.command import Desk, oracle_of, phase_of
from tests.support.server import Call, scripted_server

pytestmark = pytest.mark.end_to_end

SCRIPT = """import { load } from './load';

/*
 * Loads what the page needs.
 * It is called once for each page,
 * never for a part of one.
 */
export function page(id: string) {
  return load(id);
}

export function title(id: string) {
  const found = page(id);
  return found.title;
}
"""
SERVICE = """name: shop
web:
  port: 80
  host: shop.example
  workers: 4
log:
  level: info
  format: text
  file: shop.log
"""
MODULE = """LIMIT = 10


def first(items):
    for item in items:
        if item > LIMIT:
            return item
    return None


def last(items):
    return items[-1]
"""
PAGE = """# Options

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

The file lies in the home directory.
It is read once, at the start.
Nothing is ever written to it.
"""
TAIL = PAGE[PAGE.index("The file lies") :]


class Case(NamedTuple):
    path: str
    before: str
    change: tuple[str, str]  # what the phase is really about
    cut: tuple[str, str, str]  # from here, up to there, this instead
    action: str = "replace"
    kind: str = "syntax"


CASES = {
    "inside-a-comment": Case("page.ts", SCRIPT, ("load(id)", "load(id, 1)"), (" * It is called", " */", " * ... existing code ...\n")),
    "a-comment-in-a-comment": Case("part.ts", SCRIPT, ("load(id)", "load(id, 2)"), (" * It is", " */", "// ... existing code ...\n")),
    "end-of-a-script": Case("end.ts", SCRIPT, ("load(id)", "load(id, 3)"), ("export function title", "", "// \u2026\n"), "edit"),
    "settings": Case("shop.yaml", SERVICE, ("port: 80", "port: 81"), ("  level", "", "  # (rest of the code unchanged)\n")),
    "settings-in-a-diff": Case("more.yaml", SERVICE, ("port: 80", "port: 82"), ("log:", "", "# (rest of the code unchanged)\n"), "patch"),
    "dots-for-a-function": Case("shop.py", MODULE, ("LIMIT = 10", "LIMIT = 11"), ("def first", "def last", "...\n\n\n")),
    "dots-in-a-comment": Case("dots.py", MODULE, ("LIMIT = 10", "LIMIT = 12"), ("def first", "def last", "# ...\n\n\n"), "edit"),
    "a-table": Case("table.md", PAGE, ("`info`", "`warn`"), ("| `limit`", "\n```python", "| ... | ... | ... |\n")),
    "a-table-in-words": Case("words.md", PAGE, ("`info`", "`error`"), ("| `limit`", "\n```p", "| (others unchanged) | | |\n"), "patch"),
    "a-code-block": Case("block.md", PAGE, ("debug", "trace"), ("run(limit", "```\n\nThe", "# ... remaining calls ...\n")),
    "a-paragraph": Case("text.md", PAGE, ("| `10` |", "| `11` |"), ("It is read", "", "... existing text ...\n"), "patch"),
    "dots-beside-new-text": Case(
        "beside.md",
        PAGE,
        ("`info`", "`debug`"),
        ("The file lies", "", "The file lies at home.\n(\u2026)\nIt stays as the user wrote it.\n"),
    ),
    "words-beside-much-new-text": Case(
        "words-alone.md",
        PAGE,
        ("debug", "trace"),
        ("| option", "\n```python", "the table is unchanged\n\n" + "".join(f"- option {number}\n" for number in range(40))),
    ),
    "copied-elsewhere": Case(
        "copied.md", PAGE, ("# Options\n", f"# Options\n\n{TAIL}"), ("```\n\nThe file", "", "```\n\n[... existing text ...]\n")
    ),
    "a-lone-comment": Case(
        "lone.py", MODULE, ("LIMIT = 10", "LIMIT = 13"), ("def first", "def last", "# ... nothing changed here ...\n"), "patch"
    ),
    "a-piece": Case("piece.py", MODULE, ("item > LIMIT", "item >= LIMIT"), ("def first", "    return None", ""), "piece", "edit_refused"),
    "a-function": Case("page.tsx", SCRIPT, ("load(id)", "load(id, 4)"), ("export", "\nexport function title", ""), "piece", "edit_refused"),
}
HONEST = {
    "says-so": {"honest.md": PAGE.replace("It is read once", "All of the rest stays unchanged.\nIt is read once")},
    "loses-nothing": {"honest.yaml": SERVICE.replace("log:\n", "# the same file as before, unless the user names another\nlog:\n")},
}
BEFORE = {**{case.path: case.before for case in CASES.values()}, "honest.md": PAGE, "honest.yaml": SERVICE}
AFTER = {**{name: {case.path: case.before.replace(*case.change, 1)} for name, case in CASES.items()}, **HONEST}


def test_text_left_out_never_lands_and_the_next_attempt_is_told_which_line_says_so(tmp_path):
    desk = Desk.make(tmp_path, {**BEFORE, "check.sh": "true\n"})
    oracle = oracle_of(AFTER, BEFORE)

    def lazy(request):
        phase, role, attempt = (request.headers[f"x-autopack-{key}"] for key in ("phase", "role", "attempt"))
        return elided(CASES[phase]) if role == "builder" and attempt == "1" and phase in CASES else oracle(request)

    desk.plan(*(phase_of(name, *changed) for name, changed in AFTER.items()))
    with scripted_server(lazy) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        asked = {name: server.asked("builder", name) for name in AFTER}
    failed = {line["phase"]: line for line in done.told("phase_recovering")}
    assert {name: line["kind"] for name, line in failed.items()} == {name: case.kind for name, case in CASES.items()}
    assert {name: len(calls) for name, calls in asked.items()} == {name: 2 if name in CASES else 1 for name in AFTER}
    for name, case in CASES.items():
        assert reason(case) in failed[name]["message"], failed[name]
        assert failed[name]["message"] in spoken(asked[name][1]), name
    for name, changed in AFTER.items():
        for path, text in changed.items():
            assert desk.at("autopack/r", path) == text, name
            assert int(desk.git("rev-list", "--count", "main..autopack/r", "--", path)) == 1, "no commit holds anything else"


def elided(case: Case) -> str:
    """The change as it was meant, with a part of the file left out."""
    path, text = case.path, case.before.replace(*case.change, 1)
    first, after, instead = case.cut
    start = text.index(first)
    end = text.index(after, start) if after else len(text)
    short = text[:start] + instead + text[end:]
    if case.action == "piece":
        short = text[start:end]
    if case.action == "edit":
        line, last = text.count("\n", 0, start) + 1, text.count("\n", 0, end)
        operations = [{"type": "replace", "start_line": line, "end_line": last, "content": instead}]
        return said({"path": path, "action": "edit", "operations": operations})
    if case.action == "patch":
        old, new = case.before.splitlines(), short.splitlines()
        hunk = [f"@@ -1,{len(old)} +1,{len(new)} @@", *(f"-{line}" for line in old), *(f"+{line}" for line in new)]
        return said({"path": path, "action": "patch", "diff": "\n".join(hunk) + "\n"})
    return said({"path": path, "action": "replace", "content": short})


def said(file: dict[str, object]) -> str:
    return json.dumps({"summary": "a change", "files": [file], "blocked": None})


def reason(case: Case) -> str:
    """What the message has to quote of the reply."""
    if case.action == "piece":
        return "is only a piece of the file"
    return next(line for line in case.cut[2].splitlines() if "\u2026" in line or "..." in line or "unchanged" in line).strip()


def spoken(call: Call) -> str:
    """The last message of a request, as its model reads it."""
    content = call.body["messages"][-1]["content"]
    return content if isinstance(content, str) else "\n".join(block.get("text", "") for block in content)
