from dataclasses import replace
from pathlib import Path

import pytest

from autopack.checks.commands.environment import FIXED, OWN_PLACES, EnvironmentSources, build_environment, environment_sha256
from autopack.core.errors import EnvironmentBlockedError, InvalidInputError

SHELL = {
    "PATH": "/usr/bin",
    "HOME": "/home/ü",
    "LC_ALL": "de_DE.UTF-8",
    "ANTHROPIC_API_KEY": "sk-1",
    "AWS_SECRET_ACCESS_KEY": "aws",
    "GITHUB_TOKEN": "gh",
    "PYTHONPATH": "/checkout/src",
    "GIT_DIR": "/checkout/.git",
    "AUTOPACK_DATABASE_URL": "postgres://u:p@h/db",
    "PIP_INDEX_URL": "https://mirror.example/simple",
    "PIP_EXTRA_INDEX_URL": "https://user:pass@private.example/simple",
    "UV_PUBLISH_TOKEN": "uvt",
    "NPM_CONFIG__AUTHTOKEN": "npmt",
    "HTTPS_PROXY": "http://proxy.example:8080",
    "JAVA_HOME": "/opt/java",
    "NPM_TOKEN": "npm-secret",
    "DATABASE_URL": "postgres://localhost/app",
}
AROUND = EnvironmentSources(SHELL, "run-1", frozenset({"ANTHROPIC_API_KEY", "CORP_KEY"}), home=Path("/run-1/home"))


def test_tools_are_found_and_no_key_is_handed_on():
    built = build_environment(AROUND, phase="add")
    assert set(built) == {"PATH", "HOME", "LC_ALL", "PIP_INDEX_URL", "HTTPS_PROXY", "JAVA_HOME", "AUTOPACK_RUN", "AUTOPACK_PHASE", *FIXED}
    assert (built["CI"], built["PYTHONUTF8"], built["AUTOPACK_RUN"], built["AUTOPACK_PHASE"]) == ("true", "1", "run-1", "add")


@pytest.mark.parametrize("name", ["NPM_CONFIG__AUTHTOKEN", "PIP_EXTRA_INDEX_URL", "UV_PUBLISH_TOKEN"])
def test_what_holds_a_credential_is_withheld_although_its_kind_is_handed_on(name):
    assert name in AROUND.inherited
    assert name not in build_environment(AROUND)


def test_a_name_is_opened_by_env_from():
    built = build_environment(AROUND, env_from=("NPM_TOKEN", "PIP_EXTRA_INDEX_URL"))
    assert built["NPM_TOKEN"] == "npm-secret"
    assert built["PIP_EXTRA_INDEX_URL"] == SHELL["PIP_EXTRA_INDEX_URL"]


def test_the_users_own_names_are_kept_but_never_a_providers_key():
    around = replace(AROUND, keep=("DATABASE_URL", "ANTHROPIC_API_KEY"))
    built = build_environment(around)
    assert "DATABASE_URL" in built
    assert "ANTHROPIC_API_KEY" not in built


@pytest.mark.parametrize("name", sorted(OWN_PLACES - {"HOME"}))
def test_where_the_users_tools_keep_their_things_is_not_where_a_runs_do(name):
    around = replace(AROUND, inherited={**SHELL, name: "/home/ü/x"})
    assert name not in build_environment(around)
    assert build_environment(around)["HOME"] == "/run-1/home"
    assert build_environment(replace(around, keep=(name,)))[name] == "/home/ü/x", "unless the user's own configuration says so"
    own = build_environment(replace(around, home=None))
    assert (own[name], own["HOME"]) == ("/home/ü/x", "/home/ü"), "a command of the user's own has the user's"


def test_a_providers_key_is_refused_in_env_from():
    with pytest.raises(InvalidInputError, match="'CORP_KEY' is a key of a model provider"):
        build_environment(AROUND, env_from=("CORP_KEY",))


def test_a_variable_that_is_not_set_is_a_sentence():
    with pytest.raises(EnvironmentBlockedError, match="'NO_SUCH', which is not set"):
        build_environment(AROUND, env_from=("NO_SUCH",))


@pytest.mark.parametrize("name", ["AUTOPACK_OUT", "A-B", "", "1A", "A=B"])
def test_names_that_are_none_or_autopacks_own_are_refused(name):
    with pytest.raises(InvalidInputError):
        build_environment(AROUND, env={name: "x"})


def test_literal_values_win_and_the_order_is_fixed():
    built = build_environment(AROUND, env={"CI": "false", "PATH": "/opt/bin", "ZED": "1"})
    assert (built["CI"], built["PATH"]) == ("false", "/opt/bin")
    assert list(built) == sorted(built)


def test_the_fingerprint_leaves_out_what_differs_from_step_to_step():
    one = build_environment(AROUND, phase="a")
    other = build_environment(EnvironmentSources(SHELL, "run-2", home=Path("/run-2/home")), phase="b") | {"AUTOPACK_OUT": "/out/x"}
    assert environment_sha256(one) == environment_sha256(other)
    assert environment_sha256(one) != environment_sha256(one | {"MODE": "2"})
    assert environment_sha256({"A": "b", "C": "d"}) == environment_sha256({"C": "d", "A": "b"})
