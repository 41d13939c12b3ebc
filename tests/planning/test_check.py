from autopack.planning.check import check_plan
from autopack.planning.surroundings import PlanSurroundings
from tests.support.plans import plan, with_phases

PATHS = frozenset({"src/parser.py", "src/model.py", "docs/a.md", ".github/workflows/ci.yml", "AGENTS.md"})


def notes(phases, defaults="{ci: {command: pytest}}", paths=PATHS, **more):
    return [
        str(note)
        for note in check_plan(plan(with_phases(phases, defaults)), PlanSurroundings(paths, more.pop("variables", frozenset()), **more))
    ]


def phase(name="a", scope="paths: [src/parser.py]", more=""):
    return f"  - {{id: {name}, description: d, scope: {{{scope}}}{more}}}\n"


def test_a_plan_that_fits_has_no_notes():
    assert notes(phase(scope="paths: [src/, 'docs/*.md', src/new.py], read_only_context: [AGENTS.md]")) == []


def test_entries_that_match_nothing_are_named():
    assert notes(phase(scope="paths: [lib/, '**/*.rs', src/parsr.py, SRC/model.py], read_only_context: [doc/]")) == [
        "phase 'a': `lib/` of the scope matches nothing at the start.",
        "phase 'a': `**/*.rs` of the scope matches nothing at the start.",
        "phase 'a': `src/parsr.py` of the scope matches nothing at the start. Did you mean `src/parser.py`?",
        "phase 'a': `SRC/model.py` of the scope matches nothing at the start. Did you mean `src/model.py`?",
        "phase 'a': `doc/` of the read-only context matches nothing at the start.",
    ]


def test_a_file_that_is_to_be_made_is_no_matter():
    assert notes(phase(scope="paths: [src/lexer.py, tests/test_lexer.py, docs/a2.md]")) == []


def test_files_that_need_an_exact_entry_are_named():
    (found,) = notes(phase(scope="paths: [.]"))
    assert (
        found
        == "phase 'a': `.github/workflows/ci.yml`, `AGENTS.md` lie in the scope, but can only be changed where an entry names exactly that file."
    )
    assert notes(phase(scope="paths: [.github/workflows/ci.yml]")) == []


def test_what_is_open_and_read_only_at_once_is_named():
    assert notes(phase(scope="paths: [src/], read_only_context: [src/]")) == [
        "phase 'a': `src/` is in the scope and read-only at once, so it cannot be changed; take it out of one."
    ]


def test_a_check_without_test_ids_says_which_guards_are_off():
    (found,) = notes(phase(), "{ci: {command: make test}}")
    assert found.startswith("phase 'a': its check tells no tests apart: flaky tests are not told from red ones")
    assert notes(phase(), "{ci: {command: make test, results: {format: tap}}}") == []
    assert "cannot be judged" in notes(phase(), "{ci: {command: make test, expect: red}}")[0]


def test_a_skipped_check_is_named_with_its_reason():
    assert notes(phase(), "{ci: {skip: true, reason: words only}}") == [
        "phase 'a': it is not checked at all (words only); only the auditor looks at it."
    ]


def test_a_large_scope_is_named():
    paths = frozenset(f"src/{number}.py" for number in range(30))
    assert notes(phase(scope="paths: [src/]"), paths=paths) == [
        "phase 'a': the scope holds 30 files; from 30 on structured edits are asked for in all of them."
    ]


def test_phases_that_could_run_side_by_side_but_for_a_file_are_named():
    free = ", depends_on: []"
    assert notes(phase("a", "paths: [src/]", free) + phase("b", "paths: [src/model.py]", free) + phase("c", "paths: [docs/]", free)) == [
        "phases 'a' and 'b' may both change `src/model.py`, so they do not run side by side."
    ]
    assert notes(phase("a", "paths: [src/]") + phase("b", "paths: [src/]") + phase("c", "paths: [src/]", ", depends_on: [a]"))[
        0
    ].startswith("phases 'b' and 'c'")


def test_variables_and_instructions_that_are_not_there_are_named():
    more = ", ci: {env_from: [NPM_TOKEN, HOME]}"
    assert notes(phase(more=more), variables=frozenset({"HOME"})) == [
        "phase 'a': `NPM_TOKEN` of `env_from` is not set in this environment."
    ]
    text = "version: 1\ngoal: g\ninstructions: [AGENTS.md, RULES.md]\nphases:\n" + phase(more=", ci: {command: pytest}")
    found = [note.message for note in check_plan(plan(text), PlanSurroundings(PATHS, frozenset()))]
    assert found == ["`RULES.md` of the instructions is not in the commit that the run starts from."]


def test_uncommitted_work_in_the_scope_is_named():
    assert notes(phase(), uncommitted=frozenset({"src/parser.py", "other.py"})) == [
        "`src/parser.py` is not committed; the run starts from a commit and does not see that."
    ]
