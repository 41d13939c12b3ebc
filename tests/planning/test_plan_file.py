import hashlib
import json

import pytest

from autopack.core.errors import InvalidInputError
from autopack.planning.plan_file import PlanSource, find_plan, load_plan, read_plan
from tests.support.plans import FULL, faults, plan, reading, with_phases


def test_the_example_of_the_documentation_is_a_plan():
    found = plan(FULL)
    assert [phase.id for phase in found.phases] == ["add-model", "add-parser"]
    first, second = found.phases
    assert first.ci.steps[0].command == "pytest -q"
    assert second.ci.steps[0].results.path == "unit.xml"
    assert (first.complexity, second.complexity) == ("medium", "low")
    assert found.workspace.setup[0].again_when == ("package-lock.json",)
    assert second.derive[1].writes == "changed"


def test_json_is_yaml():
    text = json.dumps(
        {
            "version": 1,
            "goal": "g",
            "phases": [{"id": "a", "description": "ä\u2028", "scope": {"paths": ["x"]}, "ci": {"command": ["a", "b"]}}],
        }
    )
    found = plan(text)
    assert found.phases[0].description == "ä\u2028"
    assert found.phases[0].ci.steps[0].command == ("a", "b")
    assert found.project == "shop"


def test_the_project_is_called_like_the_repository():
    text = with_phases("  - {id: a, description: d, scope: {paths: [x]}}\n")
    assert reading(text, "Mein Läden").plan.project == "mein-l-den"


def test_short_forms_are_spelled_out():
    found = plan(
        "version: 1\ngoal: g\nworkspace: {setup: npm ci, link: [.venv, {path: x, mode: ro}]}\nphases:\n"
        "  - id: a\n    description: d\n    scope: {paths: [x]}\n    ci: {command: make test, timeout_s: 5, tests: none, results: {format: tap}}\n"
        "    derive: [{command: c, when: '*.py', writes: a.lock}]\n"
    )
    assert found.workspace.setup[0].command == "npm ci"
    assert [(link.path, link.mode) for link in found.workspace.link] == [(".venv", "copy"), ("x", "ro")]
    (step,) = found.phases[0].ci.steps
    assert (step.command, step.timeout_s, step.tests, step.results.format) == ("make test", 5, "none", "tap")
    assert (found.phases[0].derive[0].when, found.phases[0].derive[0].writes) == (("*.py",), ("a.lock",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "None: the file is empty; a plan begins with `version: 1`, `goal: ...` and `phases:`."),
        ("# only a comment\n", "None: the file is empty; a plan begins with `version: 1`, `goal: ...` and `phases:`."),
        ("- a\n", "1: the file must be a mapping: `key: value` lines."),
        ("just words\n", "1: the file must be a mapping: `key: value` lines."),
        ("goal: g\nversion: 2\n", "2: `version` is 2; Autopack 0.1.0 reads version 1."),
        ("version: 1\ngoal: [\n", "3: this is not YAML (column 1): expected the node content, but found '<stream end>'."),
    ],
)
def test_what_is_no_plan_at_all_is_one_sentence(text, said):
    assert faults(text) == [said]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("", "1: `version` is missing; write `version: 1` at the top."),
        ("version: '1'\n", "1: `version` is '1'; Autopack 0.1.0 reads version 1."),
        ("version: true\n", "1: `version` is True; Autopack 0.1.0 reads version 1."),
        ("version: 0\n", "1: `version` is 0; Autopack 0.1.0 reads version 1."),
    ],
)
def test_a_fault_of_the_version_hides_no_other(version, said):
    found = faults(f"{version}gaol: g\nphases:\n  - {{id: A, description: d, scope: {{paths: [x]}}, ci: {{command: x}}}}\n")
    assert said in found
    assert any("no key `gaol`" in fault for fault in found)
    assert any("`A`" in fault for fault in found)


def test_every_fault_is_found_at_once_in_the_order_of_the_file():
    text = with_phases(
        "  - id: A\n    description: 5\n    scope: {path: [a]}\n"
        "  - id: b\n    description: d\n    depends_on: [c]\n    scope: {paths: []}\n    max_atempts: 3\n"
        "  - words\n"
    )
    found = faults(text)
    assert [fault.partition(":")[0] for fault in found] == ["5", "6", "7", "7", "10", "11", "12", "13"]
    assert "12: phase 'b' has no key `max_atempts`; did you mean `max_attempts`?" in found
    assert "10: phase 'b' depends on 'c', which is no phase; name a phase of this plan." in found


