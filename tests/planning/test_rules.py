import pytest

from tests.support.plans import faults, plan, with_phases

PHASE = "  - id: a\n    description: d\n    scope: {paths: [x]}\n"


def faults_of(more, defaults="{ci: {command: x}}"):
    return faults(with_phases(PHASE + more, defaults))


def test_a_phase_without_a_check_is_told_what_to_write():
    said = "5: phase 'a' has no check; write `ci: {command: ...}` here or under `defaults`, or `ci: {skip: true, reason: ...}`."
    assert faults_of("", "{}") == [said]
    assert faults_of("    ci: {timeout_s: 5}\n", "{}") == [said]
    assert faults_of("    ci: {steps: []}\n", "{ci: {command: x}}") == [said]


def test_a_skipped_check_needs_a_reason():
    assert faults_of("    ci: {skip: true}\n") == ["8: phase 'a' skips its check without saying why; write `reason: ...` beside `skip`."]
    assert faults_of("    ci: {skip: true, reason: only words}\n", "{}") == []


@pytest.mark.parametrize("more", ["{expect: red, tests: none, command: x}", "{expect: red, skip: true, reason: r}"])
def test_red_tests_cannot_be_expected_of_a_check_that_knows_none(more):
    (found,) = faults_of(f"    ci: {more}\n")
    assert "phase 'a' expects red tests" in found


def test_blank_texts_are_refused():
    assert faults_of("    acceptance_criteria: ['', ok]\n") == ["8: phase 'a': `acceptance_criteria` is empty; write it out."]
    assert faults("version: 1\ngoal: ' '\nphases: []\n") == ["2: `goal` is empty; write it out.", "3: `phases` must not be empty."]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("base: '--upload-pack=x'", "`base`: `--upload-pack=x` is no name of a commit."),
        ("instructions: [../x]", "`instructions`: `../x` has a `..`; it may not leave the repository."),
        ("project: a..b", "`project`: `a..b` cannot be used: it has a `..`, or ends in `.` or `.lock`."),
        ("workspace: {link: [/x]}", "`link`: `/x` is absolute; write it relative to the repository's root."),
        (
            "workspace: {setup: [{command: x, env_from: [OPENAI_API_KEY]}]}",
            "`env_from`: `OPENAI_API_KEY` holds a provider's key, which no command of a plan is ever given.",
        ),
        ("workspace: {setup: ' '}", "a `setup` command is empty; write it out."),
        ("final: {steps: [{command: ' '}]}", "a `final` command is empty; write it out."),
        ("budget: {max_usd: 0}", "`budget.max_usd` must be above 0, not `0`."),
    ],
)
def test_faults_of_the_head(head, said):
    assert faults(f"version: 1\ngoal: g\n{head}\nphases:\n{PHASE}    ci: {{command: x}}\n") == [f"3: {said}"]


@pytest.mark.parametrize("base", ["main", "HEAD~3", "v1.0^", "origin/main", "0123abc", "feature/ä"])
def test_names_of_commits_are_taken(base):
    assert plan(f"version: 1\ngoal: g\nbase: '{base}'\nphases:\n{PHASE}    ci: {{command: x}}\n").base == base


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("    ci: {cwd: /x}\n", "phase 'a': `cwd`: `/x` is absolute"),
        ("    ci: {results: {format: junit, path: ../x}}\n", "phase 'a': the path of `results`: `../x` has a `..`"),
        ("    ci: {env: {A-B: x}}\n", "phase 'a': `env` names `A-B`, which is no name of a variable."),
        ("    ci: {env: {ANTHROPIC_API_KEY: x}}\n", "phase 'a': `env` names `ANTHROPIC_API_KEY`, which holds a provider's key"),
        ("    derive: [{command: x, when: ['!a'], writes: changed}]\n", "phase 'a': `when`: `!a` begins with `!`"),
        ("    derive: [{command: ' ', when: a, writes: changed}]\n", "phase 'a': a `derive` command is empty"),
        ("    derive: [{command: x, when: a, writes: 5}]\n", "phase 'a': `derive[0].writes` must be `changed` or a list"),
        ("    derive: [{command: x, when: a, writes: /a}]\n", "phase 'a': `writes`: `/a` is absolute"),
    ],
)
def test_faults_of_a_phase(more, said):
    (found,) = faults_of(more)
    assert found.startswith(f"8: {said}")


def test_a_pattern_of_results_is_taken():
    assert faults_of("    ci: {results: {format: junit, path: 'target/*/TEST-*.xml'}}\n") == []


def test_a_bad_entry_of_the_defaults_is_blamed_on_them():
    assert faults_of("", "{ci: {command: x}, scope: {may_add: [/x]}}") == [
        "3: defaults: `scope.may_add`: `/x` is absolute; write it relative to the repository's root."
    ]


@pytest.mark.parametrize("entry", [".git/config", ".git", "sub/.git/", ".gitmodules", ".autonomous_runs/", ".GIT/hooks/x"])
def test_what_can_never_be_changed_is_no_entry_of_a_plan(entry):
    phases = f"  - id: a\n    description: d\n    ci: {{command: x}}\n    scope: {{paths: [src/, '{entry}'], may_add: ['{entry}']}}\n"
    derive = f"    derive: [{{command: x, when: '*.py', writes: '{entry}'}}]\n"
    found = faults(f"version: 1\ngoal: g\nphases:\n{phases}{derive}")
    assert [fault.partition("` can never be changed")[0].rpartition("`")[2] for fault in found] == [entry] * 3
