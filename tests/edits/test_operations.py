import pytest

from autopack.edits.model import EditRefused, Operation
from autopack.edits.operations import operated

TEXT = "".join(f"line {number}\n" for number in range(1, 11))


def refusal(text, *operations):
    with pytest.raises(EditRefused) as refused:
        operated(text, operations)
    return refused.value


def test_operations_count_in_the_text_as_it_was_shown():
    result = operated(
        "a\nb\nc\nd\n",
        [
            Operation("replace", "C\n", start_line=3, end_line=3),
            Operation("insert", "zero\n", line=1),
            Operation("delete", start_line=2, end_line=2),
            Operation("insert", "end\n", line=5),
        ],
    )
    assert result == "zero\na\nC\nd\nend\n"


def test_insertions_at_one_line_keep_their_order():
    assert operated("a\n", [Operation("insert", "1\n", line=1), Operation("insert", "2\n", line=1)]) == "1\n2\na\n"


def test_an_insertion_beside_a_replaced_range_is_no_overlap():
    operations = [
        Operation("insert", "x\n", line=2),
        Operation("replace", "B\n", start_line=2, end_line=2),
        Operation("insert", "y\n", line=3),
    ]
    assert operated("a\nb\nc\n", operations) == "a\nx\nB\ny\nc\n"


@pytest.mark.parametrize(
    "operations",
    [
        [Operation("replace", "x", start_line=2, end_line=4), Operation("delete", start_line=4)],
        [Operation("replace", "x", start_line=2, end_line=4), Operation("replace", "x", start_line=2, end_line=4)],
        [Operation("replace", "x", start_line=2, end_line=4), Operation("insert", "y", line=3)],
    ],
)
def test_operations_on_one_line_are_refused(operations):
    refused = refusal(TEXT, *operations)
    assert refused.code == "overlap"
    assert "peration 1" in refused.message
    assert "peration 2" in refused.message


@pytest.mark.parametrize(
    "operation",
    [
        Operation("replace", "x", start_line=10, end_line=11),
        Operation("delete", start_line=11),
        Operation("insert", "x", line=12),
        Operation("replace", "x", start_line=5, end_line=2),
        Operation("replace", "x"),
        Operation("insert", "x"),
    ],
)
def test_a_place_that_the_file_does_not_have_is_refused(operation):
    assert refusal(TEXT, operation).code == "range"


def test_context_is_checked_and_the_refusal_says_what_stands_there():
    refused = refusal(TEXT, Operation("delete", start_line=3, context_before="line two\n"))
    assert refused.code == "not_found"
    assert "Line 2 is `line 2`" in refused.message
    assert "`line two`" in refused.message


@pytest.mark.parametrize("before", ["line 2\n", "line 2", "  line   2  ", "line 1\nline 2\n"])
def test_context_may_differ_in_white_space(before):
    assert operated(TEXT, [Operation("delete", start_line=3, context_before=before)]) == TEXT.replace("line 3\n", "")


def test_context_finds_the_only_place_where_the_number_is_off():
    shifted = "# new first line\n" + TEXT
    operation = Operation("replace", "LINE 5", start_line=5, end_line=5, context_before="line 4", context_after="line 6")
    assert operated(shifted, [operation]) == shifted.replace("line 5", "LINE 5")


def test_context_without_numbers_finds_a_range_between_its_two_parts():
    operation = Operation("replace", "x", context_before="line 2", context_after="line 6")
    assert operated(TEXT, [operation]) == "line 1\nline 2\nx\nline 6\nline 7\nline 8\nline 9\nline 10\n"


def test_one_context_without_numbers_says_nothing_of_the_range_s_end():
    assert refusal(TEXT, Operation("replace", "x", context_before="line 2")).code == "not_found"


