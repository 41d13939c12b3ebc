import copy

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopack.core.plan import Plan
from autopack.planning.descriptions import DESCRIPTIONS
from autopack.planning.schema import plan_schema
from autopack.settings.node import plain
from autopack.settings.yaml_text import read_yaml
from tests.support.plans import FULL, faults, reading

SCHEMA = plan_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
EXAMPLE = plain(read_yaml(FULL, "full", []))
SMALL = {"version": 1, "goal": "g", "phases": [{"id": "a", "description": "d", "scope": {"paths": ["x"]}, "ci": {"command": "x"}}]}


def both(document):
    """Whether the loader and the schema take it."""
    import json

    return reading(json.dumps(document)).plan is not None, VALIDATOR.is_valid(document)


def changed(path, value, document=SMALL):
    found = copy.deepcopy(document)
    place = found
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return found


PHASE = ("phases", 0)
CI = (*PHASE, "ci")


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("document", [EXAMPLE, SMALL])
def test_the_examples_are_valid(document):
    assert both(document) == (True, True)


@pytest.mark.parametrize(
    "document",
    [
        changed((*CI,), {"skip": True, "reason": "r"}),
        changed(("workspace",), {"setup": "npm ci", "link": ".venv"}),
        changed(("workspace",), {"setup": ["npm ci", {"command": ["a"]}], "link": [".venv", {"path": "x"}]}),
        changed((*PHASE, "derive"), [{"command": "c", "when": "a", "writes": "b"}]),
        changed(("defaults",), {"scope": {"paths": ["a"]}, "ci": {"command": "x"}}, changed(PHASE, {"id": "a", "description": "d"})),
        changed(("defaults",), {"ci": {"command": "x"}}, changed((*CI,), {"timeout_s": 5})),
        changed(("defaults",), {"ci": {"reason": "r"}}, changed((*CI,), {"skip": True})),
        changed(("defaults",), None),
        changed((*CI,), {"command": ["a", "b"], "timeout_s": 1.5, "idle_timeout_s": None, "tests": "none", "results": {"format": "tap"}}),
    ],
)
def test_short_forms_and_defaults_are_valid_for_both(document):
    assert both(document) == (True, True)


@pytest.mark.parametrize(
    "document",
    [
        changed(("version",), 2),
        changed(("version",), ...),
        changed(("goal",), ...),
        changed(("goal",), " "),
        changed(("phases",), []),
        changed(("phases",), {}),
        changed(("gaol",), "x"),
        changed(("budget",), {"max_usd": -1}),
        changed(("defaults",), {"id": "x"}),
        changed(("defaults",), {"gate": "never"}),
        changed(("project",), "a..b"),
        changed((*PHASE, "id"), "A"),
        changed((*PHASE, "id"), "a.lock"),
        changed((*PHASE, "description"), ...),
        changed((*PHASE, "scope"), ...),
        changed((*PHASE, "scope"), {"paths": []}),
        changed((*PHASE, "scope"), {"paths": ["/x"]}),
        changed((*PHASE, "scope"), {"paths": ["a/../b"]}),
        changed((*PHASE, "scope"), {"paths": ["!a"]}),
        changed((*PHASE, "scope"), {"paths": "x"}),
        changed((*PHASE, "depends_on"), "b"),
        changed((*PHASE, "max_attempts"), 0),
        changed((*PHASE, "max_attempts"), "3"),
        changed((*CI,), ...),
        changed((*CI,), None),
        changed((*CI,), {}),
        changed((*CI,), {"skip": True}),
        changed((*CI,), {"command": "x", "steps": []}),
        changed((*CI,), {"steps": [], "timeout_s": 5}),
        changed((*CI,), {"steps": ["x"]}),
        changed((*CI,), {"command": []}),
        changed((*CI,), {"command": "x", "env": {"A": 1}}),
        changed((*CI,), {"commandd": "x"}),
        changed((*PHASE, "derive"), [{"command": "c", "when": "a"}]),
    ],
)
def test_what_the_loader_refuses_an_editor_underlines(document):
    assert both(document) == (False, False)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_the_loader_takes_the_schema_takes(data):
    """Values at random places of the example, of every kind."""
    path = data.draw(st.sampled_from(list(_paths(EXAMPLE))))
    value = data.draw(
        st.sampled_from(
            [..., None, True, 0, 1, 5.5, "", "x", "a/b", "changed", [], ["x"], {}, {"command": "x"}, {"paths": ["a"]}, {"skip": True}]
        )
    )
    by_loader, by_schema = both(changed(path, value, EXAMPLE))
    assert by_schema or not by_loader


def _paths(document, path=()):
    for key in document if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ():
        yield (*path, key)
        yield from _paths(document[key], (*path, key))


def test_every_key_is_described():
    known = {name: set(part["properties"]) for name, part in Plan.model_json_schema()["$defs"].items()}
    known["Plan"] = {*Plan.model_fields, "defaults"}
    assert {name: set(texts) for name, texts in DESCRIPTIONS.items()} == known


def test_every_key_of_an_object_is_closed_and_described_in_the_schema():
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert part["additionalProperties"] is False
        assert all("description" in one or "$ref" in one for one in part["properties"].values())


def test_the_faults_helper_counts_lines():
    assert faults("version: 1\ngoal: g\nphases: []\n") == ["3: `phases` must not be empty."]
