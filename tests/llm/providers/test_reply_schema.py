from autopack.llm.providers.reply_schema import has_only_required_fields, is_expressible, narrowed

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
