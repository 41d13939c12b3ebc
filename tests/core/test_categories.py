import pytest

from autopack.core.categories import high_risk_name, is_same
from autopack.core.routing_settings import RoutingPolicy, policy_of

OPUS = RoutingPolicy(strategy="best_first", builder_primary="opus")


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("security_auth_change", "security_auth_change"),
        ("external_feature_reuse", "external_feature_reuse"),
        ("external-feature-reuse-remote", "external_feature_reuse"),
        ("schema_contract_change_destructive", "schema_contract_change"),
        ("schema_contract_changes", None),
        ("docs", None),
    ],
)
def test_high_risk_is_known_with_and_without_its_ending(category, name):
    assert high_risk_name(category) == name


@pytest.mark.parametrize(
    ("named", "category", "is_found"),
    [
        ("schema_contract_change_destructive", "schema_contract_change", True),
        ("external_feature_reuse", "external_feature_reuse_remote", True),
        ("core_backend_high", "core-backend-high", True),
        ("docs", "docs_high", False),
    ],
)
def test_a_policy_is_found_by_what_its_category_means(named, category, is_found):
    assert (policy_of({named: OPUS}, category) == OPUS) is is_found
    assert is_same(named, category) is is_found


def test_the_exact_name_comes_first():
    other = RoutingPolicy(strategy="best_first", builder_primary="sonnet")
    policies = {"schema_contract_change_destructive": OPUS, "schema_contract_change": other}
    assert policy_of(policies, "schema_contract_change") == other
    assert policy_of(policies, "schema_contract_change_destructive") == OPUS


def test_the_best_first_escalates_nowhere():
    with pytest.raises(ValueError, match="take escalate_to out"):
        RoutingPolicy(strategy="best_first", escalate_to={"builder": "opus"})
