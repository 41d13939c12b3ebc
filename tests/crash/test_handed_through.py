"""AUTOPACK_TEST_PASS hands the shim's variables to commands; nothing but the shell that starts Autopack can set it."""

import pytest

from autopack.checks.commands.environment import EnvironmentSources, build_environment
from autopack.core.errors import InvalidInputError
from autopack.settings.environment import environment_layer

INHERITED = {
    "PATH": "/bin",
    "LD_PRELOAD": "/x.so",
    "CRASH_CONTROL": "/c",
    "VENDOR_KEY": "k",
    "AUTOPACK_TEST_PASS": "LD_PRELOAD,CRASH_CONTROL,VENDOR_KEY,GONE",
}


def built(inherited, **given):
    return build_environment(EnvironmentSources(inherited, "r", frozenset({"VENDOR_KEY"})), **given)


def test_named_variables_reach_commands_and_no_provider_key_does():
    made = built(INHERITED)
    assert (made["LD_PRELOAD"], made["CRASH_CONTROL"]) == ("/x.so", "/c")
    assert not {"VENDOR_KEY", "GONE", "AUTOPACK_TEST_PASS"} & made.keys()


def test_without_it_nothing_of_the_kind_reaches_a_command():
    inherited = {name: value for name, value in INHERITED.items() if name != "AUTOPACK_TEST_PASS"}
    assert "LD_PRELOAD" not in built(inherited)


def test_a_plan_cannot_set_it():
    with pytest.raises(InvalidInputError, match="AUTOPACK_"):
        built({"PATH": "/bin", "LD_PRELOAD": "/x.so"}, env={"AUTOPACK_TEST_PASS": "LD_PRELOAD"})
    with pytest.raises(InvalidInputError, match="AUTOPACK_"):
        built(INHERITED, env_from=("AUTOPACK_TEST_PASS",))


def test_it_is_no_setting():
    problems = []
    environment_layer({"AUTOPACK_TEST_PASS": "LD_PRELOAD"}, problems)
    assert problems == []
