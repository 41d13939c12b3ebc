import json
import os
import time

import pytest

from autopack.settings.document import decode, read_bytes, read_mapping
from autopack.settings.node import plain
from autopack.settings.problem import UnreadableDocumentError
from autopack.settings.yaml_text import read_yaml


def read(text):
    problems = []
    node = read_yaml(text, "f.yaml", problems)
    return plain(node) if node else None, [str(problem) for problem in problems]


def refusal(text):
    with pytest.raises(UnreadableDocumentError) as caught:
        read_yaml(text, "f.yaml", [])
    return [str(problem) for problem in caught.value.problems]


def test_scalars_mean_what_yaml_1_2_says():
    value, problems = read("a: 1\nb: '1'\nc: no\nd: 2024-01-01\ne: 1e3\nf: ~\ng:\nh: 0x1f\ni: 0o17\nj: .inf\nk: true\nl: !!str 5\nm: 1.5\n")
    assert value == {
        "a": 1, "b": "1", "c": "no", "d": "2024-01-01", "e": 1000, "f": None, "g": None, "h": 31, "i": 15, "j": ".inf", "k": True, "l": "5", "m": 1.5,
    }  # fmt: skip
    assert problems == []


def test_every_value_knows_its_line():
    problems = []
    node = read_yaml("a:\n  b:\n    - x\n    - y: 1\nc: |\n  long\n", "f.yaml", problems)
    assert [node.at(path).line for path in (("a",), ("a", "b", 0), ("a", "b", 1, "y"), ("c",))] == [1, 3, 4, 5]
    assert node.at(("a", "b", 7)).line == 2


def test_json_means_what_it_says():
    text = '{"a": "\\ud83d\\ude00 \\/ \\u2028 ä",\r\n\t"\\ud83d\\ude00":[1,-2.5e1,true,null,""],"b":{},\n\t\t"<": "~"\n}\n'
    assert read(text) == (json.loads(text), [])


def test_json_values_know_their_lines():
    node = read_yaml('{\n "a": {\n  "b": [1,\n 2]}}', "f.json", [])
    assert [node.at(path).line for path in (("a",), ("a", "b"), ("a", "b", 1))] == [2, 3, 4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n "a": 1\n "b": 2\n}', "f.yaml:3: this is not YAML (column 5): expected ',' or '}', but got ':'."),
        ('{\n "a": [1,\n "b": 2\n}', "f.yaml:4: this is not YAML (column 1): expected ',' or ']', but got '}'."),
        ('{\n"a": 1,\n', "f.yaml:3: this is not YAML (column 1): expected the node content, but found '<stream end>'."),
        (
            '{\n"a": "\x7f"}',
            'f.yaml:2: a character stands here that YAML takes as an escape only; write it as "\\u007f", in double quotes, or take it out.',
        ),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text, said):
    assert refusal(text) == [said]


def test_json_with_a_comment_is_read_as_yaml():
    assert read('{"a": 1, # one\n "b": 2,}') == ({"a": 1, "b": 2}, [])


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", '{"a": 1,\n"b": 2,\n"a": 3}'])
def test_a_key_that_stands_twice_is_named_with_both_lines(text):
    _value, problems = read(text)
    assert problems == ["f.yaml:3: `a` stands here a second time (first on line 1); keep one of them."]


def test_merge_keys_fill_in_what_is_not_written():
    value, problems = read("base: &b {x: 1, y: 1}\nuse:\n  <<: *b\n  y: 2\nboth: {<<: [*b, {z: 3}]}\n")
    assert value["use"] == {"x": 1, "y": 2}
    assert value["both"] == {"x": 1, "y": 1, "z": 3}
    assert problems == []


def test_unknown_tags_are_never_acted_on():
    value, problems = read("a: !!python/object/apply:os.system [echo]\n")
    assert value == {"a": ["echo"]}
    assert problems == ["f.yaml:1: the tag `tag:yaml.org,2002:python/object/apply:os.system` means nothing here; take it out."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1\nb: 2", "f.yaml:2: this is not YAML (column 2): expected ',' or ']', but got ':'."),
        ("\tb: 2", "f.yaml:1: this is not YAML (column 1): found character '\\t' that cannot start any token."),
        ("a: 1\nb: *nowhere\n", "f.yaml:2: `*nowhere` refers to no finished value before it."),
        ("a: &x {b: *x}\n", "f.yaml:1: `*x` refers to no finished value before it."),
    ],
)
def test_what_is_no_yaml_is_refused_with_line_and_column(text, said):
    assert refusal(text) == [said]


def test_a_second_document_is_a_fault():
    assert read("a: 1\n---\nb: 2\n")[1] == ["f.yaml:3: a second document begins here; a file holds one."]


def test_nul_and_half_characters_in_escapes_are_faults():
    assert read('{"a": "\\u0000",\n "b": "\\ud800"}')[1] == [
        "f.yaml:1: the text holds a NUL character; take it out.",
        "f.yaml:2: the text holds half a character (a lone surrogate); write the whole character.",
    ]


HOSTILE = {
    "billion laughs": "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)),
    "open brackets": "[" * 500_000,
    "open braces": "a: " + "{" * 500_000,
    "JSON depth": '{"a":' * 100_000,
    "dashes": "- " * 200_000,
    "indentation": "\n".join(" " * i + "a:" for i in range(500)),
    "width": "[" + "a," * 500_000,
    "JSON width": "[" + "1," * 500_000 + "1]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_soon(name):
    began = time.process_time()
    (said,) = refusal(HOSTILE[name])
    assert "nests more than 30 levels" in said or "holds more than 50,000 values" in said
    assert time.process_time() - began < 20


def test_bytes_that_are_no_utf8_are_refused_with_their_line():
    with pytest.raises(UnreadableDocumentError, match=r"^f:2: byte 0xe4 is not UTF-8; save the file as UTF-8\.$"):
        decode("a: 1\nb: L\u00e4den".encode("latin-1"), "f")
    with pytest.raises(UnreadableDocumentError, match="it is UTF-16"):
        decode("a: 1".encode("utf-16"), "f")
    with pytest.raises(UnreadableDocumentError, match=r"^f:3: there is a NUL byte here"):
        decode(b"a\nb\n\0", "f")


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert decode("\ufeffa: 1".encode(), "f") == "a: 1"


def test_only_plain_files_of_bearable_size_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b" " * (2 * 1024 * 1024 + 1))
    for name, said in (
        ("", "this is a directory"),
        ("pipe", "this is no plain file"),
        ("large", "larger than 2 MiB"),
        ("none", "no such file"),
    ):
        with pytest.raises(UnreadableDocumentError, match=said):
            read_bytes(tmp_path / name, "f")


def test_an_empty_file_is_an_empty_mapping_and_a_list_is_none(tmp_path):
    (tmp_path / "empty.yaml").write_text("# nothing yet\n")
    (tmp_path / "list.yaml").write_text("- a\n")
    assert plain(read_mapping(tmp_path / "empty.yaml", "empty.yaml")) == {}
    with pytest.raises(UnreadableDocumentError, match=r"^list.yaml:1: the file must be a mapping"):
        read_mapping(tmp_path / "list.yaml", "list.yaml")
