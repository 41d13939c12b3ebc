import subprocess

import pytest

from autopack.review.diff_text import bounded_diff


def file_diff(path, lines):
    return f"diff --git a/{path} b/{path}\nindex 1..2 100644\n--- a/{path}\n+++ b/{path}\n@@ -1,0 +1,{lines} @@\n" + "".join(
        f"+line {n} of {path}\n" for n in range(lines)
    )


def test_a_diff_that_fits_is_shown_as_it_is_without_the_ids_of_blobs_and_with_its_names_once():
    diff = file_diff("a.py", 5) + file_diff("b.py", 5)
    lean = diff.replace("index 1..2 100644\n", "").replace("diff --git a/a.py b/a.py\n", "").replace("diff --git a/b.py b/b.py\n", "")
    assert bounded_diff(diff, 10_000) == lean


@pytest.mark.parametrize(
    "more", ["new mode 100755\n", "similarity index 100%\nrename from a.py\nrename to b.py\n", "Binary files differ\n"]
)
def test_a_head_that_alone_has_the_names_or_more_than_them_is_shown(more):
    diff = f"diff --git a/a.py b/b.py\n{more}"
    assert bounded_diff(diff, 10_000) == diff


def test_a_line_of_a_file_that_reads_like_an_id_of_a_blob_is_shown():
    diff = file_diff("a.py", 1) + "+index 1..2 100644\n index 3..4\n"
    assert bounded_diff(diff, 10_000).endswith("+index 1..2 100644\n index 3..4\n")


def test_lock_files_are_counted_and_not_shown():
    text = bounded_diff(file_diff("web/package-lock.json", 300) + file_diff("a.py", 2), 10_000)
    assert "[web/package-lock.json is written by a tool: +300 -0 lines, not shown]" in text
    assert "line 7 of web" not in text
    assert "+line 1 of a.py" in text


def test_a_huge_file_does_not_crowd_out_the_small_ones():
    text = bounded_diff(file_diff("big.py", 100_000) + file_diff("small.py", 3), 5_000)
    assert "+line 2 of small.py" in text
    assert len(text) < 5_300
    shown = text.count(" of big.py\n")
    assert f"[Cut here: {100_000 - shown:,} more lines of the diff of big.py are not shown]" in text


def test_files_that_do_not_fit_at_all_are_counted():
    text = bounded_diff("".join(file_diff(f"m{n}.py", 200) for n in range(100)), 5_000)
    assert len(text) < 5_200
    assert "more files do not fit and are not shown" in text


def test_real_diffs_of_odd_names_and_kinds_are_told_apart(tmp_path):
    def git(*words):
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q")
    for name in ("gone.py", "moved.py", "uv.lock"):
        (tmp_path / name).write_text(f"one\ntwo\n{name}\n")
    git("add", ".")
    git("commit", "-qm", "x")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "moved.py").rename(tmp_path / "with space ü.py")
    (tmp_path / "uv.lock").write_text("four\n")
    (tmp_path / "blob.bin").write_bytes(b"\0\1")
    git("add", "-A")
    diff = git("diff", "--cached", "-M")
    text = bounded_diff(diff, 10_000)
    assert text.count("diff --git ") == 4
    assert "[uv.lock is written by a tool: +1 -3 lines, not shown]" in text
    assert "-two" in text
    assert "Binary files" in text
    assert "rename from moved.py" in text


def test_no_diff_is_no_text():
    assert bounded_diff("", 100) == ""
