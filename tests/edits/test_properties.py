import json

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autopack.edits import EditRefused, apply_diff, apply_reply
from tests.support.diffs import lines_of, operations_between, unified_diff

FEW = st.sampled_from(
    ["a", "b", "  a", "}", "", "    }", "-- x", "++ y", "@@ -1 +1 @@", "--- a", "+++ b", "\\ x", "```", "diff --git a/x b/x"]
)
ODD = st.text(st.characters(exclude_characters="\n\ufeff", exclude_categories=["Cs"]), max_size=6)
RARE = st.sampled_from(["\x0c", "x\x0b y", "\u2028", "\x85z", "tail\r", "\r", "\tq", "z\x1c", "def f(x):", "return 1"])


def texts(lines):
    """Texts of lines that end in a newline, in a carriage return and a newline, or (the last one) in nothing."""

    def ended(parts, is_open):
        text = "".join(parts)
        return text.removesuffix("\n") if is_open else text

    line = st.builds(lambda body, end: body + end, lines, st.sampled_from(["\n", "\n", "\n", "\r\n"]))
    return st.builds(ended, st.lists(line, max_size=25), st.booleans())


TEXTS = texts(st.one_of(FEW, ODD, RARE))
REPETITIVE = texts(st.sampled_from(["a", "b", "", "a"]))


REFUSED = ("characters", "elision")
"""A text may hold what no file should, and Hypothesis takes words from Autopack's own sources, which tell of text that is left out."""


def stands_there(diff, before):
    """Whether the longer new text of some hunk stands, in the text before, just where the hunk says its old text is."""
    old, place, hunks = [], 0, []
    new = []
    for line in lines_of(diff)[2:]:
        if line.startswith("@@"):
            place, old, new = max(int(line.split(" ")[1].split(",")[0][1:]) - 1, 0), [], []
            hunks.append((place, old, new))
        elif not line.startswith("\\"):
            body = line[1:].rstrip("\n")
            if line[0] != "+":
                old.append(body)
            if line[0] != "-":
                new.append(body)
    there = [line.rstrip("\n") for line in lines_of(before)]
    return any(len(new) > len(old) and there[place : place + len(new)] == new for place, old, new in hunks)


def outcome(call, *args, **kwargs):
    """The result, or the code of the refusal."""
    try:
        return call(*args, **kwargs)
    except EditRefused as refused:
        return refused.code


@given(TEXTS, TEXTS)
@settings(max_examples=400, deadline=None)
def test_a_diff_between_two_texts_makes_one_the_other(before, after):
    assume(before != after)
    assume("\0" not in before + after)
    diff = unified_diff(before, after)
    result = outcome(apply_diff, diff, {"a.txt": before})
    if result == "already_applied":
        assert stands_there(diff, before)
    elif result not in REFUSED:
        assert result == {"a.txt": after}


@given(REPETITIVE, REPETITIVE)
@settings(max_examples=400, deadline=None)
def test_a_diff_between_repetitive_texts_makes_one_the_other_or_is_seen_as_done(before, after):
    assume(before != after)
    diff = unified_diff(before, after)
    result = outcome(apply_diff, diff, {"a.txt": before})
    assert result == {"a.txt": after} or (result == "already_applied" and stands_there(diff, before))


