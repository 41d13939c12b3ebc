from tests.support.plans import faults, plan, with_phases

PHASE = "  - id: a\n    description: d\n"


def first(phase, defaults):
    return plan(with_phases(PHASE + phase, defaults)).phases[0]


def test_defaults_merge_deeply_and_lists_replace():
    phase = first(
        "    scope: {paths: [b]}\n    ci: {timeout_s: 9}\n",
        "{scope: {paths: [a], read_only_context: [docs/]}, ci: {command: x, network: true}}",
    )
    assert (phase.scope.paths, phase.scope.read_only_context) == (("b",), ("docs/",))
    assert (phase.ci.steps[0].command, phase.ci.steps[0].timeout_s, phase.ci.network) == ("x", 9, True)


def test_steps_of_a_phase_replace_the_command_of_the_defaults_and_the_other_way_round():
    assert [
        step.command
        for step in first("    scope: {paths: [b]}\n    ci: {steps: [{command: y}]}\n", "{ci: {command: x, timeout_s: 3}}").ci.steps
    ] == ["y"]
    assert [
        step.command for step in first("    scope: {paths: [b]}\n    ci: {command: y}\n", "{ci: {steps: [{command: x}]}}").ci.steps
    ] == ["y"]


def test_a_check_of_its_own_ends_the_skip_of_the_defaults():
    defaults = "{scope: {paths: [b]}, ci: {skip: true, reason: no tests yet, network: true}}"
    assert first("    gate: hold\n", defaults).ci.skip
    ours = first("    ci: {command: y}\n", defaults).ci
    assert (ours.skip, ours.reason, ours.network) == (False, None, True)


def test_what_the_defaults_command_reports_is_nothing_of_a_phases_own_command():
    defaults = "{scope: {paths: [b]}, ci: {command: x, tests: required, timeout_s: 9, results: {format: junit, path: x.xml}}}"
    (ours,) = first("    ci: {command: y}\n", defaults).ci.steps
    assert (ours.command, ours.results, ours.tests, ours.timeout_s) == ("y", None, "auto", 9)
    (theirs,) = first("    ci: {network: true}\n", defaults).ci.steps
    assert (theirs.command, theirs.results.path, theirs.tests) == ("x", "x.xml", "required")


def test_a_phase_that_skips_its_check_has_no_command_of_the_defaults():
    for check in ("{command: x, timeout_s: 9}", "{steps: [{command: x}]}"):
        skipped = first("    ci: {skip: true, reason: words}\n", f"{{scope: {{paths: [b]}}, ci: {check}}}").ci
        assert (skipped.skip, skipped.reason, skipped.steps) == (True, "words", ())


def test_a_phase_depends_on_the_one_before_it_unless_it_says_otherwise():
    phases = "".join(
        f"  - {{id: {name}, description: d, scope: {{paths: [x]}}{more}}}\n"
        for name, more in (("a", ""), ("b", ""), ("c", ", depends_on: []"), ("d", ", depends_on: [a]"))
    )
    assert [phase.depends_on for phase in plan(with_phases(phases)).phases] == [(), ("a",), (), ("a",)]


def test_an_id_or_dependency_in_the_defaults_is_a_fault():
    found = faults(with_phases(PHASE + "    scope: {paths: [x]}\n", "{id: z, depends_on: [], ci: {command: x}}"))
    assert found == [
        "3: `id` cannot stand in `defaults`; it is each phase's own.",
        "3: `depends_on` cannot stand in `defaults`; it is each phase's own.",
    ]


def test_empty_defaults_are_none():
    assert first("    scope: {paths: [x]}\n    ci: {command: y}\n", "").id == "a"


def test_defaults_of_another_kind_are_a_fault():
    assert "3: `defaults` must be a mapping of phase keys." in faults(with_phases(PHASE + "    scope: {paths: [x]}\n", "[a]"))
