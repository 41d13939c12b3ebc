"""How far a change is from its goal, on a scale whose line is 0.7 for every measured model."""

import pytest

from autopack.core.goal_drift import DRIFT_LINE
from autopack.core.memory_settings import GoalDriftSettings
from autopack.memory.embeddings import Source, unit
from autopack.memory.goal_drift import change_text, drift_of, scaled, why_unjudged
from autopack.memory.measured import MEASURED
from autopack.memory.vector_store import Stores
from autopack.memory.vectors import Vectors

MINILM = next(iter(MEASURED))
PLACES = {"login": (1, 0), "the change": (1, 0.1), "weather": (0, 1), "another": (-1, 0)}


class Looked:
    """A model that knows four texts."""

    def __init__(self, model):
        self.model = model

    def embed(self, texts):
        return [unit(PLACES[text]) for text in texts]


def judged(*asked, model=MINILM, **settings):
    return drift_of(asked, "the change", Vectors(Looked(model), Stores.__new__(Stores), 1_000), GoalDriftSettings(**settings))


def test_the_line_of_a_measured_model_is_the_default_threshold():
    line = MEASURED[MINILM].drift
    assert scaled(line, MINILM) == pytest.approx(DRIFT_LINE)
    assert (scaled(0.0, MINILM), scaled(-0.5, MINILM), scaled(1.0, MINILM)) == (0.0, 0.0, 1.0)
    assert scaled(line / 2, MINILM) == pytest.approx(DRIFT_LINE / 2)


def test_the_nearer_of_goal_and_task_counts():
    assert not judged("login").is_far
    assert not judged("weather", "login").is_far
    assert judged("weather", "another").is_far


def test_a_model_without_a_line_judges_by_a_threshold_of_its_user_s_alone():
    assert judged("login", model="corp/e-1") is None
    assert judged("weather", model="corp/e-1", threshold=0.5).alike == 0.1
    assert scaled(0.55, "corp/e-1") == pytest.approx(0.55)


def test_of_the_change_speak_summary_paths_and_the_lines_that_left_and_came():
    text = change_text("Add b.\n", {"a.py": "one\ntwo\n", "gone.py": "old\n"}, {"a.py": "one\nthree\n", "gone.py": None, "b.py": "new\n"})
    assert text == "Add b.\na.py gone.py b.py\n-two\n+three\n-old\n+new"


def test_why_nothing_is_judged_is_said_only_where_it_is_wanted():
    missing = Source(why="there is no model")
    assert why_unjudged(missing, GoalDriftSettings()) == "Goal drift is not judged, it is unavailable: there is no model."
    assert why_unjudged(missing, GoalDriftSettings(enabled=False)) is None
