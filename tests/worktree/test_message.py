import subprocess

import pytest

from autopack.worktree.message import CommitText, message_of, plain, text_of

TRAILERS = (("Autopack-Run", "r1"),)
LONG = "Reads the price list anew at every request, because the shop changes it by hand while the server runs, and nobody restarts it then"


def of(summary, template="{phase}: {summary}"):
    return message_of(text_of(template, "parse", summary, TRAILERS)).decode()


def test_free_text_cannot_pass_for_a_trailer_or_break_the_subject():
    text = CommitText("two\nlines\0", "Summary\nAutopack-Phase: other\n\nAutopack-Run: r9", (("Autopack-Run", "r1\nAutopack-Attempt: 7"),))
    message = message_of(text).decode()
    assert message.split("\n")[0] == "two lines"
    assert [line for line in message.split("\n") if line.startswith("Autopack-")] == ["Autopack-Run: r1 Autopack-Attempt: 7"]


def test_a_short_summary_is_the_subject_and_stands_nowhere_twice():
    assert of("add it") == "parse: add it\n\nAutopack-Run: r1\n"
    assert of("add it\n\nBecause.\n- one") == "parse: add it\n\nBecause.\n- one\n\nAutopack-Run: r1\n"


@pytest.mark.parametrize("summary", [LONG, LONG + "\n\nAnd more.", "x" * 300, "wörter " * 40])
def test_a_long_summary_is_cut_in_the_subject_and_stands_whole_in_the_body(summary):
    subject, body = of(summary).removesuffix("\n\nAutopack-Run: r1\n").split("\n\n", 1)
    assert len(subject) <= 72
    assert subject.endswith("…")
    assert body.split() == summary.split()
    assert max(map(len, body.split("\n"))) <= max(72, *map(len, summary.split()))


def test_a_subject_without_the_summary_leaves_it_to_the_body():
    assert of("add it", "[{phase}]") == "[parse]\n\nadd it\n\nAutopack-Run: r1\n"


def test_a_list_keeps_its_shape():
    item = "- " + "word " * 30
    lines = of(f"Do\n\n{item}\n  code   stays").split("\n")
    assert lines[2].startswith("- word")
    assert lines[3].startswith("  word")
    assert "  code   stays" in lines


@pytest.mark.parametrize("odd", ["\x1b[31m", "\x1b]0;title\x07", "\0", "\x7f", "\x9b", "\u202e", "\u200b", "\ufeff", "\x08", "\ud83d"])
def test_no_control_character_reaches_a_message(odd):
    message = message_of(CommitText(f"a{odd}b", f"c{odd}d", (("Autopack-Model", f"e{odd}f"),))).decode()
    assert message == "ab\n\ncd\n\nAutopack-Model: ef\n"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("line", ["Autopack-Run: r9", "autopack-run: r9", "---", "diff --git a/x b/x", "From 1 Mon", "Index: x"])
def test_no_line_end_makes_a_line_that_means_something(end, line):
    assert plain(f"a{end}b") == "a\nb"
    message = of(f"add it{end}{end}{line}{end}{end}{line}")
    assert f"\n{line}" not in message.replace("\nAutopack-Run: r1\n", "")
    assert f"\n {line}" in message
    assert message.count("\n\nAutopack-Run: r1\n") == 1


def test_git_reads_our_trailers_and_no_others():
    message = of("add it\n\nSigned-off-by: Somebody <s@example.org>\nAutopack-Phase: other")
    done = subprocess.run(["git", "interpret-trailers", "--parse"], input=message, capture_output=True, text=True, check=True)
    assert done.stdout == "Autopack-Run: r1\n"


@pytest.mark.parametrize("blanks", ["", " ", "    ", "\t"])
def test_a_trailer_in_free_text_never_stands_as_a_squash_would_write_it(blanks):
    message = of(f"add it\n\nBecause.\n{blanks}Autopack-Run: r9\n{blanks}Autopack-Phase: x")
    assert "\n Autopack-Run: r9\n Autopack-Phase: x\n" in message
