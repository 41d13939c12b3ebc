"""The report of a run, written at every end and made again on demand: what landed, what did not and why, what to look at."""

import json

import pytest

from tests.support.command import ONE, Desk, oracle_of, phase_of
from tests.support.oracle import Spoil
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

TWO = {**ONE, "two": {"app.txt": "three\n"}}
HOSTILE = "</pre><script>alert(1)</script> \x1b[31m \u202e | `"
CRITERIA = ["The app says two.", "It says so <b>loudly</b>."]


def records(desk, name):
    return (desk.repo / ".autonomous_runs" / "r" / name).read_text("utf-8")


def run(desk, script, *words):
    with scripted_server(script) as server:
        return desk.beside(server).autopack("run", "--run-id", "r", *words)


def audited(summary, met):
    """The oracle's edits, and a verdict of our own."""
    oracle = oracle_of(TWO)

    def answer(request):
        if request.headers.get("x-autopack-role") != "auditor":
            return oracle(request)
        criteria = [
            {"criterion": words, "met": met, "evidence": evidence} for words, evidence in zip(CRITERIA, ["app.txt", ""], strict=True)
        ]
        return json.dumps(
            {"verdict": "approve" if met else "reject", "confidence": 0.9, "summary": summary, "issues": [], "criteria": criteria}
        )

    return answer


def test_a_run_that_ends_leaves_both_pages_and_hostile_words_are_words(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one", acceptance_criteria=CRITERIA))
    done = run(desk, audited(HOSTILE, met=True))
    assert done.exit_code == 0, done.stderr
    html, markdown = records(desk, "report.html"), records(desk, "report.md")
    assert "<script" not in html
    assert "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "\\u202e" in html
    assert "It says so &lt;b&gt;loudly&lt;/b&gt;." in html
    assert '<span class="add">+two</span>' in html
    assert "# r is complete" in markdown
    assert "## Landed: 1 of 1 phase" in markdown
    assert "- ✓ The app says two. (met: app.txt)" in markdown
    assert "1 of 2 criteria without evidence: It says so \\<b\\>loudly\\</b\\>." in markdown
    assert "\x1b" not in html + markdown


def test_a_run_that_fails_says_first_what_did_not_land_and_why(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one"), phase_of("two", max_attempts=1, ci={"command": "echo it broke; false", "tests": "none"}))
    done = run(desk, oracle_of(TWO, spoils={"one": Spoil.REJECT}))
    assert done.exit_code == 1, done.stderr
    markdown = records(desk, "report.md")
    assert "# r is failed" in markdown
    assert "## Landed: 1 of 2 phases" in markdown
    assert markdown.index("**two**, failed: ") < markdown.index("## What it took")
    assert "it broke" in markdown
    assert "then retry: " in markdown
    html = records(desk, "report.html")
    assert html.count("<li class=") == 3
    assert "the failing part" in html


def test_a_report_that_cannot_be_written_is_said_and_changes_nothing(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan()
    (desk.repo / ".autonomous_runs" / "r" / "report.md").mkdir(parents=True)
    done = run(desk, oracle_of(ONE))
    assert done.exit_code == 0, done.stderr
    assert "The run's report could not be written" in done.stderr
    assert "autopack report r" in done.stderr


def test_the_command_prints_or_writes_the_same_report(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan()
    assert run(desk, oracle_of(ONE)).exit_code == 0
    kept = records(desk, "report.md"), records(desk, "report.html")
    printed = desk.autopack("report", "--md")
    assert (printed.exit_code, printed.stdout, printed.stderr) == (0, kept[0], "newest run: r\n")
    file = tmp_path / "night.html"
    assert desk.autopack("report", "r", "--html", file).exit_code == 0
    assert file.read_text("utf-8") == kept[1]
    assert desk.autopack("report", "r", "--html", "-").stdout == kept[1]
    again = desk.autopack("report", "r")
    assert again.stdout == "".join(f"{desk.repo}/.autonomous_runs/r/report.{end}\n" for end in ("md", "html"))
    made = desk.autopack("report", "r", "--json").json
    assert (made["run"]["state"], [one["story"]["phase"]["id"] for one in made["phases"]]) == ("complete", ["one"])
    assert made["times"]["models"] > 0
    refused = desk.autopack("report", "r", "--md", "--json")
    assert refused.exit_code == 2
    unwritable = desk.autopack("report", "r", "--html", tmp_path / "nowhere" / "x.html")
    assert unwritable.exit_code == 7
    assert "the report cannot be written" in unwritable.stderr


def test_a_run_that_waits_says_what_a_person_can_do(tmp_path):
    desk = Desk.make(tmp_path)
    desk.plan(phase_of("one", gate="hold"))
    done = run(desk, oracle_of(ONE))
    assert done.exit_code == 4, done.stderr
    markdown = records(desk, "report.md")
    assert "- **one**, held: " in markdown
    assert "`autopack approve r one`" in markdown
    assert '<span class="add">+two</span>' in records(desk, "report.html")