@pytest.mark.parametrize(
    ("ci", "said"),
    [
        ("{commandd: x}", "`ci` has no key `commandd`; did you mean `command`?"),
        ("{command: x, timeout_s: 0}", "phase 'a': `ci.timeout_s` must be above 0, not `0`."),
        ("{steps: [{command: x, timeout_s: 0}]}", "phase 'a': `ci.steps[0].timeout_s` must be above 0, not `0`."),
        ("{command: 5}", "phase 'a': `ci.command` must be text or a list, not 5; put it in quotes."),
        ("{command: ''}", "phase 'a': `ci.command` must not be empty."),
        ("{command: ['']}", "phase 'a': the `ci` command is empty; write it out."),
        (
            "{command: x, results: {format: xml}}",
            "phase 'a': `ci.results.format` must be `junit`, `pytest`, `tap`, `trx`, `gtest` or `go`, not `xml`.",
        ),
        ("{command: x, expect: rde}", "phase 'a': `ci.expect` must be `green` or `red`, not `rde`; did you mean `red`?"),
        ("{command: x, steps: []}", "phase 'a': `command` and `steps` stand in the same `ci`; put `command` into the steps."),
        ("{command: x, flaky: {reruns: 99}}", "phase 'a': `ci.flaky.reruns` must be at most 10, not `99`."),
        ("{command: x, network: yes}", "phase 'a': `ci.network` must be true or false, not `yes`."),
        ("{command: x, env: {PORT: 80}}", "phase 'a': `ci.env.PORT` must be text, not 80; put it in quotes."),
    ],
)
def test_faults_of_a_check_name_what_was_written(ci, said):
    found = faults(with_phases(f"  - id: a\n    description: d\n    scope: {{paths: [x]}}\n    ci: {ci}\n", "{}"))
    assert any(said in fault and fault.startswith("8: ") for fault in found), found


def test_a_fault_in_the_defaults_is_said_once_and_blamed_on_them():
    text = with_phases(
        "".join(f"  - {{id: p{n}, description: d, scope: {{paths: [x]}}}}\n" for n in range(3)),
        "{complexity: hihg, ci: {command: x, tets: auto}}",
    )
    assert sorted(faults(text)) == [
        "3: defaults: `ci` has no key `tets`; did you mean `tests`?",
        "3: defaults: `complexity` must be `low`, `medium` or `high`, not `hihg`; did you mean `high`?",
    ]


def test_a_fault_in_defaults_that_no_phase_takes_is_still_said():
    text = with_phases("  - {id: a, description: d, scope: {paths: [x]}, gate: auto}\n", "{gate: hodl, ci: {command: x}}")
    assert faults(text) == ["3: defaults: `gate` must be `auto` or `hold`, not `hodl`; did you mean `hold`?"]


def test_a_plan_is_found_as_a_file_or_by_its_name(tmp_path, monkeypatch):
    top, elsewhere = tmp_path / "mein läden", tmp_path / "other"
    (top / ".autopack" / "plans").mkdir(parents=True)
    elsewhere.mkdir()
    (top / "autopack.yaml").write_text("default")
    (top / ".autopack" / "plans" / "weekly.yaml").write_text("shared")
    (elsewhere / "p.yaml").write_bytes("\ufeffä".encode())
    monkeypatch.chdir(elsewhere)
    assert find_plan(top, None).text == "default"
    assert find_plan(top, "weekly").text == find_plan(top, "weekly.yaml").text == "shared"
    found = find_plan(top, "p.yaml")
    assert (found.path, found.name) == (str(elsewhere / "p.yaml"), "p.yaml")
    assert found.sha256 == hashlib.sha256((elsewhere / "p.yaml").read_bytes()).hexdigest()


def test_a_plan_that_is_not_there_is_refused_with_what_to_do(tmp_path):
    (tmp_path / ".autopack" / "plans").mkdir(parents=True)
    (tmp_path / ".autopack" / "plans" / "weekly.yaml").write_text("x")
    with pytest.raises(InvalidInputError, match=r"There is no autopack.yaml in .*`autopack init`, or name a plan with `--plan FILE`"):
        find_plan(tmp_path, None)
    with pytest.raises(InvalidInputError, match=r"There is no plan wekly: .* Did you mean `weekly`\?"):
        find_plan(tmp_path, "wekly")
    with pytest.raises(InvalidInputError, match="this is a directory"):
        find_plan(tmp_path, str(tmp_path))


def test_a_name_does_not_lead_out_of_the_shared_plans(tmp_path):
    (tmp_path / ".autopack" / "plans").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("x")
    with pytest.raises(InvalidInputError, match="There is no plan"):
        find_plan(tmp_path, "../../secret")


def test_a_reread_plan_is_none_where_it_is_gone(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("version: 1")
    assert PlanSource.reread(str(path)).text == "version: 1"
    path.write_bytes(b"\xff")
    assert PlanSource.reread(str(path)) is None
    path.unlink()
    assert PlanSource.reread(str(path)) is None


def test_a_refused_plan_lists_its_problems():
    with pytest.raises(InvalidInputError) as caught:
        load_plan(PlanSource.pinned("p.yaml", "version: 1\n"), "shop")
    assert caught.value.problems == ("p.yaml:1: `goal` is missing; it is required.", "p.yaml:1: `phases` is missing; it is required.")


def test_variables_that_hold_keys_are_not_handed_on():
    text = with_phases("  - {id: a, description: d, scope: {paths: [x]}, ci: {env_from: [CORP_KEY, openai_api_key, PATH]}}\n")
    found = read_plan(PlanSource.pinned("p.yaml", text), "shop", ["CORP_KEY"])
    assert [problem.message.split("`")[3] for problem in found.problems] == ["CORP_KEY", "openai_api_key"]
