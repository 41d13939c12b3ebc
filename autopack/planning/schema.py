"""The JSON Schema of a plan file as people write it: made from the plan's types, with its short forms and what may be left out."""

from typing import Any, Final

from autopack.core.plan import Plan
from autopack.planning.descriptions import DESCRIPTIONS
from autopack.planning.draft import NOT_IN_DEFAULTS, STEP_KEYS

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PATTERN_ENTRY: Final = r"^(?![/~!\s])(?![A-Za-z]:[\\/])(?!.*\\)(?!(?:.*/)?\.\.(?:/|$)).*\S$"
TEXT_PLACES: Final = (("PhaseSpec", "description"), ("Plan", "goal"))
ENTRY_PLACES: Final = (("PhaseScope", "paths"), ("PhaseScope", "read_only_context"), ("PhaseScope", "may_add"), ("DeriveStep", "when"))


def plan_schema() -> Schema:
    """A schema of draft 2020-12. Whatever ``load_plan`` takes, it takes; order and uniqueness of phases it cannot see."""
    schema = Plan.model_json_schema()
    types: dict[str, Schema] = schema.pop("$defs")
    types["Plan"] = schema
    for name, known in types.items():
        _describe(name, known)
    _name_patterns(types)
    _short_forms(types)
    _optional_parts(types)
    head = types.pop("Plan")
    return {
        "$schema": DIALECT,
        "title": "Autopack plan, version 1",
        **head,
        "required": ["version", "goal", "phases"],
        "allOf": _from_phase_or_defaults(),
        "$defs": types,
    }


def _describe(name: str, known: Schema) -> None:
    known.pop("title", None)
    known.pop("description", None)
    for key, part in known["properties"].items():
        part.pop("title", None)
        part["description"] = DESCRIPTIONS[name][key]


def _name_patterns(types: dict[str, Schema]) -> None:
    for name, key in ENTRY_PLACES:
        types[name]["properties"][key]["items"]["pattern"] = PATTERN_ENTRY
    for name, key in TEXT_PLACES:
        types[name]["properties"][key]["pattern"] = r"\S"
    for part in (types["PhaseSpec"]["properties"]["id"], types["Plan"]["properties"]["project"]):
        part["not"] = {"pattern": r"\.\.|\.$|\.lock$"}


def _short_forms(types: dict[str, Schema]) -> None:
    workspace = types["Workspace"]["properties"]
    workspace["setup"] = _one_or_many(workspace["setup"], _text_or("SetupStep"))
    workspace["link"] = _one_or_many(workspace["link"], _text_or("Link"))
    derive = types["DeriveStep"]["properties"]
    derive["when"] = _one_or_many(derive["when"], derive["when"]["items"])
    derive["writes"]["anyOf"] = [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "pattern": PATTERN_ENTRY}},
    ]
    checks = types["Checks"]["properties"]
    for key in STEP_KEYS:
        checks[key] = types["CheckStep"]["properties"][key]
    types["Checks"]["if"] = {"required": ["steps"]}
    types["Checks"]["then"] = {"properties": dict.fromkeys(STEP_KEYS, False)}


def _text_or(name: str) -> Schema:
    return {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": f"#/$defs/{name}"}]}


def _one_or_many(part: Schema, item: Schema) -> Schema:
    return {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": item}], "description": part["description"]}


def _optional_parts(types: dict[str, Schema]) -> None:
    """What ``defaults`` may give is required of no phase by itself."""
    types["PhaseScope"].pop("required")
    types["PhaseSpec"]["required"] = ["id", "description"]
    shared = {key: part for key, part in types["PhaseSpec"]["properties"].items() if key not in NOT_IN_DEFAULTS}
    types["PhaseDefaults"] = {"type": "object", "additionalProperties": False, "properties": shared}
    head = types["Plan"]["properties"]
    described = DESCRIPTIONS["Plan"]["defaults"]
    head["defaults"] = {"anyOf": [{"$ref": "#/$defs/PhaseDefaults"}, {"type": "null"}], "description": described}


def _from_phase_or_defaults() -> list[Schema]:
    """What every phase needs unless the defaults have it: a scope, a check, the reason of a skipped one."""
    scope = {"required": ["scope"], "properties": {"scope": {"type": "object", "required": ["paths"]}}}
    checks = [
        {"required": ["command"]},
        {"required": ["steps"], "properties": {"steps": {"minItems": 1}}},
        {"required": ["skip"], "properties": {"skip": {"const": True}}},
    ]
    check = {"required": ["ci"], "properties": {"ci": {"type": "object", "anyOf": checks}}}
    reason = {"required": ["ci"], "properties": {"ci": {"type": "object", "required": ["reason"]}}}
    skips = {"required": ["ci"], "properties": {"ci": {"required": ["skip"], "properties": {"skip": {"const": True}}}}}
    return [
        _unless_defaults(scope, {"items": scope}),
        _unless_defaults(check, {"items": check}),
        _unless_defaults(reason, {"items": {"if": skips, "then": reason}}),
    ]


def _unless_defaults(have: Schema, demand: Schema) -> Schema:
    return {
        "if": {"required": ["defaults"], "properties": {"defaults": {"type": "object", **have}}},
        "else": {"properties": {"phases": demand}},
    }
