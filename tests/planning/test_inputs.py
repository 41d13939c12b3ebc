import pytest

from autopack.planning.inputs import given_of
from autopack.planning.plan_file import PlanSource, read_plan

PLAN = """\
version: 1
goal: g
inputs:
  region: {default: eu, choices: [eu, us]}
  limit: {type: integer, default: 3}
  is_on: {type: boolean, default: true}
  name: {}
defaults: {ci: {command: pytest}, acceptance_criteria: ["All of {{inputs.region}}."]}
phases:
  - id: a
    description: "In {{ inputs.region }} at most {{inputs.limit}} for {{inputs.name}} ({{inputs.is_on}}), not {{ other }}."
    scope: {paths: [x]}
"""


def read(text=PLAN, **given):
    return read_plan(PlanSource("p", text, "p", tuple(given.items())), "shop")


def test_values_stand_in_descriptions_and_criteria_and_other_braces_stay():
    phase = read(region="us", limit="12", name="{{inputs.limit}}: x").plan.phases[0]
    assert phase.description == "In us at most 12 for {{inputs.limit}}: x (true), not {{ other }}."
    assert phase.acceptance_criteria == ("All of us.",)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "the input `name` has no value: give it with `--set name=...`, or write a default."),
        ({"name": "n", "limit": "many"}, "`--set limit=many` must be a whole number."),
        ({"name": "n", "region": "mars"}, "`--set region=mars` must be one of eu, us."),
        ({"name": "n", "regionn": "us"}, "`--set regionn=...` names no input of this plan; did you mean `region`?"),
    ],
)
def test_a_value_that_is_off_or_missing_is_said(given, sentence):
    assert sentence in [problem.message for problem in read(**given).problems]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("command: pytest", "command: 'pytest {{inputs.name}}'"),
        ("paths: [x]", "paths: ['{{inputs.name}}/']"),
        ("goal: g", "goal: 'For {{inputs.name}}'"),
        ("- id: a", "- id: '{{inputs.name}}'"),
    ],
)
def test_no_command_path_id_or_goal_takes_one(old, new):
    told = [problem.message for problem in read(PLAN.replace(old, new), name="n").problems]
    assert any("inputs are filled in into descriptions and criteria only." in message for message in told)


def test_a_name_that_is_no_input_and_a_default_of_another_kind_are_faults():
    text = PLAN.replace("{{inputs.limit}}", "{{inputs.limitt}}").replace("default: 3", "default: three")
    told = [problem.message for problem in read(text, name="n").problems]
    assert "`{{inputs.limitt}}` names no input of this plan; did you mean `limit`?" in told
    assert "the default of the input `limit` must be a whole number." in told


def test_who_runs_nothing_of_a_plan_needs_no_values_and_sees_the_marks():
    reading = read_plan(PlanSource("p", PLAN, "p").as_written, "shop")
    assert reading.problems == ()
    assert reading.plan.phases[0].description == "In eu at most 3 for {{inputs.name}} (true), not {{ other }}."


def test_a_value_may_be_empty():
    assert read(name="").plan.phases[0].description.endswith("for  (true), not {{ other }}.")


def test_words_are_name_and_value():
    assert given_of(("a=1", "b=c=d", "a=2")) == (("a", "2"), ("b", "c=d"))
    with pytest.raises(ValueError, match="a"):
        given_of(("a",))
