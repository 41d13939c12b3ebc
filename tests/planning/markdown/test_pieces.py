from autopack.planning.markdown.outline import outline_of
from autopack.planning.markdown.pieces import pieces_of


def pieces(text, unit="auto"):
    return pieces_of(outline_of(text), unit)


def told(text, unit="auto"):
    return [(piece.title, piece.line) for piece in pieces(text, unit)]


def test_numbered_headings_are_the_pieces_and_other_headings_are_not():
    text = "# Plan\n\n## Background\n\nx\n\n## Phase 1: Model\n\n- [ ] a\n\n### Detail\n\n## Phase 2 - View\n\n## Notes\n\n1. x\n"
    assert told(text) == [("Model", 7), ("View", 13)]


def test_else_the_items_of_check_lists_with_those_that_are_done_marked():
    text = "# T\n\n## Back\n- [ ] one `a.py`\n  more\n  - [ ] crit\n- [x] two\n\n## Notes\n- [ ] no\n"
    found = pieces(text)
    assert [(piece.title, piece.is_done) for piece in found] == [("one `a.py`", False), ("two", True)]
    assert found[0].text == "Part of: Back\n\none `a.py`\nmore"
    assert (found[0].criteria, found[0].codes) == (("crit",), ("a.py",))


def test_else_numbered_steps_else_headings():
    assert told("Intro\n\n1. one\n2. two\n") == [("one", 3), ("two", 4)]
    assert told("# T\n## Overview\nx\n## Add a\ny\n## Add b\nz\n") == [("Add a", 4), ("Add b", 6)]
    assert told("# T\n## A\n- [ ] x\n## B\n", "heading") == [("A", 2), ("B", 4)]
    assert told("just words\n") == []


def test_front_matter_comments_and_code_hold_no_pieces_and_lines_are_the_files():
    text = "---\ntitle: x\n---\n<!--\n## Phase 9: no\n-->\n```\n## Phase 8: no\n```\n## Phase 1: yes\n"
    assert outline_of(text).front == "title: x\n"
    assert told(text) == [("yes", 10)]


def test_labels_give_order_criteria_files_context_and_complexity():
    text = "## Step 1: A\n\n## Step 2: B\nDepends on: Step 1\n**Files**: `x.py`, y/z.py\nContext: `c.md`\nComplexity: high\nDone when:\n- it runs\n\nWords.\n"
    piece = pieces(text)[1]
    assert (piece.needs, piece.codes, piece.plain, piece.context) == (("step 1",), ("x.py",), ("y/z.py",), ("c.md",))
    assert (piece.complexity, piece.criteria, piece.text) == ("high", ("it runs",), "B\n\nWords.")


def test_ids_in_front_of_an_item_name_it_and_marks_of_spec_kit_are_understood():
    first, second, third = pieces("- [ ] T001 [P] [US1] Make `a.py`\n- [ ] `add-b`: Make b\n- [ ] #12 Fix c\n")
    assert (first.title, first.label, first.names[0], first.is_side_by_side) == ("Make `a.py`", "t001", "t001", True)
    assert (second.id, second.title) == ("add-b", "Make b")
    assert (third.label, third.names[0]) == ("12", "12")


def test_user_stories_stand_beside_each_other_and_polish_comes_last():
    text = "## Phase 1: Base\n\n## Phase 2: User Story 1 - A (Priority: P1)\n\n## Phase 3: User Story 2 - B\n\n## Phase N: Polish\n"
    found = pieces(text)
    assert [piece.after for piece in found] == ["before", "last_shared", "last_shared", "all"]
    assert found[1].title == "User Story 1 - A"
    assert {"us1", "story 1", "phase 2"} <= set(found[1].names)
