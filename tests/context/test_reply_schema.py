"""The schema against what the vendors' documentation allows and what the reader of replies takes."""

import json

import pytest

from autopack.context.reply_schema import builder_schema
from autopack.edits.reply import read_reply
from autopack.llm.providers.reply_schema import without_nulls
from autopack.review.audit_prompt import verdict_schema

ALL = ("create", "delete", "rename", "replace", "patch", "edit", "take")
_KEYWORDS = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf"}


def nodes(schema):
    yield schema
    for child in [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]:
        yield from nodes(child)


def test_every_object_is_closed_and_every_property_required():
    for schema in (builder_schema(ALL), builder_schema(ALL[:3]), verdict_schema()):
        for node in nodes(schema):
            assert set(node) <= _KEYWORDS
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])


def test_unions_stay_below_what_one_vendor_allows():
    for schema in (builder_schema(ALL), builder_schema(ALL[:3]), verdict_schema()):
        assert sum(isinstance(node.get("type"), list) or "anyOf" in node for node in nodes(schema)) <= 16


def filled(**keys):
    """A file entry as strict output fills it: every key of the schema, null where it is not used."""
    names = builder_schema(ALL)["properties"]["files"]["items"]["required"]
    return {name: keys.get(name) for name in names}


def operation(**keys):
    names = builder_schema(ALL)["properties"]["files"]["items"]["properties"]["operations"]["anyOf"][0]["items"]["required"]
    return {name: keys.get(name) for name in names}


def test_a_reply_that_fills_every_key_with_null_is_read():
    files = [
        filled(path="a.py", action="create", content="x\n"),
        filled(path="b.py", action="patch", diff="@@ -1 +1 @@\n-a\n+b\n"),
        filled(
            path="c.py",
            action="edit",
            operations=[operation(type="insert", line=1, content="x"), operation(type="delete", start_line=3, end_line=4)],
        ),
        filled(path="d.py", action="delete"),
        filled(path="e.py", action="rename", to="f.py"),
    ]
    found = read_reply(json.dumps({"summary": "s", "files": files, "blocked": None}))
    assert [edit.path for edit in found.files] == ["a.py", "b.py", "c.py", "d.py", "e.py"]


def test_no_more_keys_may_be_left_out_than_one_vendor_allows_and_a_reply_without_them_is_read():
    lean = without_nulls(builder_schema(ALL))
    assert sum(len(node["properties"]) - len(node["required"]) for node in nodes(lean) if "properties" in node) <= 24
    assert not any(isinstance(node.get("type"), list) or "anyOf" in node for node in nodes(lean))
    operations = [{"type": "delete", "start_line": 3, "end_line": 4}]
    found = read_reply(json.dumps({"summary": "s", "files": [{"path": "c.py", "action": "edit", "operations": operations}]}))
    assert (found.files[0].path, found.blocked) == ("c.py", None)


def test_a_blocked_reply_that_fills_every_key_is_read():
    found = read_reply(json.dumps({"summary": "", "files": [], "blocked": {"kind": "needs_scope", "paths": ["x.py"], "message": "why"}}))
    assert found.blocked.paths == ("x.py",)


@pytest.mark.parametrize(
    ("actions", "keys"),
    [
        (("create", "replace"), ["path", "action", "content", "to"]),
        (("create", "patch"), ["path", "action", "content", "diff", "to"]),
        (("create", "edit"), ["path", "action", "content", "to", "operations"]),
    ],
)
def test_a_file_has_the_keys_of_the_actions_that_may_be_answered(actions, keys):
    file = builder_schema(actions)["properties"]["files"]["items"]
    assert (file["properties"]["action"]["enum"], file["required"]) == (list(actions), keys)
