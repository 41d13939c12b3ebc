import pytest

from tests.support.plans import faults, plan, with_phases


def phases(*rows):
    return with_phases(
        "".join(f"  - {{id: {name}, description: d, scope: {{paths: [x]}}, depends_on: [{needs}]}}\n" for name, needs in rows)
    )


def test_a_circle_is_named_once():
    assert faults(phases(("a", "c"), ("b", "a"), ("c", "b"), ("d", "a"))) == [
        "5: the phases wait for each other in a circle: a -> c -> b -> a; take one `depends_on` out."
    ]


def test_a_phase_that_waits_for_itself_is_a_circle():
    assert faults(phases(("a", "a"))) == ["5: the phases wait for each other in a circle: a -> a; take one `depends_on` out."]


def test_an_unknown_dependency_is_said_with_the_nearest():
    assert faults(phases(("add-parser", ""), ("b", "add-praser"))) == [
        "6: phase 'b' depends on 'add-praser', which is no phase; did you mean 'add-parser'?"
    ]


def test_an_id_that_stands_twice_is_said_with_the_first_line():
    assert faults(phases(("a", ""), ("b", ""), ("a", ""))) == [
        "7: phase 'a' stands here a second time (first on line 5); give it another id."
    ]


@pytest.mark.parametrize("name", ["a..b", "a.lock", "a."])
def test_ids_that_git_would_refuse_are_refused(name):
    assert faults(phases((name, ""))) == [f"5: the id '{name}' cannot be used: it has a `..`, or ends in `.` or `.lock`."]


@pytest.mark.parametrize("name", ["A", "-a", "a b", "ä", "a/b", "x" * 65, "''"])
def test_ids_of_other_letters_are_refused(name):
    assert len(faults(phases((name, "")))) == 1


@pytest.mark.parametrize("name", ["a", "0", "add-parser.v2_x", "x" * 64])
def test_sound_ids_are_taken(name):
    assert plan(phases((f"'{name}'", ""))).phases[0].id == name


def test_a_long_chain_is_no_matter():
    names = [f"p{number}" for number in range(3000)]
    text = phases(*((name, before) for name, before in zip(names, ["", *names], strict=False)))
    assert len(plan(text).phases) == 3000
