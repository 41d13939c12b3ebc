import pytest
from ruamel.yaml import YAML

from autopack.planning.offers import CAPS, OFFERS, PLACE_OF_TOOLS, TOOLS, offered
from autopack.planning.project_tests import ProjectTests
from autopack.settings.assets import assets
from tests.support.start import ROOT


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.option)
def test_without_anything_found_a_template_is_written_as_it_is_shipped(offer):
    assert offered(offer, None, None) == (assets("templates") / offer.template).read_text("utf-8")


def test_every_place_of_a_cap_is_there_and_is_filled():
    for offer in OFFERS:
        filled = offered(offer, None, 17)
        for place in CAPS.get(offer.template, ()):
            assert place.replace("5", "17") in filled
            assert place not in filled


@pytest.mark.parametrize("word", TOOLS)
def test_the_tools_of_a_check_become_steps_of_the_action(word):
    action = next(offer for offer in OFFERS if offer.option == "--github-action")
    assert PLACE_OF_TOOLS in offered(action, None, None)
    with_tools = offered(action, ProjectTests(word, "x", f"{word} test"), None)
    before, after = (YAML(typ="safe").load(text)["jobs"]["run"]["steps"] for text in (offered(action, None, None), with_tools))
    assert len(after) > len(before)
    assert PLACE_OF_TOOLS not in with_tools


def test_the_local_hooks_are_those_that_the_repository_offers_to_others():
    load = YAML(typ="safe").load
    (local,) = load((assets("templates") / "ci/pre-commit-config.yaml").read_text("utf-8"))["repos"]
    shared = load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert local["hooks"] == [{**hook, "language": "system"} for hook in shared]
