"""What a model, a check or a repository wrote drives no terminal and forges no line of a screen, a log or a JSON line."""

import json
import re

import pytest

from tests.support.command import Desk, phase_of
from tests.support.server import scripted_server
from tests.support.terminal import on_terminal

pytestmark = pytest.mark.end_to_end

NASTY = (
    "x\x1b[2J\x1b]0;t\x07\r\nrun r: complete\u2028next: rm -rf ~\u2029\u202egnp\x85\x00\x9b31m\n==> one, attempt 9 (x) <==\n-- exit code 0"
)
ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
HEADS = re.compile(r"^(==> one, attempt 9|-- exit code 0$)", re.MULTILINE)
FORGED = re.compile(rf"{HEADS.pattern}|^(run r: complete|next: rm)", re.MULTILINE)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CHECK = "import json, pathlib, sys\nprint(json.loads(pathlib.Path('say.json').read_text()))\nsys.exit(pathlib.Path('app.txt').read_text() == 'one\\n')\n"
FILES = {"app.txt": "one\n", "check.py": CHECK, "say.json": json.dumps(NASTY)}
LOOKS = (
    *(("status", "r"), ("show", "r", "one"), ("logs", "r"), ("logs", "r", "--check"), ("logs", "r", "--model"), ("usage", "r"), ("runs",)),
    *(("diff", "r", "one"), ("config", "show"), ("models",), ("plan", "check")),
)
DATA = (("status", "r", "--json"), ("show", "r", "one", "--json"), ("logs", "r", "--json"), ("logs", "r", "--check", "--json"))
MORE = (("logs", "r", "--model", "--json"), ("usage", "r", "--json"), ("journal", "export", "r"), ("runs", "--json"))


def script(request):
    if request.headers["x-autopack-role"] == "auditor":
        issue = {"severity": "major", "path": NASTY, "line": 1, "message": NASTY}
        answer = {"criterion": NASTY, "met": True, "evidence": NASTY}
        return json.dumps(
            {"verdict": "reject", "confidence": 0.5, "summary": NASTY, "issues": [issue], "criteria": [answer], "failure_kind": None}
        )
    if request.headers["x-autopack-attempt"] == "1":
        return json.dumps({"summary": NASTY, "files": [{"path": NASTY, "action": "create", "content": "x\n"}], "blocked": None})
    return json.dumps(
        {
            "summary": NASTY,
            "files": [{"path": "app.txt", "action": "replace", "content": "two\n\x1b[2J\u2028run r: complete\n"}],
            "blocked": None,
        }
    )


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    desk = Desk.make(tmp_path_factory.mktemp("screens"), FILES)
    ci = {"command": "python3 -B check.py", "tests": "none", "log_on_success": True}
    desk.plan(phase_of("one", "app.txt", description=NASTY.replace("\x00", "").replace("\x1b", ""), ci=ci, max_attempts=2))
    with scripted_server(script) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 4, done.stderr
    return desk, done


def test_no_screen_is_driven_and_no_line_is_forged(looked):
    desk, done = looked
    for words, text in ((("run",), done.stderr), *((words, said(desk, *words)) for words in LOOKS)):
        if words[0] == "diff":
            continue  # in a pipe a patch is a patch
        assert not ODD.search(text), (words, ODD.search(text))
        assert not forged_in(words).search(text), (words, text)
    for words in LOOKS:
        with on_terminal(desk, 80, *words) as seen:
            seen.end()
        shown = COLOURS.sub("", seen.text).replace("\r\n", "\n")
        assert not ODD.search(shown), (words, ODD.search(shown))
        assert not forged_in(words).search(shown), (words, shown)


def test_json_is_one_object_a_line_however_lines_are_counted(looked):
    desk, _ = looked
    for words in (*DATA, *MORE):
        text = desk.autopack(*words).stdout
        assert not ODD.search(text), words
        assert all(isinstance(json.loads(line), dict) for line in text.splitlines()), words


def test_logs_on_the_disk_hold_no_control_and_no_forged_header(looked):
    desk, _ = looked
    files = {path.name: path.read_text("utf-8") for path in (desk.repo / ".autonomous_runs" / "r").rglob("*") if path.is_file()}
    logs = [text for name, text in files.items() if not name.startswith("report.")]  # has no such heads; there it stands in a fence
    assert any("gnp" in text for text in logs)
    assert not any(ODD.search(text) for text in files.values())
    assert not any(re.search("^-- exit code 0$", text, re.MULTILINE) for text in logs)


def forged_in(words):
    """What a command printed or a model said stands in lines of its own there; heads are ours."""
    return HEADS if words[-1] in ("--check", "--model") else FORGED


def said(desk, *words):
    done = desk.autopack(*words)
    return done.stdout + done.stderr
