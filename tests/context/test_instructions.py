from autopack.context.instructions import read_instructions
from autopack.core.redaction import Redactor
from tests.support.text_tree import TextTree


def read(files, named=None, characters=10_000, modes=None, redactor=None):
    return read_instructions(TextTree(files, modes), named, redactor or Redactor(), characters)


def test_agents_md_wins_over_claude_md():
    assert read({"AGENTS.md": "Be kind.\n", "CLAUDE.md": "Be quick.\n"}) == (("AGENTS.md", "Be kind."),)
    assert read({"CLAUDE.md": "Be quick.\n"}) == (("CLAUDE.md", "Be quick."),)
    assert read({"README.md": "x"}) == ()


def test_the_plans_list_wins_and_an_empty_one_means_none():
    assert read({"AGENTS.md": "a", "docs/rules.md": "b"}, ("docs/rules.md",)) == (("docs/rules.md", "b"),)
    assert read({"AGENTS.md": "a"}, ()) == ()


def test_a_file_that_is_not_there_is_said():
    assert "no such file" in read({"AGENTS.md": "a"}, ("docs/rules.md",))[0][1]


def test_a_link_to_the_other_file_is_followed():
    assert read({"AGENTS.md": "docs/../CLAUDE.md", "CLAUDE.md": "Be quick."}, modes={"AGENTS.md": "120000"}) == (
        ("AGENTS.md", "Be quick."),
    )


def test_links_that_lead_out_or_round_in_circles_end():
    assert "no such file" in read({"AGENTS.md": "../../etc/passwd"}, modes={"AGENTS.md": "120000"})[0][1]
    assert "no such file" in read({"AGENTS.md": "AGENTS.md"}, modes={"AGENTS.md": "120000"})[0][1]


def test_long_instructions_end_with_a_sentence():
    (shown,) = read({"AGENTS.md": "rule\n" * 1000}, characters=100)
    assert len(shown[1]) < 200
    assert "more characters do not fit" in shown[1]


def test_secrets_in_instructions_are_redacted():
    assert read({"AGENTS.md": "token hunter2hunter2"}, redactor=Redactor(["hunter2hunter2"]))[0][1] == "token ⟦redacted:1⟧"
