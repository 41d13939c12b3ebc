"""The README's recording shows what the commands print today."""

import re
import shutil

import pytest

from tests.docs.recording import PICTURE, drawn, record, text_of
from tests.support.examples import masked
from tests.support.start import ROOT

pytestmark = pytest.mark.end_to_end


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_recording_is_what_the_commands_print_today(tmp_path):
    today = drawn(record(tmp_path))
    assert masked(text_of(PICTURE.read_text("utf-8"))) == masked(text_of(today)), "`make recording` makes it anew"


def test_the_picture_asks_nobody_and_stands_in_the_readme():
    picture = PICTURE.read_text("utf-8")
    assert re.findall(r"(?:url\(|href=.)(?!.?#)https?:[^)\"']*", picture) == []
    assert "(docs/images/quick_start.svg)" in (ROOT / "README.md").read_text("utf-8")
