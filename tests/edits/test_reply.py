import json
import time

import pytest

from autopack.edits import Create, Delete, Edit, EditRefused, Operation, Patch, Rename, Replace, read_reply


def reply(*files, **more):
    return json.dumps({"summary": "s", "files": list(files), **more})


def refusal(text, **kwargs):
    with pytest.raises(EditRefused) as refused:
        read_reply(text, **kwargs)
    return refused.value


def test_each_action_is_read_into_its_noun():
    edit_set = read_reply(
        reply(
            {"path": "a", "action": "create", "content": ""},
            {"path": "b", "action": "replace", "content": "x\n"},
            {"path": "c", "action": "patch", "diff": "@@ -1 +1 @@\n-a\n+b\n"},
            {"path": "d", "action": "edit", "operations": [{"type": "insert", "line": 3, "content": "y"}]},
            {"path": "e", "action": "delete"},
            {"path": "f", "action": "rename", "to": "g"},
        )
    )
    assert edit_set.summary == "s"
    assert edit_set.files == (
        Create("a", ""),
        Replace("b", "x\n"),
        Patch("c", "@@ -1 +1 @@\n-a\n+b\n"),
        Edit("d", (Operation("insert", "y", line=3),)),
        Delete("e"),
        Rename("f", "g"),
    )


def test_keys_of_other_actions_may_be_null_as_strict_schemas_fill_them():
    entry = {"path": "e", "action": "delete", "content": None, "diff": None, "operations": [], "to": ""}
    assert read_reply(reply(entry, confidence=0.5)).files == (Delete("e"),)


def test_a_blocked_builder_gives_no_files():
    edit_set = read_reply(json.dumps({"files": [], "blocked": {"kind": "needs_scope", "paths": ["lib/"], "message": "need lib"}}))
    assert edit_set.files == ()
    assert edit_set.blocked is not None
    assert (edit_set.blocked.kind, edit_set.blocked.paths, edit_set.blocked.message) == ("needs_scope", ("lib/",), "need lib")


def test_prose_is_allowed_round_the_only_json_fence():
    text = "Here you are:\n\n```json\n" + reply({"path": "a", "action": "delete"}) + "\n```\n\nDone."
    assert read_reply(text).files == (Delete("a"),)


