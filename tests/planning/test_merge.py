import json

import pytest

from autopack.core.errors import InvalidInputError
from autopack.planning.merge import merge_into
from autopack.planning.phase_draft import PhaseDraft, PlanDraft
from autopack.planning.plan_file import PlanSource
from tests.support.plans import plan

CHECK = {"command": "make test"}
DRAFT = PlanDraft(
    {"goal": "g", "workspace": {"setup": [{"command": "npm ci"}]}, "defaults": {"ci": CHECK}},
    tuple(
        PhaseDraft(name, {"description": f"Do {name}.", "depends_on": [], "scope": {"paths": [f"{name}.py"]}}, guesses={"scope": "found"})
        for name in ("auth", "docs")
    ),
)
MINE = """\
# my plan
version: 1
goal:   "Mine."       # keep

defaults: {ci: {command: 'pytest -q'},   complexity: low}
phases:
- id: auth            # edited by hand
  description: >
    Folded
    text.
  scope: { paths: [ mine/ ] }
  # about auth
# about what follows
final: {steps: []}   # the end
"""


def merged(text):
    return merge_into(PlanSource.pinned("plan.yaml", text), DRAFT)


def test_what_a_person_wrote_stays_byte_for_byte_and_what_is_missing_follows_behind_it():
    found = merged(MINE)
    head, tail = MINE.split("# about what follows\n")
    assert found.text.startswith(head)
    assert found.text.endswith("# about what follows\n" + tail)
    assert (found.added, found.kept) == (("docs",), ("auth",))
    phases = plan(found.text).phases
    assert [(phase.id, phase.scope.paths, phase.ci.steps[0].command) for phase in phases] == [
        ("auth", ("mine/",), "pytest -q"),
        ("docs", ("docs.py",), "pytest -q"),
    ]
    assert "  # found\n" in found.text


def test_merging_again_changes_nothing():
    once = merged(MINE)
    assert merged(once.text).text == once.text
    assert merged(once.text).added == ()


@pytest.mark.parametrize(
    "last",
    [
        "  - id: x\n    ci: {command: c}\n    scope: {paths: [x]}\n    description: |\n      a\n      # no comment\n\n\n",
        "  - id: x\n    ci: {command: c}\n    scope: {paths: [x]}\n    description: end",
        "  - {id: x, ci: {command: c}, scope: {paths: [x]}, description: d}   # flow\n\n# far\n",
        "  - id: x\n    description: d\n    ci:\n      command: c\n    scope:\n      paths:\n        - x\n        - [\n          ]\n",
    ],
)
def test_the_end_of_the_last_phase_is_found_however_it_is_written(last):
    text = f"version: 1\ngoal: g\nphases:\n{last}".replace("        - [\n          ]\n", "")
    found = merged(text).text
    assert found.startswith(text.rstrip("\n").removesuffix("# far").rstrip("\n"))
    assert [phase.id for phase in plan(found).phases] == ["x", "auth", "docs"]
    assert plan(found).phases[0].description == plan(text).phases[0].description


def test_lines_that_end_in_crlf_go_on_ending_so():
    found = merged(MINE.replace("\n", "\r\n")).text
    assert "\n" not in found.replace("\r\n", "")


def test_a_plan_without_a_check_for_all_gets_the_check_into_the_new_phases_and_what_it_needs():
    text = "version: 1\ngoal: g\nphases:\n  - {id: x, ci: {command: c}, scope: {paths: [x]}, description: d}\n"
    found = plan(merged(text).text)
    assert [phase.ci.steps[0].command for phase in found.phases] == ["c", "make test", "make test"]
    assert found.workspace.setup[0].command == "npm ci"


@pytest.mark.parametrize("indent", [None, 2, 4])
def test_a_json_plan_stays_one(indent):
    document = {"version": 1, "goal": "g", "phases": [{"id": "x", "ci": CHECK, "scope": {"paths": ["x"]}, "description": "ä"}]}
    text = json.dumps(document, indent=indent, ensure_ascii=False) + "\n"
    found = merged(text).text
    assert json.loads(found)["phases"][0] == document["phases"][0]
    assert found.startswith(text[: text.index("}") - 4].rstrip()[:40])
    assert [phase.id for phase in plan(found).phases] == ["x", "auth", "docs"]


def test_phases_on_one_line_are_written_anew_with_the_comments_of_the_rest():
    text = "# mine\nversion: 1\ngoal: g   # why\nphases: [{id: x, ci: {command: c}, scope: {paths: [x]}, description: d}]\n"
    found = merged(text).text
    assert "# mine" in found
    assert "# why" in found
    assert [phase.id for phase in plan(found).phases] == ["x", "auth", "docs"]


def test_a_file_without_phases_is_no_plan_to_merge_with():
    with pytest.raises(InvalidInputError, match="holds no phases"):
        merged("version: 1\ngoal: g\n")
