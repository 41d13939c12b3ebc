import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.executor.start.disk import require_room, size
from tests.support.small_disk import small_disk


def test_room_is_looked_for_where_the_place_will_be_made(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        places = {"the run's records": tmp_path, "the run's work tree": disk / "not" / "there" / "yet"}
        require_room(places, 1_000_000)
        with pytest.raises(
            EnvironmentBlockedError, match="yet has too little room for the run's work tree: 2 MB are free on .* 2.1 MB are"
        ):
            require_room(places, 2_100_000)
        assert list(disk.iterdir()) == []


def test_nobody_looks_where_nothing_is_needed(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        require_room({"the state database": disk}, 0)


def test_a_place_below_a_file_is_no_reason_to_fall_over(tmp_path):
    (tmp_path / "file").write_text("x")
    require_room({"the run's records": tmp_path / "file" / "below"}, 1)


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1_999_999, "1.9 MB"), (500_000_000, "500 MB")]
)
def test_sizes_are_rounded_down(number, said):
    assert size(number) == said
