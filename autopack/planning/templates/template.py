"""A template: phases that fit many projects, with what tells where in a project each has its place."""

from typing import Annotated, Any, Literal

from pydantic import Field

from autopack.core.model import Frozen
from autopack.core.plan import Slug

Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Find(Frozen):
    """``paths`` are patterns, in any case of letters; ``words`` are looked for in the names and the text of source files."""

    paths: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class TemplatePhase(Frozen):
    id: Slug
    features: Annotated[tuple[Slug, ...], Field(min_length=1)]
    description: Text
    task_category: Slug = "feature"
    complexity: Literal["low", "medium", "high"] = "medium"
    builder_mode: Literal["auto", "full_file", "diff", "structured_edit"] = "auto"
    depends_on: tuple[str, ...] = ()
    acceptance_criteria: Annotated[tuple[Text, ...], Field(min_length=1)]
    find: Find = Find()
    creates: tuple[str, ...] = ()
    read_only_context: tuple[str, ...] = ()
    tests: bool = True


class Template(Frozen):
    """``depends_on`` names phases of the same template; those that are not chosen fall out."""

    version: Literal[1]
    name: Slug
    summary: Text
    goal: Text
    phases: Annotated[tuple[TemplatePhase, ...], Field(min_length=1)]

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(feature for phase in self.phases for feature in phase.features))


class PhaseDefaults(Frozen):
    """What every phase made from a template has; a scope of so many files and more asks for structured edits."""

    structured_edit_from_files: Annotated[int, Field(ge=1)]
    defaults: dict[str, Any]


DESCRIPTIONS: dict[str, dict[str, str]] = {
    "Template": {
        "version": "The version of this format: 1.",
        "name": "A slug by which the template is asked for.",
        "summary": "One line for the list of templates.",
        "goal": "The goal of a plan that is made from it.",
        "phases": "The phases, in the order in which they stand in the plan.",
    },
    "TemplatePhase": {
        "id": "The phase's id in the plan; merging goes by it.",
        "features": "The phase is chosen when one of these is asked for.",
        "description": "What to build, as in a plan.",
        "task_category": "As in a plan.",
        "complexity": "As in a plan.",
        "builder_mode": "As in a plan; a scope of many files asks for structured edits.",
        "depends_on": "Ids of phases of this template; those that are not chosen fall out.",
        "acceptance_criteria": "Sentences that a check or the auditor can judge.",
        "find": "What tells where in a repository the phase has its place.",
        "creates": "Files that the phase may make, in the scope also where they are not there.",
        "read_only_context": "Patterns; those that match something are shown and not changed.",
        "tests": "Whether the phase adds tests: it is given a place for them, as the project names its tests.",
    },
    "Find": {
        "paths": "Patterns, in any case of letters: files that belong to it wherever they are found.",
        "words": "Words in the names and the text of source files.",
    },
}
"""What each key means, a sentence each, as editors show it."""


def template_schema() -> dict[str, Any]:
    """The JSON Schema of a template."""
    schema = Template.model_json_schema()
    for name, part in (("Template", schema), *schema["$defs"].items()):
        part.pop("description", None)
        for key, known in part["properties"].items():
            known.pop("title", None)
            known["description"] = DESCRIPTIONS[name][key]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Autopack template, version 1"}
