"""The oracle's sound replies lead to the file after the phase, its spoilt ones do not; told by git and by hand, not by the code under test."""

import json
import subprocess
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.oracle import FileChange, Oracle, Spoil, changes_between, chosen_spoils, file_edit
from tests.support.repos import make_repo


@dataclass
class Request:
    role: str
    attempt: int = 1
    phase: str = "one"
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def headers(self):
        return {"x-autopack-role": self.role, "x-autopack-phase": self.phase, "x-autopack-attempt": str(self.attempt)}


def change_of(lines: int, *, last: str = "end") -> FileChange:
    before = [f"line_{n} = {n}\n" for n in range(lines)]
    after = ["first = 0\n", *before[:10], "changed = 1\n", *before[11:40], *before[45:], last]
    return FileChange("a.py", "".join(before), "".join(after))


@pytest.mark.parametrize(("lines", "action"), [(60, "replace"), (500, "replace"), (501, "patch"), (1000, "patch"), (1001, "edit")])
def test_action_follows_the_length_and_leads_to_the_text_after(tmp_path, lines, action):
    change = change_of(lines)
    edit = file_edit(change)
    assert edit["action"] == action
    assert applied(tmp_path, change, edit) == change.after


def test_created_and_deleted_files_say_so():
    assert file_edit(FileChange("n", None, "x\n")) == {"path": "n", "action": "create", "content": "x\n"}
    assert file_edit(FileChange("n", "x\n", None)) == {"path": "n", "action": "delete"}


@pytest.mark.parametrize("spoil", list(Spoil))
def test_second_attempt_of_a_spoilt_phase_is_sound_and_approved(spoil):
    oracle = Oracle({"one": (change_of(60),)}, {"one": spoil})
    assert json.loads(oracle(Request("builder", attempt=2))["text"])["files"] == [file_edit(change_of(60))]
    assert json.loads(oracle(Request("auditor", attempt=2))["text"])["verdict"] == "approve"


def test_each_spoil_spoils_in_its_own_way(tmp_path):
    change = change_of(600)
    first = {spoil: Oracle({"one": (change,)}, {"one": spoil})(Request("builder")) for spoil in Spoil}
    assert "raise RuntimeError" in json.loads(first[Spoil.BROKEN]["text"])["files"][0]["content"]
    with pytest.raises(subprocess.CalledProcessError):
        applied(tmp_path, change, json.loads(first[Spoil.DRIFT]["text"])["files"][0])
    assert first[Spoil.CUT]["stop"] == "max_tokens"
    with pytest.raises(json.JSONDecodeError):
        json.loads(first[Spoil.CUT]["text"])
    assert "{" not in first[Spoil.PROSE]
    assert json.loads(first[Spoil.ESCAPE]["text"])["files"][-1]["path"] == "../outside.txt"
    assert json.loads(first[Spoil.REJECT]["text"])["files"] == [file_edit(change)]


@pytest.mark.parametrize("spoil", [Spoil.REJECT, Spoil.BROKEN])
def test_first_audit_of_a_rejected_or_broken_phase_rejects(spoil):
    oracle = Oracle({"one": (change_of(60),)}, {"one": spoil})
    assert json.loads(oracle(Request("auditor"))["text"])["verdict"] == "reject"


def test_forced_tool_gets_the_reply_as_its_arguments():
    oracle = Oracle({"one": (change_of(60),)}, {"one": Spoil.CUT})
    for choice in ({"type": "tool", "name": "submit"}, {"type": "function", "function": {"name": "submit"}}):
        sound = oracle(Request("builder", attempt=2, body={"tool_choice": choice}))
        cut = oracle(Request("builder", body={"tool_choice": choice}))
        assert [tool["name"] for tool in sound["tools"]] == ["submit"]
        assert sound["tools"][0]["raw"].startswith(cut["tools"][0]["raw"])
        assert cut["stop"] == "max_tokens"


def test_unknown_phase_is_an_error_and_further_roles_answer_as_given():
    oracle = Oracle({}, others={"planner": "a plan"})
    assert oracle(Request("builder"))["fault"]["status"] == 400
    assert oracle(Request("planner")) == "a plan"
    assert json.loads(oracle(Request("doctor"))["text"])["action"] == "retry_with_fix"


def test_changes_leave_out_what_stays_and_spoils_depend_on_names_alone():
    assert changes_between({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "4", "c": None, "d": "5"}) == (
        FileChange("b", "2", "4"),
        FileChange("c", "3", None),
        FileChange("d", None, "5"),
    )
    names = [f"phase-{n}" for n in range(40)]
    assert chosen_spoils(names, 0) == {}
    assert chosen_spoils(names, 1) == chosen_spoils(reversed(names), 1)
    assert set(chosen_spoils(names, 1).values()) == set(Spoil)


def applied(directory, change, edit):
    """The file after the edit: a patch by git, operations by plain cutting of lines."""
    if edit["action"] == "replace":
        return edit["content"]
    if edit["action"] == "patch":
        repo = make_repo(directory / "repo", {change.path: change.before})
        subprocess.run(["git", "apply", "-"], cwd=repo, input=edit["diff"], text=True, check=True, capture_output=True)
        return (repo / change.path).read_text(encoding="utf-8")
    lines = change.before.splitlines(keepends=True)
    for operation in reversed(edit["operations"]):
        start = (operation["line"] if operation["type"] == "insert" else operation["start_line"]) - 1
        end = start if operation["type"] == "insert" else operation["end_line"]
        lines[start:end] = [operation.get("content", "")]
        assert operation.get("context_before", "") == (change.before.splitlines()[start - 1] if start else "")
    return "".join(lines)