@given(TEXTS, TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_diff_is_not_applied_twice_where_its_old_text_is_gone_or_its_new_text_stands_there(before, after):
    assume(before != after)
    assume("\0" not in before + after)
    diff = unified_diff(before, after)
    removed = {line[1:] for line in lines_of(diff)[2:] if line.startswith("-")}
    assume(removed - set(lines_of(after)) or stands_there(diff, after))
    assert isinstance(outcome(apply_diff, diff, {"a.txt": after}), str)


def edit_of(operations):
    return json.dumps({"summary": "", "files": [{"path": "a.txt", "action": "edit", "operations": operations}]})


def bodies_of(text):
    """Lines without their ends, and without empty ones at the end: which end a line gets, and whether the last has one, is the file's."""
    return "\n".join(line.rstrip("\r\n") for line in lines_of(text)).rstrip("\n").split("\n")


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_operations_between_any_two_texts_make_one_the_other_with_the_line_ends_of_the_file(before, after):
    assume("\0" not in before + after)
    operations = operations_between(before, after)
    assume(operations)
    result = outcome(apply_reply, edit_of(operations), before={"a.txt": before})
    if result == "no_change":  # they differ in their ends only, or in an empty line where the text ends in none
        assert [line for line in bodies_of(before) if line] == [line for line in bodies_of(after) if line]
    elif result not in REFUSED:
        assert bodies_of(result["a.txt"]) == bodies_of(after)


@given(TEXTS, TEXTS, st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=200, deadline=None)
def test_operations_between_two_texts_with_the_same_line_ends_make_one_the_other_byte_for_byte(before, after, end):
    before, after = ("\n".join(line.rstrip("\r") for line in text.split("\n")).replace("\n", end) for text in (before, after))
    assume("\0" not in before + after)
    operations = operations_between(before, after)
    assume(operations)
    result = outcome(apply_reply, edit_of(operations), before={"a.txt": before})
    kept = end if before.endswith("\n") and after and not after.endswith("\n") else ""  # operations leave the end of the file as it is
    assert result in ({"a.txt": after + kept}, *REFUSED) or (result == "no_change" and after + kept == before)


UNLIKE = st.lists(st.integers(0, 60), unique=True, max_size=20).map(
    lambda numbers: [f"line {number} of the text as it was" for number in numbers]
)
NEW = st.lists(st.integers(0, 60), unique=True, max_size=4).map(
    lambda numbers: [f"line {number} of what is to stand there" for number in numbers]
)


@given(UNLIKE, NEW, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.data())
@settings(max_examples=200, deadline=None)
def test_an_operation_with_its_context_is_not_applied_twice(old, new, end, is_open, data):
    start = data.draw(st.integers(0, len(old)))
    stop = data.draw(st.integers(start, len(old)))
    assume(new or stop > start)
    assume(stop - start < len(old))  # something of the text stays, to know the place by
    place = {"type": "insert", "line": start + 1} if start == stop else {"start_line": start + 1, "end_line": stop}
    kind = {"type": "replace" if new else "delete"} if start != stop else {}
    context = {"context_before": old[start - 1]} if start else {}
    context |= {"context_after": old[stop]} if stop < len(old) else {}
    content = {"content": "\n".join(new)} if new else {}
    before = end.join(old) + ("" if is_open or not old else end)
    reply = edit_of([{**kind, **place, **context, **content}])
    after = apply_reply(reply, before={"a.txt": before})["a.txt"]
    assert bodies_of(after) == (old[:start] + new + old[stop:] or [""])
    assert isinstance(outcome(apply_reply, reply, before={"a.txt": after}), str)


@given(TEXTS, NEW, st.data())
@settings(max_examples=200, deadline=None)
def test_an_insertion_that_stands_there_already_is_not_made_again(before, new, data):
    assume(new)
    at = data.draw(st.integers(0, len(lines_of(before))))
    reply = edit_of([{"type": "insert", "line": at + 1, "content": "\n".join(new)}])
    after = outcome(apply_reply, reply, before={"a.txt": before})
    assume(not isinstance(after, str))
    assert outcome(apply_reply, reply, before=after) == "already_applied"


@given(texts(st.sampled_from(["a", "b", "c", "", "  a", "x = 1"])), st.data())
@settings(max_examples=200, deadline=None)
def test_lines_outside_the_change_keep_every_byte(before, data):
    old = lines_of(before)
    assume(len(old) >= 2)
    at = data.draw(st.integers(0, len(old) - 1))
    reply = {
        "files": [
            {
                "path": "a.txt",
                "action": "edit",
                "operations": [{"type": "replace", "start_line": at + 1, "end_line": at + 1, "content": "new"}],
            }
        ]
    }
    result = lines_of(apply_reply(json.dumps(reply), before={"a.txt": before})["a.txt"])
    assert result[:at] == old[:at]
    assert result[at + 1 :] == old[at + 1 :]
    assert result[at].rstrip("\r\n") == "new"


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_a_diff_against_another_text_is_refused_or_changes_only_lines_it_names(before, after, other):
    assume("\0" not in before + after + other)
    diff = unified_diff(before, after)
    added = {line[1:].rstrip("\r\n") for line in lines_of(diff)[2:] if line.startswith("+")}
    given_texts = {"a.txt": other}
    result = outcome(apply_diff, diff, given_texts)
    assert given_texts == {"a.txt": other}
    if isinstance(result, dict):
        known = {line.strip() for line in lines_of(other)} | {line.strip() for line in added}
        assert {line.strip() for line in lines_of(result["a.txt"])} <= known