def test_bytes_are_read_as_strict_utf8():
    assert read_reply(reply({"path": "é", "action": "delete"}).encode()).files == (Delete("é"),)
    assert refusal(b'{"files": [{"path": "..\xc0\xaf"}]}').code == "encoding"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("Certainly!", "not_json"),
        ("[]", "not_json"),
        ('{"files": []} and more', "not_json"),
        ('{"files": [], "confidence": NaN}', "not_json"),
        ('{"files": [], "confidence": -Infinity}', "not_json"),
        ('{"files": [{"path": "a", "p\\u0061th": "b", "action": "delete"}]}', "not_json"),
        ('{"files": [{"path": "a", "action": "create", "content": "x\ny"}]}', "not_json"),
        ("```json\n{}\n```\n```json\n{}\n```", "not_json"),
        ('{"files":' + "[" * 100_000, "not_json"),
        ('{"files": [' + "9" * 5000 + "]}", "not_json"),
        ('{"files": [{"path": "a", "action": "create", "content": "def f', "cut"),
        ('{"files": [{"path": "a", "action": "delete"}', "cut"),
        ('```json\n{"files": [', "cut"),
        (json.dumps({"files": [], "commands": ["rm"]}), "shape"),
        (json.dumps({"summary": ""}), "shape"),
        (json.dumps({"files": {}}), "shape"),
        (json.dumps({"files": ["a"]}), "shape"),
        (json.dumps({"files": [{"path": None, "action": "delete"}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "exec"}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": ["delete"]}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "create", "content": {"a": 1}}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "create"}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "replace", "content": "x", "diff": "y"}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "rename", "to": "a"}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "delete", "mode": "0777"}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "edit", "operations": []}]}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "delete"}], "blocked": {"kind": "question", "message": "?"}}), "shape"),
        (json.dumps({"files": [], "blocked": {"kind": "bored", "message": "?"}}), "shape"),
        (json.dumps({"files": [{"path": "a", "action": "create", "content": chr(0xD800)}]}), "encoding"),
        (json.dumps({"files": [{"path": f"f{n}", "action": "delete"} for n in range(501)]}), "too_many"),
        (json.dumps({"files": [{"path": "a", "action": "create", "content": "x" * (2 * 1024 * 1024 + 1)}]}), "too_large"),
        (" " * (8 * 1024 * 1024) + "{}", "too_large"),
    ],
)
def test_another_shape_is_refused(text, code):
    assert refusal(text).code == code


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"type": "move", "start_line": 1, "content": ""}, "shape"),
        ({"type": "replace\0", "start_line": 1, "content": ""}, "shape"),
        ({"type": "replace", "start_line": 1}, "shape"),
        ({"type": "replace", "end_line": 1, "content": "x"}, "shape"),
        ({"type": "replace", "line": 1, "content": "x"}, "shape"),
        ({"type": "insert", "start_line": 1, "content": "x"}, "shape"),
        ({"type": "append", "line": 1, "content": "x"}, "shape"),
        ({"type": "delete", "start_line": 1, "content": "x"}, "shape"),
        ({"type": "delete", "start_line": 1.5}, "shape"),
        ({"type": "delete", "start_line": True}, "shape"),
        ({"type": "delete", "start_line": "1"}, "shape"),
        ({"type": "delete", "start_line": 0}, "range"),
        ({"type": "delete", "start_line": -3, "end_line": -1}, "range"),
        ({"type": "insert", "line": 10**18, "content": "x"}, "range"),
    ],
)
def test_a_malformed_operation_is_refused_with_its_file(operation, code):
    refused = refusal(reply({"path": "a.py", "action": "edit", "operations": [operation]}))
    assert (refused.code, refused.path) == (code, "a.py")
    assert "peration 1" in refused.message or "`" in refused.message


def test_more_operations_than_a_person_could_read_are_refused():
    operations = [{"type": "append", "content": "x\n"}] * 1001
    entries = [{"path": path, "action": "edit", "operations": operations} for path in ("a", "b")]
    assert refusal(reply(*entries)).code == "too_many"


def test_a_reply_that_the_provider_cut_is_refused_though_it_reads_well():
    assert refusal(reply({"path": "a", "action": "delete"}), cut=True).code == "cut"


THOUGHTS = [
    "<think>\nA file, then {braces}.\n</think>\n\n{}",
    "<think></think>{}",
    "<thinking>one</thinking>\n<think>two</think>\n{}",
    "no opening mark\n</think>\n{}",
    "<think>```json\n{ }\n``` will do</think>\nHere it is:\n```json\n{}\n```\n",
    "[THINK]hm[/THINK]{}",
    "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>{}",
]


@pytest.mark.parametrize("reply", THOUGHTS)
def test_thoughts_before_the_object_are_passed_over(reply):
    written = json.dumps({"summary": "s", "files": [{"path": "a", "action": "create", "content": "</think>{x}\n"}]})
    assert read_reply(reply.replace("{}", written)).summary == "s"


@pytest.mark.parametrize("reply", ["<think>never ends {}", "{}</think>", "prose {}", "Here:\n```json\n{}\n```\nno </think> {}"])
def test_what_is_no_thought_is_no_reason_to_look_for_an_object(reply):
    written = json.dumps({"summary": "s", "files": []})
    if reply.startswith("Here"):
        assert read_reply(reply.replace("{}", written)).summary == "s"
    else:
        with pytest.raises(EditRefused):
            read_reply(reply.replace("{}", written))


def test_thoughts_without_end_are_read_in_no_time():
    began = time.process_time()
    with pytest.raises(EditRefused):
        read_reply("<think></think>" * 400_000)
    assert time.process_time() - began < 20
