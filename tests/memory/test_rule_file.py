"""`.autopack/rules.yaml`: read whole or refused with its faults, read anew by a run, and added to without touching a person's words."""

import pytest

from autopack.core.errors import InvalidInputError
from autopack.core.redaction import Redactor
from autopack.core.rules import Rule, RuleOrigin
from autopack.memory.rule_file import RuleFile, add_to_file, as_yaml, of_file, read_rules

LEARNED = Rule(
    name="r-1a2b3c4d", project="shop", text="Sort the lines.", failure="Not sorted.", paths=("shop.py",), origin=RuleOrigin.RUN,
    source="r/one/2", runs=("r", "s"), is_learned=True,
)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / ".autopack"
    folder.mkdir()
    return folder / "rules.yaml"


def test_where_there_is_no_file_there_are_no_rules(path):
    assert read_rules(path) == ()


def test_only_the_text_is_needed_and_a_rule_without_a_project_holds_in_all(path):
    path.write_text("rules:\n  - text: Cents.\n  - {text: Euros., project: shed, paths: [a/], kind: ci_fail, id: r-1}\n", "utf-8")
    (cents,) = of_file(read_rules(path), "shop")
    assert (cents.text, cents.project, cents.origin, cents.source) == ("Cents.", "shop", RuleOrigin.FILE, ".autopack/rules.yaml")
    assert cents.name.startswith("r-")
    _, euros = of_file(read_rules(path), "shed")
    assert (euros.name, euros.paths, euros.kind, euros.is_learned) == ("r-1", ("a/",), "ci_fail", False)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rules: [{}]\n", "text"),
        ("rules: [{text: ''}]\n", "text"),
        ("rules: [{text: a, colour: red}]\n", "colour"),
        ("version: 2\nrules: []\n", "version"),
        ("rules: [{text: a, id: '../b'}]\n", "cannot be an id"),
        ("rules: [\n", "not YAML"),
    ],
)
def test_a_fault_is_refused_with_the_files_name(path, text, fault):
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInputError) as refused:
        read_rules(path)
    assert refused.value.message.startswith(".autopack/rules.yaml has ")
    assert fault in refused.value.message


def test_a_run_reads_it_anew_and_keeps_what_it_read_where_it_cannot(path):
    path.write_text("rules:\n  - text: Never say k-canary-0123456789.\n", "utf-8")
    file = RuleFile(path, "shop", Redactor(["k-canary-0123456789"]))
    (first,) = file.read()
    assert "canary" not in first.text
    path.write_text("rules: [\n", "utf-8")
    assert file.read() == (first,)
    assert file.fault
    path.write_text("rules: [{text: Cents.}]\n", "utf-8")
    assert [rule.text for rule in file.read()] == ["Cents."]
    assert file.fault is None


def test_what_is_added_stands_at_the_end_and_a_persons_comments_stay(path):
    path.write_text('# ours\nrules:\n  - text: "Cents."   # never floats\n', "utf-8")
    assert add_to_file(path, LEARNED)
    text = path.read_text("utf-8")
    assert text.startswith('# ours\nrules:\n  - text: "Cents."   # never floats\n')
    _, added = of_file(read_rules(path), "shop")
    assert (added.name, added.text, added.failure, added.paths, added.is_learned) == (
        "r-1a2b3c4d",
        "Sort the lines.",
        "Not sorted.",
        ("shop.py",),
        True,
    )
    assert "run r/one/2, seen in 2 runs" in added.source
    assert not add_to_file(path, LEARNED), "it stands there already"
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize("before", [None, "# nothing yet\n", "version: 1\nrules: []\n"])
def test_a_file_without_rules_gets_its_first(path, before):
    if before is not None:
        path.write_text(before, "utf-8")
    assert add_to_file(path, LEARNED)
    assert [rule.text for rule in read_rules(path)] == ["Sort the lines."]
    assert path.read_text("utf-8").startswith((before or "# Rules that Autopack shows").partition("\nrules")[0])


def test_rules_are_exported_in_the_shape_of_the_file(path):
    path.write_text(as_yaml([LEARNED]), "utf-8")
    (back,) = of_file(read_rules(path), "shop")
    assert (back.name, back.text, back.project) == (LEARNED.name, LEARNED.text, "shop")
