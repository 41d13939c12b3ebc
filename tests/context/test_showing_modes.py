import pytest

from autopack.context.showing import safe_mode, wanted_mode
from tests.support.text_tree import phase_of


@pytest.mark.parametrize(
    ("lines", "mode"), [(0, "full_file"), (500, "full_file"), (501, "diff"), (1000, "diff"), (1001, "structured_edit")]
)
def test_the_size_decides(lines, mode):
    assert wanted_mode(phase_of("a.py"), None, 1, lines) == mode


@pytest.mark.parametrize("mode", ["full_file", "diff", "structured_edit"])
def test_the_plan_may_force_a_mode(mode):
    assert wanted_mode(phase_of("a.py", builder_mode=mode), None, 40, 700) == mode


def test_thirty_files_ask_for_structured_edits_in_all():
    assert wanted_mode(phase_of("src/"), None, 29, 10) == "full_file"
    assert wanted_mode(phase_of("src/"), None, 30, 10) == "structured_edit"


def test_earlier_failures_outrank_the_plan():
    assert wanted_mode(phase_of("a.py", builder_mode="full_file"), "structured_edit", 1, 10) == "structured_edit"


def test_failures_never_force_a_large_file_to_be_written_whole():
    assert wanted_mode(phase_of("a.py"), "full_file", 1, 501) == "structured_edit"


def test_what_is_not_seen_whole_is_never_rewritten_whole():
    assert safe_mode("full_file", is_whole=False, is_literal=True) == "structured_edit"
    assert safe_mode("diff", is_whole=False, is_literal=True) == "structured_edit"
    assert safe_mode("full_file", is_whole=True, is_literal=False) == "structured_edit"
    assert safe_mode("diff", is_whole=True, is_literal=False) == "diff"
