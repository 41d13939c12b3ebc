from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autopack.core.call import Role
from autopack.core.errors import InvalidInputError, ProviderBlockedError, UsageError
from autopack.core.models_settings import ModelsSettings
from autopack.core.routing_settings import FallbackStrategy, ProviderQuota, RoutingPolicy
from autopack.llm.calls import routing
from autopack.llm.calls.routing import Asked
from tests.support.asking import key, provider

SHIPPED = ModelsSettings.model_validate(YAML(typ="safe").load(Path("config/models.yaml").read_text(encoding="utf-8")))
BOTH = (key("anthropic"), key("openai"))
MADE_UP = ModelsSettings(
    providers=(provider("a", "anthropic"), provider("b", "openai-chat", models={"org/big": {}, "m-1": {}})),
    aliases={"best": "a/m-1", "second": "b/org/big", "top": "best", "round": "about", "about": "round"},
    builder={"low": ("second",), "medium": ("best", "second", "a/m-1"), "high": ("best",)},
    auditor=("best", "second"),
)


def chain(settings, keys, role, complexity, override=None, **asked):
    return routing.chain(settings, keys, Asked(role, complexity, **asked), override)


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


def test_a_policy_comes_before_the_lists():
    assert names(chain(SHIPPED, BOTH, Role.BUILDER, "low", category="docs"))[:2] == ["anthropic/claude-haiku-5-5", "openai/gpt-6-luna"]
    assert names(chain(SHIPPED, BOTH, Role.BUILDER, "low", category="security-auth-change"))[0] == "anthropic/claude-opus-5-5"
    assert names(chain(SHIPPED, BOTH, Role.AUDITOR, "low", category="security_auth_change"))[0] == "anthropic/claude-opus-5-5"
    assert names(chain(SHIPPED, BOTH, Role.BUILDER, "low", "sonnet", category="docs")) == ["anthropic/claude-sonnet-5-5"]


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("docs", [("anthropic/claude-haiku-5-5", 3), ("anthropic/claude-sonnet-5-5", None)]),
        ("security_auth_change", [("anthropic/claude-opus-5-5", None)]),
        ("core_backend_high", [("anthropic/claude-sonnet-5-5", 2), ("anthropic/claude-opus-5-5", None)]),
        ("feature", [("anthropic/claude-sonnet-5-5", None), ("anthropic/claude-opus-5-5", None)]),
    ],
)
def test_a_policy_says_who_builds_after_whom(category, expected):
    assert [(rung.model, rung.after) for rung in routing.ladder(SHIPPED, BOTH, "low", category)] == expected


def test_the_auditor_escalates_with_the_attempts():
    policy = RoutingPolicy(strategy="progressive", auditor_primary="luna", escalate_to={"auditor": "opus", "after_attempts": 2})
    settings = SHIPPED.model_copy(update={"llm_routing_policies": {"core": policy}})
    first = [chain(settings, BOTH, Role.AUDITOR, "low", category="core", failed=failed)[0].model for failed in (0, 1, 2, 3)]
    assert first == ["gpt-6-luna", "gpt-6-luna", "claude-opus-5-5", "claude-opus-5-5"]


def test_who_stands_in_is_said_by_the_model_and_may_be_forbidden_for_a_category():
    strategy = FallbackStrategy(default_fallbacks={"best": ("third",)}, by_category={"secret": (), "open": ("second",)})
    settings = MADE_UP.model_copy(update={"fallback_strategy": strategy, "aliases": {**MADE_UP.aliases, "third": "a/third"}})
    keys = (key("a"), key("b"))
    assert names(chain(settings, keys, Role.BUILDER, "high")) == ["a/m-1", "a/third"]
    assert names(routing.chain_from(settings, keys, Asked(Role.BUILDER, "low"), "a/m-1")) == ["a/m-1", "a/third", "b/org/big"]
    assert names(chain(settings, keys, Role.BUILDER, "medium", category="secret")) == ["a/m-1"]
    assert names(chain(settings, keys, Role.AUDITOR, "high", category="secret")) == ["b/org/big"]
    assert names(chain(settings, keys, Role.BUILDER, "medium", category="open")) == ["a/m-1", "b/org/big"]


def test_above_the_soft_limit_the_others_come_first_and_at_the_cap_nobody_of_it():
    routes = chain(MADE_UP, (key("a"), key("b")), Role.BUILDER, "medium")
    quotas = {"a": ProviderQuota(weekly_token_cap=100)}
    assert names(routing.by_quota(routes, quotas, {"a": 79})) == ["a/m-1", "b/org/big"]
    assert names(routing.by_quota(routes, quotas, {"a": 80})) == ["b/org/big", "a/m-1"]
    assert names(routing.by_quota(routes, quotas, {"a": 100, "b": 9_999})) == ["b/org/big"]


def test_a_second_auditor_is_another_model():
    asked = Asked(Role.AUDITOR, "low", "security_auth_change")
    assert routing.second_auditor(SHIPPED, BOTH, asked, "anthropic/claude-opus-5-5")[0].name == "openai/gpt-6-sol"
    assert routing.second_auditor(SHIPPED, (key("anthropic"),), asked, "anthropic/claude-opus-5-5")[0].name == "anthropic/claude-sonnet-5-5"
    assert routing.second_auditor(MADE_UP, (key("a"),), asked, "a/m-1") == ()
