from typing import Literal

import pytest
from pydantic import Field

from autopack.core.model import Frozen
from autopack.settings.validation import validate
from autopack.settings.yaml_text import read_yaml


class Inner(Frozen):
    size: int = 1
    mode: Literal["low", "high"] = "low"


class Outer(Frozen):
    name: str
    inner: Inner = Inner()
    many: tuple[str, ...] = ()
    either: str | tuple[str, ...] = ""
    is_on: bool = False
    table: dict[str, Inner] = Field(default_factory=dict)


def faults(text):
    problems = []
    value = validate(Outer, read_yaml(text, "f", problems), problems)
    assert (value is None) == bool(problems)
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nme: x", ["f:1: `name` is missing; it is required.", "f:1: the file has no key `nme`; did you mean `name`?"]),
        ("name: x\ninner: {sizes: 1}", ["f:2: `inner` has no key `sizes`; did you mean `size`?"]),
        ("name: x\ninner: {zzz: 1}", ["f:2: `inner` has no key `zzz`; it knows size, mode."]),
        ("name: 5", ["f:1: `name` must be text, not 5; put it in quotes."]),
        ("name: x\ninner:\n  size: big", ["f:3: `inner.size` must be a whole number, not `big`."]),
        ("name: x\ninner:\n  mode: hihg", ["f:3: `inner.mode` must be `low` or `high`, not `hihg`; did you mean `high`?"]),
        ("name: x\nmany: a", ["f:2: `many` must be a list; write `[a]`."]),
        ("name: x\neither: 5", ["f:2: `either` must be text or a list, not 5; put it in quotes."]),
        ("name: x\nis_on: yes", ["f:2: `is_on` must be true or false, not `yes`."]),
        ("name: x\ninner:", ["f:2: `inner` must be a mapping (`key: value`); nothing is written here."]),
        ("name: x\ntable: {a: {size: x}}", ["f:2: `table.a.size` must be a whole number, not `x`."]),
    ],
)
def test_faults_are_sentences_with_lines(text, said):
    assert sorted(faults(text)) == sorted(said)


def test_all_faults_are_found_at_once():
    assert len(faults("inner: {size: x, mode: y, more: 1}\nmany: 3\nis_on: 2")) == 6


def test_whole_floats_count_as_whole_numbers():
    assert faults("name: x\ninner: {size: 1e3}") == []
