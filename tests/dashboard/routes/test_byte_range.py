import pytest

from autopack.dashboard.byte_range import Unsatisfiable, range_of


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=2-", (2, 10)),
        ("bytes=2-99", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_one_range_of_bytes_is_read_and_anything_else_means_the_whole(header, part):
    assert range_of(header, 10) == part


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=0-", 0), ("bytes=-0", 10), ("bytes=99-100", 10)])
def test_a_range_without_a_byte_in_the_file_cannot_be_met(header, size):
    with pytest.raises(Unsatisfiable):
        range_of(header, size)