def test_a_context_that_stands_in_many_places_is_never_cut_down_to_one():
    text = "}\n" * 200 + "a\nb\n" + "}\n" * 200 + "a\nb\n"
    refused = refusal(text, Operation("insert", "x", line=7, context_before="}\n", context_after="a\nb\n"))
    assert refused.code == "ambiguous"
    assert "lines 201 and 403" in refused.message


def test_of_several_places_the_exact_number_decides():
    text = "try:\n    a()\nexcept E:\n    pass\n" * 2
    operation = Operation("replace", "    raise\n", start_line=8, end_line=8, context_before="except E:\n")
    assert operated(text, [operation]) == text[: -len("    pass\n")] + "    raise\n"
    off = Operation("replace", "    raise\n", start_line=7, end_line=7, context_before="except E:\n")
    assert refusal(text, off).code == "ambiguous"


def test_a_perfect_context_elsewhere_does_not_outdo_a_near_one_at_the_number():
    block = "def a():\n    one = 1\n    two = 2\n    x = 0\n    three = 3\n    four = 4\n"
    text = block.replace("one = 1", "one = 11") + "\n\n" + block
    operation = Operation(
        "replace",
        "    x = 9\n",
        start_line=4,
        end_line=4,
        context_before="    one = 1\n    two = 2\n",
        context_after="    three = 3\n    four = 4\n",
    )
    refused = refusal(text, operation)
    assert refused.code == "ambiguous"
    assert "line 12" in refused.message


def test_adding_nothing_is_refused():
    assert refusal(TEXT, Operation("append", "")).code == "no_change"


def test_lines_that_stand_there_already_are_not_added_again():
    added = "import collections\nimport dataclasses\n"
    assert refusal(f"{added}x = 1\n", Operation("prepend", added)).code == "already_applied"
    assert refusal(f"x = 1\n{added}", Operation("append", added)).code == "already_applied"
    assert refusal(f"x = 1\n{added}y = 2\n", Operation("insert", added, line=2)).code == "already_applied"
    assert operated("}\n", [Operation("append", "}\n")]) == "}\n}\n"


@pytest.mark.parametrize(
    ("text", "operation", "result"),
    [
        ("a\nb\n", Operation("append", "c"), "a\nb\nc\n"),
        ("a\nb\n", Operation("append", "c\n"), "a\nb\nc\n"),
        ("a\nb", Operation("append", "c"), "a\nb\nc"),
        ("a\nb", Operation("append", "c\n"), "a\nb\nc\n"),
        ("a\nb", Operation("prepend", "c"), "c\na\nb"),
        ("a\nb", Operation("replace", "c", start_line=2), "a\nc"),
        ("a\nb", Operation("delete", start_line=2), "a\n"),
        ("a\nb\n", Operation("delete", start_line=1, end_line=2), ""),
        ("a\nb\n", Operation("replace", "", start_line=1), "b\n"),
        ("a\nb\n", Operation("replace", "\n", start_line=1), "\nb\n"),
        ("", Operation("append", "a"), "a"),
        ("", Operation("insert", "a\n", line=1), "a\n"),
        ("a\r\nb\r\n", Operation("insert", "c\nd", line=2), "a\r\nc\r\nd\r\nb\r\n"),
        ("a\r\nb", Operation("append", "c"), "a\r\nb\r\nc"),
        ("a\r\nb", Operation("append", "c\n"), "a\r\nb\r\nc\r\n"),
        ("a\nb\r\nc\n", Operation("replace", "B", start_line=2), "a\nB\r\nc\n"),
        ("a\nb\n", Operation("append", "c\r\n"), "a\nb\nc\n"),
        ("\ufeffa\n", Operation("prepend", "b"), "\ufeffb\na\n"),
        ("\ufeffa\n", Operation("replace", "b", start_line=1), "\ufeffb\n"),
        ("a\x0cb\u2028c\x85d\n", Operation("append", "e"), "a\x0cb\u2028c\x85d\ne\n"),
    ],
)
def test_line_ends_and_the_end_of_the_file_stay_as_they_are(text, operation, result):
    assert operated(text, [operation]) == result
