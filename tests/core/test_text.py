import pytest

from autopack.core.text import Decoded, EncodingError, count_lines, decode, encode, line_end


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a\n",
        "\u00e9\u4e2d\U0001f600\r\n".encode(),
        b"\xef\xbb\xbfa = 1\r\n",
        b"\xe9t\xe9\n",
        b"\x93quoted\x94 \x80 5\n",
        b"a\x0cb\x1b[0m\n",
        b"\r\r\n\n",
    ],
)
def test_bytes_come_back_as_they_were(data):
    decoded = decode(data)
    assert decoded is not None
    assert encode(decoded.text, decoded.encoding) == data


def test_utf_8_goes_first_and_keeps_its_byte_order_mark():
    assert decode(b"\xef\xbb\xbfx") == Decoded("\ufeffx", "utf-8")
    assert decode("\u00e9".encode()) == Decoded("\u00e9", "utf-8")


def test_what_is_no_utf_8_but_looks_like_text_is_latin_1():
    assert decode(b"# \xe9t\xe9\n") == Decoded("# \u00e9t\u00e9\n", "latin-1")


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0", b"a\0b", "text".encode("utf-16"), bytes(range(1, 256)) * 4, b"\xff\x01\x02\x03\x04\x05" * 100]
)
def test_binary_is_no_text(data):
    assert decode(data) is None


def test_what_latin_1_cannot_hold_is_refused_with_its_place():
    with pytest.raises(EncodingError, match=r"^Line 2 holds '\u2192' \(U\+2192\), which Latin-1, .* cannot hold; write an ASCII form"):
        encode("a\nb \u2192 c", "latin-1")


def test_half_a_character_is_refused():
    with pytest.raises(EncodingError, match=r"half character U\+D800"):
        encode("\ud800", "utf-8")


@pytest.mark.parametrize(
    ("text", "end"), [("", "\n"), ("a", "\n"), ("a\r\nb\r\nc\n", "\r\n"), ("a\r\nb\nc\n", "\n"), ("a\r\nb\n", "\n"), ("a\rb\r", "\n")]
)
def test_line_end_is_the_one_most_lines_have(text, end):
    assert line_end(text) == end


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\nb", "\n\n", "a\x0cb\u2028c\x85d\r\ne\rf"])
def test_lines_end_at_line_feeds_only(text):
    assert count_lines(text) == text.count("\n") + bool(text.split("\n")[-1])
