from autopack.llm.providers.reply_schema import has_only_required_fields, is_expressible, narrowed, without_nulls

ACTION = {
    "type": "object",
    "properties": {"path": {"type": "string", "minLength": 1}, "line": {"type": ["integer", "null"]}},
    "required": ["path", "line"],
}


def test_objects_are_closed_and_bounds_dropped():
    schema = {
        "type": "object",
        "title": "T",
        "properties": {"n": {"type": "integer", "minimum": 0}, "files": {"type": "array", "items": ACTION, "maxItems": 9}},
    }
    assert narrowed(schema) == {
        "type": "object",
        "properties": {
            "n": {"type": "integer"},
            "files": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"path": {"type": "string"}, "line": {"type": ["integer", "null"]}},
                    "required": ["path", "line"],
                    "additionalProperties": False,
                },
            },
        },
        "additionalProperties": False,
    }


def test_properties_keep_their_names_whatever_they_are():
    schema = {"type": "object", "properties": {"title": {"type": "string"}, "minimum": {"type": "number"}, "format": {"enum": ["title"]}}}
    assert set(narrowed(schema)["properties"]) == {"title", "minimum", "format"}


def test_one_of_becomes_any_of():
    assert narrowed({"oneOf": [{"type": "string"}, {"type": "null"}]}) == {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_a_schema_is_left_as_it_was():
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "x"}}}
    narrowed(schema)
    assert schema == {"type": "object", "properties": {"a": {"type": "string", "pattern": "x"}}}


def test_free_keys_and_free_values_cannot_be_expressed():
    closed = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert is_expressible(closed)
    assert not is_expressible({"type": "object", "properties": {"env": {"type": "object"}}})
    assert not is_expressible({"type": "object", "properties": {"a": {"anyOf": [{"type": ["object", "null"]}]}}})
    assert not is_expressible({**closed, "additionalProperties": {"type": "string"}})
    assert not is_expressible({"type": "array", "items": {}})


def test_optional_fields_are_found_at_any_depth():
    assert has_only_required_fields({"type": "array", "items": ACTION})
    assert not has_only_required_fields({"type": "object", "properties": {"a": {**ACTION, "required": ["path"]}}, "required": ["a"]})


def test_what_may_be_null_may_be_left_out_instead():
    kinds = {"type": ["string", "null"], "enum": ["a", None]}
    inner = {"type": "object", "properties": {"n": {"type": ["integer", "null"]}, "s": {"type": "string"}}, "required": ["n", "s"]}
    schema = {
        "type": "object",
        "properties": {"kind": kinds, "any": {"anyOf": [{"type": "array", "items": inner}, {"type": "null"}]}, "sure": {"type": "boolean"}},
        "required": ["kind", "any", "sure"],
        "additionalProperties": False,
    }
    lean_inner = {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}, "required": ["s"]}
    assert without_nulls(schema) == {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": ["a"]},
            "any": {"type": "array", "items": lean_inner},
            "sure": {"type": "boolean"},
        },
        "required": ["sure"],
        "additionalProperties": False,
    }


def test_what_may_be_one_of_several_things_or_null_stays_a_choice():
    choice = {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}], "description": "d"}
    lean = without_nulls({"type": "object", "properties": {"a": choice}, "required": ["a"]})
    assert lean["properties"]["a"] == {"anyOf": [{"type": "string"}, {"type": "integer"}], "description": "d"}
    assert lean["required"] == []


def test_a_property_with_the_name_of_a_keyword_stays_a_property():
    schema = {
        "type": "object",
        "properties": {"anyOf": {"type": "string"}, "items": {"type": ["string", "null"]}},
        "required": ["anyOf", "items"],
    }
    assert without_nulls(schema) == {
        "type": "object",
        "properties": {"anyOf": {"type": "string"}, "items": {"type": "string"}},
        "required": ["anyOf"],
    }
