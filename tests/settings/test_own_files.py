import os

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.settings.own_files import RECORDS, hide_from_git, judge_way, make_own_folder, open_own


def put(path, text):
    with os.fdopen(open_own(path, os.O_APPEND), "w") as file:
        file.write(text)


def test_folders_are_made_and_a_file_is_appended_to(tmp_path):
    log = tmp_path / RECORDS / "r" / "ci" / "one.log"
    put(log, "a")
    put(log, "b")
    assert log.read_text() == "ab"


@pytest.mark.parametrize("link", [RECORDS, f"{RECORDS}/r", f"{RECORDS}/r/ci", f"{RECORDS}/r/ci/one.log"])
@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_link_anywhere_on_the_way_is_named_and_not_followed(tmp_path, link, target):
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / link
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / target)
    log = tmp_path / RECORDS / "r" / "ci" / "one.log"
    for refused in (lambda: put(log, "x"), lambda: judge_way(log)):
        with pytest.raises(EnvironmentBlockedError, match=f"{path} is a link"):
            refused()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


def test_a_link_above_the_first_folder_of_our_own_is_the_users(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "repo").symlink_to(tmp_path / "real")
    put(tmp_path / "repo" / RECORDS / "r" / "x", "kept")
    assert (tmp_path / "real" / RECORDS / "r" / "x").read_text() == "kept"


def test_records_are_hidden_from_git_once_and_what_stands_there_is_kept(tmp_path):
    hide_from_git(tmp_path / RECORDS)
    assert (tmp_path / RECORDS / ".gitignore").read_text() == "*\n"
    (tmp_path / RECORDS / ".gitignore").write_text("mine")
    hide_from_git(tmp_path / RECORDS)
    assert (tmp_path / RECORDS / ".gitignore").read_text() == "mine"


def test_no_descriptor_stays_open(tmp_path):
    (tmp_path / RECORDS).symlink_to(tmp_path)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH208, PTH112
    for _ in range(3):
        with pytest.raises(EnvironmentBlockedError):
            put(tmp_path / RECORDS / "r" / "x", "x")
    os.close(make_own_folder(tmp_path / ".autopack"))
    assert before == (len(os.listdir("/proc/self/fd")) if before else 0)  # noqa: PTH208
