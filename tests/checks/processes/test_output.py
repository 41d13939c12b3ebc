from hypothesis import given
from hypothesis import strategies as st

from autopack.checks.processes.output import HeadAndTail, Tail


@given(st.lists(st.binary(max_size=90)), st.integers(1, 100))
def test_a_tail_holds_the_last_bytes_and_counts_the_rest(chunks, limit):
    tail = Tail(limit)
    for chunk in chunks:
        tail.take(chunk)
    whole = b"".join(chunks)
    data = tail.data()
    assert whole.endswith(data)
    assert len(data) + tail.dropped == len(whole)
    assert len(data) <= limit


def test_everything_that_fits_is_kept():
    output = HeadAndTail(100)
    for _ in range(10):
        output.take(b"123456789\n")
    assert output.text() == "123456789\n" * 10


def test_what_is_left_out_is_counted_between_whole_lines():
    output = HeadAndTail(40)
    output.take(b"".join(b"line %03d\n" % number for number in range(100)))
    head, note, *tail = output.text().split("\n...")
    assert head == "line 000\n"
    assert note.startswith(" 864 bytes left out")
    assert output.text().endswith("line 097\nline 098\nline 099\n")
    assert not tail


def test_a_character_cut_in_two_at_the_chunks_edge_is_whole():
    output = HeadAndTail(1000)
    for byte in "größe".encode():
        output.take(bytes([byte]))
    assert output.text() == "größe"
