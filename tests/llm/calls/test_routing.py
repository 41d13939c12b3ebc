from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autopack.core.call import Role
from autopack.core.errors import InvalidInputError, ProviderBlockedError, UsageError
from autopack.core.settings import ModelsSettings
from autopack.llm.calls.routing import chain
from tests.support.asking import key, provider

SHIPPED = ModelsSettings.model_validate(YAML(typ="safe").load(Path("config/models.yaml").read_text(encoding="utf-8")))
BOTH = (key("anthropic"), key("openai"))
MADE_UP = ModelsSettings(
    providers=(provider("a", "anthropic"), provider("b", "openai-chat", models={"org/big": {}, "m-1": {}})),
    aliases={"best": "a/m-1", "second": "b/org/big", "top": "best", "round": "about", "about": "round"},
    builder={"low": ("second",), "medium": ("best", "second", "a/m-1"), "high": ("best",)},
    auditor=("best", "second"),
)


def names(routes) -> list[str]:
    return [route.name for route in routes]


@pytest.mark.parametrize("complexity", ["low", "medium", "high"])
def test_the_shipped_chains_go_from_anthropic_to_openai(complexity):
    assert [route.provider.name for route in chain(SHIPPED, BOTH, Role.BUILDER, complexity)] == ["anthropic", "openai"]


@pytest.mark.parametrize("keys", [BOTH, (key("anthropic"),), (key("openai"),)])
@pytest.mark.parametrize("complexity", ["low", "medium", "high"])
def test_the_shipped_auditor_is_another_model_than_the_builder(keys, complexity):
    builder = chain(SHIPPED, keys, Role.BUILDER, complexity)[0]
    assert chain(SHIPPED, keys, Role.AUDITOR, complexity)[0].name != builder.name


def test_every_shipped_name_is_a_model_whose_limits_are_known():
    for name in (*SHIPPED.aliases, *SHIPPED.auditor, *(one for of in SHIPPED.builder.values() for one in of)):
        [route] = chain(SHIPPED, BOTH, Role.BUILDER, "low", name)
        assert route.model in route.provider.models


def test_providers_without_a_key_are_left_out():
    assert names(chain(MADE_UP, (key("b"),), Role.BUILDER, "medium")) == ["b/org/big"]


def test_a_model_named_twice_is_asked_once():
    assert names(chain(MADE_UP, (key("a"), key("b")), Role.BUILDER, "medium")) == ["a/m-1", "b/org/big"]


def test_without_any_key_the_sentence_names_the_variables():
    with pytest.raises(ProviderBlockedError, match=r"A_KEY \(for a\) or B_KEY \(for b\)"):
        chain(MADE_UP, (), Role.BUILDER, "medium")


def test_a_builders_only_model_audits_itself_where_there_is_no_other():
    assert names(chain(MADE_UP, (key("a"),), Role.AUDITOR, "high")) == ["a/m-1"]


def test_the_auditor_prefers_a_model_that_did_not_build():
    assert names(chain(MADE_UP, (key("a"), key("b")), Role.AUDITOR, "high")) == ["b/org/big", "a/m-1"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [("best", "a/m-1"), ("top", "a/m-1"), ("b/org/big", "b/org/big"), ("org/big", "b/org/big"), ("a/other", "a/other")],
)
def test_a_model_is_given_as_an_alias_an_id_or_with_its_provider(given, expected):
    for role in Role:
        assert names(chain(MADE_UP, (key("a"), key("b")), role, "low", given)) == [expected]


@pytest.mark.parametrize("given", ["bset", "m-1", "round", "c/m", "a/", ""])
def test_a_model_that_is_none_or_could_be_two_is_asked_back(given):
    with pytest.raises(UsageError, match="no such model"):
        chain(MADE_UP, (key("a"), key("b")), Role.BUILDER, "low", given)


def test_a_slip_of_the_pen_is_answered_with_the_nearest_name():
    with pytest.raises(UsageError, match="did you mean 'best'"):
        chain(MADE_UP, (key("a"),), Role.BUILDER, "low", "bset")


def test_a_chain_that_names_no_model_is_an_error_of_the_file():
    broken = MADE_UP.model_copy(update={"builder": {"low": ("nowhere",)}})
    with pytest.raises(InvalidInputError, match=r"models\.yaml: a chain names 'nowhere'"):
        chain(broken, (key("a"),), Role.BUILDER, "low")
