from pathlib import Path

import pytest

from autopack.checks.commands.check_log import log_entry
from autopack.core.errors import EnvironmentBlockedError, StopRequested
from autopack.core.redaction import Redactor


def _write(path, limit, chunks, redact=str):
    with log_entry(path, limit, redact, "$ command\n") as entry:
        for chunk in chunks:
            entry.take(chunk)
    return path.read_text()


def test_entries_follow_each_other(tmp_path):
    path = tmp_path / "ci" / "p-1.log"
    _write(path, 1000, [b"one\n"])
    assert _write(path, 1000, [b"two\n"]) == "$ command\none\n$ command\ntwo\n"


def test_no_path_means_no_log(tmp_path):
    with log_entry(None, 1000, str, "header") as entry:
        assert entry is None
    assert not list(tmp_path.iterdir())


def test_a_long_output_keeps_head_and_tail_within_the_limit(tmp_path):
    text = _write(tmp_path / "log", 2_000, [b"%06d\n" % number for number in range(100_000)])
    assert text.startswith("$ command\n000000\n")
    assert text.endswith("099999\n")
    assert "698,0" in text
    assert len(text) < 2_200


def test_the_head_is_on_disk_while_the_command_runs(tmp_path):
    path = tmp_path / "log"
    with log_entry(path, 1000, str, "") as entry:
        entry.take(b"first line\nsecond")
        assert path.read_text() == "first line\n"
    assert path.read_text() == "first line\nsecond"


def test_a_secret_cut_into_single_bytes_never_reaches_the_disk(tmp_path):
    secret = "hunter2-hunter2"
    path = tmp_path / "log"
    redact = Redactor([secret]).redact
    with log_entry(path, 10_000, redact, "") as entry:
        for byte in f"before {secret} after\n{secret}\n{secret}".encode():
            entry.take(bytes([byte]))
            assert secret not in path.read_text()
    assert path.read_text().count("⟦redacted:1⟧") == 3


def test_a_private_key_over_many_lines_is_redacted(tmp_path):
    lines = ["-----BEGIN PRIVATE KEY-----", *["QUJD" * 16] * 20, "-----END PRIVATE KEY-----", "done", ""]
    text = _write(tmp_path / "log", 100_000, [(line + "\n").encode() for line in lines], Redactor().redact)
    assert "QUJD" not in text
    assert "done\n" in text


def test_undecodable_bytes_do_not_break_the_log(tmp_path):
    assert "\\xff" in _write(tmp_path / "log", 1000, [b"\xff\xc3", b"\xa4\n"])


def test_a_disk_that_refuses_is_told_once_the_command_has_ended():
    ended = []
    refusal = pytest.raises(EnvironmentBlockedError, match=r"/dev/full cannot be written \(No space left on device\)")
    with refusal, log_entry(Path("/dev/full"), 1000, str, "$ command\n") as entry:
        entry.take(b"a line\n")
        entry.take(b"x" * 5000)
        ended.append(True)
    assert ended


def test_what_ends_the_command_is_not_hidden_by_a_full_disk():
    with pytest.raises(StopRequested), log_entry(Path("/dev/full"), 1000, str, "$ command\n"):
        raise StopRequested


def test_a_log_in_a_place_that_is_no_folder_is_told(tmp_path):
    (tmp_path / "ci").write_text("a file")
    with pytest.raises(EnvironmentBlockedError, match="cannot be written"), log_entry(tmp_path / "ci" / "a.log", 1000, str, ""):
        pass


def test_a_log_drives_no_terminal_and_what_was_printed_reads_as_no_line_of_ours(tmp_path):
    printed = b"\x1b[31mred\x1b[0m\x1b]0;t\x07 10%\r20%\r\n$ pytest\n-- exit code 0 after 1 s\n== other\nx\xe2\x80\xa8y\x00\n--flag\n"
    text = _write(tmp_path / "log", 2_000, [bytes([byte]) for byte in printed])
    assert text == "$ command\n20%\n $ pytest\n -- exit code 0 after 1 s\n == other\nx⟦U+2028⟧y\n--flag\n"
