import json
from pathlib import Path

import jsonschema
import pytest

from autopack.core.errors import InvalidInputError, UsageError
from autopack.planning.templates.library import phase_defaults, read_library
from autopack.planning.templates.template import DESCRIPTIONS, Find, Template, TemplatePhase, template_schema

NAMES = """
    auth search-quality batch-observability file-safety storage-config export-sharing ui-ux-polish logging-metrics backup-migrations
    e2e-smoke security-basics perf-tuning deploy-verify docs-final planning-fortify
""".split()
FEATURES = {"auth", "search", "batch", "frontend", "upload", "export", "data", "deploy", "docs", "planning"}
OWN = {
    "version": 1,
    "name": "release",
    "summary": "s",
    "goal": "g",
    "phases": [{"id": "notes", "features": ["docs"], "description": "d", "acceptance_criteria": ["c"], "find": {"paths": ["*.md"]}}],
}


def library(tmp_path: Path, user=None, repository=None):
    for name, texts in (("user", user or {}), ("repo", repository or {})):
        for file, text in texts.items():
            path = tmp_path / name / "templates" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if isinstance(text, str) else json.dumps(text), "utf-8")
    return read_library(tmp_path / "repo", tmp_path / "user")


def test_fifteen_phases_come_with_autopack_each_with_criteria_and_features(tmp_path):
    (known,) = library(tmp_path).known
    assert known.origin == "shipped"
    assert [phase.id for phase in known.template.phases] == NAMES
    assert set(known.template.features) == FEATURES
    assert all(len(phase.acceptance_criteria) >= 3 for phase in known.template.phases)
    assert all(phase.find.paths for phase in known.template.phases)


def test_what_every_phase_has_comes_from_a_file_of_its_own():
    found = phase_defaults()
    assert found.structured_edit_from_files == 30
    assert found.defaults == {"builder_mode": "auto", "ci": {"log_on_success": True}}


def test_the_repositorys_template_counts_before_the_users_and_the_shipped_one(tmp_path):
    yaml = "version: 1\nname: hardening\nsummary: s\ngoal: ours\nphases:\n  - {id: a, features: [x], description: d, acceptance_criteria: [c]}\n"
    found = library(tmp_path, user={"a.json": {**OWN, "name": "hardening"}, "b.json": OWN}, repository={"a.yaml": yaml})
    assert [(each.template.name, each.origin) for each in found.known] == [("hardening", "repository"), ("release", "user")]
    assert found.of("hardening").template.goal == "ours"
    with pytest.raises(UsageError, match="no template 'hardning'; did you mean 'hardening'"):
        found.of("hardning")


def test_every_fault_of_every_template_is_named_at_once_with_its_line(tmp_path):
    text = (
        "version: 1\nname: x\nsummary: s\ngoal: g\nphases:\n"
        "  - id: a\n    features: [x]\n    description: d\n    acceptance_criteria: [c]\n    find: {path: [x]}\n    depends_on: [b]\n"
        "  - id: a\n    features: [x]\n    description: d\n    acceptance_criteria: [c]\n    creates: [../x]\n"
    )
    with pytest.raises(InvalidInputError) as caught:
        library(tmp_path, repository={"a.yaml": text, "b.json": {**OWN, "name": "X!"}})
    told = "\n".join(caught.value.problems)
    for sentence in (
        ".autopack/templates/a.yaml:10: `phases[0].find` has no key `path`; did you mean `paths`?",
        "a.yaml:11: `depends_on` names 'b', which is no phase before this one.",
        "a.yaml:12: the phase id 'a' stands here a second time.",
        "a.yaml:16: `creates`: `../x` has a `..`",
        "b.json:1: `name` must be of lower-case letters",
    ):
        assert sentence in told


def test_two_templates_of_one_name_at_one_level_are_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="the name 'release' is taken by .autopack/templates/a.json"):
        library(tmp_path, repository={"a.json": OWN, "b.json": OWN})


def test_the_schema_takes_what_the_reader_takes_and_says_what_each_key_means(tmp_path):
    schema = template_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert validator.is_valid(OWN)
    assert validator.is_valid(library(tmp_path).of("hardening").template.model_dump(mode="json"))
    assert not validator.is_valid({**OWN, "phases": []})
    for kind in (Template, TemplatePhase, Find):
        assert list(DESCRIPTIONS[kind.__name__]) == list(kind.model_fields)
