import pytest

from autopack.core.errors import InvalidInputError
from autopack.planning.markdown.task_master import pieces_of_tasks, tasks_of
from autopack.settings.node import node_of

TASK = {
    "id": 2,
    "title": "Add login",
    "description": "d",
    "details": "In `src/a.js`.",
    "testStrategy": "- one\n- two",
    "dependencies": [1],
    "complexity": 7,
}


def tasks(document, tag=None):
    return tasks_of(node_of(document, "tasks.json"), tag)


def test_a_task_is_a_piece_with_its_order_strategy_and_open_subtasks():
    subtasks = [{"title": "x", "status": "done"}, {"title": "y", "description": "z"}]
    (piece,) = pieces_of_tasks(tasks({"tasks": [{**TASK, "subtasks": subtasks}]}))
    assert (piece.label, piece.title, piece.needs, piece.criteria) == ("2", "Add login", ("1",), ("one", "two"))
    assert piece.text == "Add login\n\nd\n\nIn `src/a.js`.\n\n- y: z"
    assert (piece.codes, piece.complexity, piece.is_done) == (("src/a.js",), "high", False)


@pytest.mark.parametrize(
    ("strategy", "criteria"),
    [
        (
            "Testing should include:\n1. Bad ids are refused\n2) **It runs**\n* 3 tests fail before",
            ("Bad ids are refused", "It runs", "3 tests fail before"),
        ),
        ("Look at:\n", ("Look at:",)),
        ("", ()),
    ],
)
def test_a_strategy_of_a_list_is_its_items(strategy, criteria):
    assert pieces_of_tasks(tasks({"tasks": [{**TASK, "testStrategy": strategy}]}))[0].criteria == criteria


@pytest.mark.parametrize(
    ("status", "is_done"), [("done", True), ("cancelled", True), ("deferred", True), ("pending", False), ("in-progress", False)]
)
def test_what_is_over_is_done(status, is_done):
    assert pieces_of_tasks(tasks({"tasks": [{**TASK, "status": status}]}))[0].is_done is is_done


def test_the_list_of_master_is_taken_or_the_one_that_is_named():
    tagged = {"master": {"tasks": [TASK]}, "other": {"tasks": [{**TASK, "id": 9}]}}
    assert pieces_of_tasks(tasks(tagged))[0].label == "2"
    assert pieces_of_tasks(tasks(tagged, "other"))[0].label == "9"
    with pytest.raises(InvalidInputError, match="the lists of tasks a, b; choose one with `--tag`"):
        tasks({"a": {"tasks": [TASK]}, "b": {"tasks": [TASK]}})
    assert tasks({"x": 1}) is None
