"""Compressed files: what was written is read, what is torn or damaged is never taken for whole."""

import gzip

import pytest
import zstandard

from autopack.store.compressed import best_way, read_plain

TEXT = "Größe\n".encode() * 1000


def test_a_file_is_read_whatever_packed_it(tmp_path):
    ending, opened = best_way()
    with opened(tmp_path / f"best{ending}", "wb") as file:
        file.write(TEXT)
    (tmp_path / "gzip").write_bytes(gzip.compress(TEXT))
    (tmp_path / "zstandard").write_bytes(zstandard.compress(TEXT))
    (tmp_path / "plain").write_bytes(TEXT)
    assert {read_plain(path) for path in tmp_path.iterdir()} == {TEXT}


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstandard"])
def test_a_torn_or_damaged_file_is_no_content(tmp_path, pack):
    whole = pack(TEXT)
    for number, data in enumerate((whole[:-1], whole[: len(whole) // 2], whole[:4] + b"\xff" * len(whole))):
        path = tmp_path / str(number)
        path.write_bytes(data)
        with pytest.raises(OSError, match="it does not unpack|Not a gzipped file|CRC"):
            read_plain(path)
