import pytest

from autopack.edits.model import EditRefused
from autopack.edits.whole_file import replaced

LINES = [f"def function_{number}(argument):" if number % 3 == 0 else f"    return_{number} = {number}" for number in range(60)]
FILE = "\n".join(LINES) + "\n"


def test_the_new_text_is_taken_as_it_is():
    assert replaced("f.py", "a\nb\n", "a\nc\n") == "a\nc\n"


def test_a_lost_final_newline_is_put_back():
    assert replaced("f.py", "a\n", "b") == "b\n"


def test_a_file_without_a_final_newline_may_get_one():
    assert replaced("f.py", "a", "b") == "b"
    assert replaced("f.py", "a", "b\n") == "b\n"


def test_a_byte_order_mark_stays():
    assert replaced("f.py", "\ufeffa\n", "b\n") == "\ufeffb\n"


@pytest.mark.parametrize("content", ["a\nc\n", "a\r\nc\r\n", "a\nc"])
def test_crlf_stays(content):
    assert replaced("f.py", "a\r\nb\r\n", content) == "a\r\nc\r\n"


def test_lf_stays():
    assert replaced("f.py", "a\nb\n", "a\r\nc\r\n") == "a\nc\n"


def test_in_a_mixed_file_each_known_line_keeps_its_end():
    assert replaced("f.py", "a\r\nb\nc\r\n", "a\nb\nnew\nc\n") == "a\r\nb\nnew\r\nc\r\n"


@pytest.mark.parametrize("content", ["", "\n", "  \n\n"])
def test_emptying_a_file_is_refused(content):
    with pytest.raises(EditRefused) as refused:
        replaced("f.py", "a\n", content)
    assert refused.value.code == "empty"


def test_an_empty_file_may_stay_empty():
    assert replaced("f.py", "", "") == ""


@pytest.mark.parametrize("piece", [slice(20, 29), slice(0, 8), slice(52, 60), slice(20, 50)])
def test_a_piece_of_the_file_in_place_of_the_file_is_refused(piece):
    lines = LINES[piece]
    lines[len(lines) // 2] = "    changed = True"
    with pytest.raises(EditRefused) as refused:
        replaced("f.py", FILE, "\n".join(lines) + "\n")
    assert refused.value.code == "snippet"
    assert "60" in refused.value.message


def test_a_file_that_was_cut_down_on_purpose_is_taken():
    shim = "from new_place import *\n"
    assert replaced("f.py", FILE, shim) == shim
    shorter = "\n".join([*LINES[:10], *LINES[50:]]) + "\n"
    assert replaced("f.py", FILE, shorter) == shorter
