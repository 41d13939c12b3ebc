import os

from autopack.settings.environment import environment_layer, process_environment, variable_of
from autopack.settings.node import plain


def layer(**variables):
    problems = []
    return plain(environment_layer(variables, problems)), [str(problem) for problem in problems]


def test_variables_name_settings_level_by_level():
    found = layer(
        AUTOPACK_GIT__BRANCH="bots/{run}",
        AUTOPACK_MODELS__TIMEOUTS__IDLE_S="60",
        AUTOPACK_MAX_USD="2.5",
        AUTOPACK_MODELS__AUDITOR="[opus, sol]",
    )
    assert found == (
        {"git": {"branch": "bots/{run}"}, "models": {"timeouts": {"idle_s": 60}, "auditor": ["opus", "sol"]}, "max_usd": 2.5},
        [],
    )


def test_text_settings_take_their_text_as_it_is():
    assert layer(AUTOPACK_GIT__SUBJECT="[x]: yes")[0] == {"git": {"subject": "[x]: yes"}}
    assert layer(AUTOPACK_WORKSPACE__DIR="123")[0] == {"workspace": {"dir": "123"}}
    assert layer(AUTOPACK_MODELS__ALIASES__SELF="a/1")[0] == {"models": {"aliases": {"self": "a/1"}}}


def test_what_names_no_setting_is_a_fault_with_the_nearest():
    assert layer(AUTOPACK_GIT__BRANHC="x")[1] == ["AUTOPACK_GIT__BRANHC: no setting has this name; did you mean `AUTOPACK_GIT__BRANCH`?"]
    assert "nothing lies below it" in layer(AUTOPACK_GIT__BRANCH__X="x")[1][0]


def test_variables_of_other_uses_set_nothing():
    assert layer(AUTOPACK_DATABASE_URL="x", AUTOPACK_RUN="x", AUTOPACK_PHASE="x", AUTOPACK_OUT="x", OTHER="x", AUTOPACK_MAX_USD="") == (
        {},
        [],
    )


def test_a_value_that_cannot_be_read_is_a_fault():
    assert layer(AUTOPACK_MODELS__AUDITOR="[a")[1][0].startswith("AUTOPACK_MODELS__AUDITOR: this is not YAML")


def test_a_variable_is_spelled_from_its_path():
    assert variable_of(("models", "timeouts", "idle_s")) == "AUTOPACK_MODELS__TIMEOUTS__IDLE_S"


def test_the_environment_is_a_copy():
    assert process_environment() == dict(os.environ)
    assert process_environment() is not os.environ
