import pytest

from autopack.checks.commands.preflight import preflight
from autopack.core.checking import StepStatus
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.exit_code import ExitCode
from autopack.core.plan import Checks, CheckStep, FinalChecks, PhaseScope, PhaseSpec, Plan
from tests.support.commands import Trees


def phase(name, command, *paths, **ci):
    return PhaseSpec(
        id=name, description="x", scope=PhaseScope(paths=paths or ("src/",)), ci=Checks(steps=(CheckStep(command=command),), **ci)
    )


def plan(*phases, final=()):
    return Plan(project="p", goal="g", phases=phases, final=FinalChecks(steps=tuple(CheckStep(command=command) for command in final)))


@pytest.fixture
def base(tmp_path):
    return Trees(tmp_path, base={"test_a.py": "def test_fine(): pass\n"})


def run(base, what):
    return preflight(what, base.tree("base"), lambda _, __: base.site())


def test_each_distinct_command_runs_once(base, tmp_path):
    count = "echo run >> ../runs"
    assert run(base, plan(phase("a", count), phase("b", count), phase("c", "true"), final=(count,))) == ()
    assert (tmp_path / "runs").read_text().split() == ["run"]


def test_what_it_found_is_the_first_baseline(base):
    what = plan(phase("a", "true"))
    run(base, what)
    checks = what.phases[0].ci
    assert base.site().baselines.get("tree-of-base", checks.steps[0], checks).status is StepStatus.GREEN
    run(base, what)
    assert base.entered == ["base"]


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("pytst -q", "'pytst'"),
        ("cd . && pytst -q", "'pytst'"),
        ("python -m pytset", "'pytset'"),
        (("pytst",), "'pytst'"),
        ("./check.sh", "'./check.sh'"),
        ("python tests/run.py", "'tests/run.py'"),
    ],
)
def test_a_mistyped_command_of_the_last_phase_stops_the_run_before_it_starts(base, command, word):
    with pytest.raises(EnvironmentBlockedError) as blocked:
        run(base, plan(phase("first", "true"), phase("last", command)))
    assert blocked.value.exit_code is ExitCode.ENVIRONMENT
    for part in ("phase 'last'", word, "workspace.setup"):
        assert part in blocked.value.message


def test_the_final_check_is_tried_too(base):
    with pytest.raises(EnvironmentBlockedError, match="the final check 'pytst'"):
        run(base, plan(phase("a", "true"), final=("pytst",)))


@pytest.mark.parametrize(
    ("command", "scope"),
    [
        ("./check.sh", "check.sh"),
        ("scripts/check.sh", "scripts/"),
        ("python -m shop.cli", "src/shop/"),
        ("python -m shop", "src/**/*.py"),
        ("python tests/run.py", "tests/"),
    ],
)
def test_what_a_phase_is_about_to_make_is_only_said(base, command, scope):
    notes = run(base, plan(phase("a", "true", scope), phase("b", command)))
    assert [(note.phase, note.status) for note in notes] == [("b", StepStatus.NOT_STARTED)]


def test_a_later_phase_makes_it_too_late(base):
    with pytest.raises(EnvironmentBlockedError):
        run(base, plan(phase("a", "./check.sh"), phase("b", "true", "check.sh")))


def test_red_and_empty_checks_are_said(base):
    notes = run(base, plan(phase("a", "exit 3"), phase("b", "pytest -q nothing_here"), phase("c", "pytest -q --ignore=test_a.py")))
    assert [note.status for note in notes] == [StepStatus.RED, StepStatus.RED, StepStatus.NO_TESTS]
    assert "exit code 3" in notes[0].sentence
    assert notes[0].sentence.startswith("on the base commit check")
    assert "no test" in notes[2].sentence


def test_only_what_is_not_green_leaves_a_log(base, tmp_path):
    def site_of(name, _):
        return base.site(place={"log": tmp_path / f"{name}.log"})

    preflight(
        plan(phase("green", "true"), phase("red", "false"), phase("kept", "true; true", log_on_success=True)), base.tree("base"), site_of
    )
    assert sorted(path.name for path in tmp_path.glob("*.log")) == ["kept.log", "red.log"]


def test_skipped_checks_are_not_tried(base):
    assert run(base, plan(phase("a", "pytst", skip=True, reason="docs"))) == ()


def test_the_directory_of_a_check_may_be_made_by_a_phase(base):
    assert run(base, plan(phase("a", "true", "web/", cwd="web")))[0].status is StepStatus.NOT_STARTED
    with pytest.raises(EnvironmentBlockedError, match="web"):
        run(base, plan(phase("a", "true", "src/", cwd="web")))
