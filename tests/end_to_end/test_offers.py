"""What `init` offers beside the plan is used as its user would: make reads the targets, a runner's steps run, pre-commit's hooks judge."""

import re

import pytest
from ruamel.yaml import YAML

from tests.support.command import CHECK, FILES, ONE, Desk, oracle_of
from tests.support.repos import git
from tests.support.server import scripted_server
from tests.support.shell import shell_of
from tests.support.start import ROOT

pytestmark = pytest.mark.end_to_end

ACTION = ".github/workflows/autopack.yml"
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
ONLY_THERE = ("Install Autopack and its sandbox",)
"""Steps that change the machine: a runner's is thrown away afterwards, this one is not."""


def test_the_targets_for_make_do_what_they_say(desk):
    desk.plan()
    written = desk.autopack("init", "--makefile", "--json")
    assert written.json["written"] == [".autopack/settings.yaml", "autopack.mk"]
    assert [offer["option"] for offer in written.json["offers"]] == ["--github-action", "--pre-commit"]
    (desk.repo / "Makefile").write_text("all:\n\t@echo all of it\n\ninclude autopack.mk\n", "utf-8")
    with scripted_server(oracle_of(ONE)) as server, shell_of(desk.beside(server)) as bash:
        assert bash("make").stdout == "all of it\n"
        checked = bash("make autopack-check autopack-dry-run")
        assert checked.returncode == 0, checked.stderr
        assert server.calls == []
        done = bash("make autopack-run MAX_USD=3 UNTIL=$(date -d '+5 hours' +%Y-%m-%dT%H:%M)")
        assert done.returncode == 0, done.stderr
        looked = bash("make autopack-status autopack-report autopack-gc")
    assert looked.returncode == 0, looked.stderr
    assert "complete" in looked.stdout
    assert desk.at("autopack/" + runs_of(desk)[0]["run_id"], "app.txt") == "two\n"
    (run,) = runs_of(desk)
    assert desk.status(run["run_id"])["budget"]["max_usd"] == 3
    assert str(desk.repo / ".autonomous_runs" / run["run_id"] / "report.html") in looked.stdout + looked.stderr


def test_a_run_that_needs_a_person_is_told_by_make_with_its_code(desk):
    desk.plan(defaults={"ci": CHECK, "gate": "hold"})
    desk.autopack("init", "--makefile")
    with scripted_server(oracle_of(ONE)) as server, shell_of(desk.beside(server)) as bash:
        done = bash("make -f autopack.mk autopack-run")
    assert done.returncode == 2
    assert "Error 4" in done.stderr


def runs_of(desk):
    return desk.autopack("runs", "--json").json["runs"]


class Runner:
    """What GitHub does with a workflow's job: expressions are filled in, each step with ``run`` is a bash that ends at what fails."""

    def __init__(self, desk, bash, **secrets):
        self.bash, self.folder = bash, desk.home
        self.workflow = YAML(typ="safe").load((desk.repo / ACTION).read_text("utf-8"))
        self.known = {f"secrets.{name}": value for name, value in secrets.items()}
        self.known |= {"github.run_id": "77", "github.run_attempt": "1", "inputs.plan": "", "inputs.max_usd": ""}
        self.told, self.code = "", 0

    def work(self):
        top = self._filled(self.workflow["env"])
        for number, step in enumerate(self.workflow["jobs"]["run"]["steps"]):
            if "run" not in step or step["name"] in ONLY_THERE or (self.code and step.get("if") != "always()"):
                continue
            out, summary = self.folder / f"out-{number}", self.folder / "summary"
            files = {"GITHUB_OUTPUT": str(out), "GITHUB_STEP_SUMMARY": str(summary), "CI": "true"}
            done = self.bash(step["run"], env={**top, **self._filled(step.get("env", {})), **files})
            self.told += f"$ {step['name']}: {done.returncode}\n{done.stdout}{done.stderr}"
            self.code = self.code or done.returncode
            for line in out.read_text("utf-8").splitlines() if out.exists() else ():
                name, value = line.split("=", 1)
                self.known[f"steps.{step['id']}.outputs.{name}"] = value
        return self

    def _filled(self, values):
        return {name: EXPRESSION.sub(self._value, value) for name, value in values.items()}

    def _value(self, match):
        """`a.b || 'c'`: the first that is not empty; a secret that nobody set is empty."""
        words = [word.strip() for word in match[1].split("||")]
        found = [word.strip("'") if word.startswith("'") else self.known.get(word, "") for word in words]
        return next(filter(None, found), "")


def action_desk(tmp_path, **keys):
    """A clone of a bare repository, as a checkout on a runner is, with plan and workflow committed."""
    desk = Desk.make(tmp_path)
    desk.plan(**keys)
    desk.autopack("init", "--github-action")
    for arguments in (("add", "-A"), ("commit", "-qm", "plan"), ("clone", "-q", "--bare", ".", "../origin.git")):
        desk.git(*arguments)
    desk.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    return desk


def worked(desk, script=None):
    with scripted_server(script or oracle_of(ONE)) as server, shell_of(desk.with_env(ANTHROPIC_BASE_URL=server.base_url)) as bash:
        return Runner(desk, bash, ANTHROPIC_API_KEY="k-test").work()


def test_the_steps_of_the_github_action_push_what_landed_and_report(tmp_path):
    desk = action_desk(tmp_path)
    runner = worked(desk)
    assert runner.code == 0, runner.told
    assert git(tmp_path / "origin.git", "show", "autopack/ci-77-1:app.txt") == "two\n"
    assert "ci-77-1" in (desk.home / "summary").read_text("utf-8")
    assert desk.status("ci-77-1")["budget"]["max_usd"] == 5


def test_a_held_run_is_pushed_and_fails_the_job_with_its_code(tmp_path):
    desk = action_desk(tmp_path, defaults={"ci": CHECK, "gate": "hold"})
    runner = worked(desk)
    assert runner.code == 4, runner.told
    assert "held" in (desk.home / "summary").read_text("utf-8")


def test_a_plan_that_cannot_be_used_stops_the_job_before_anybody_is_asked(tmp_path):
    desk = action_desk(tmp_path, goal="")
    runner = worked(desk)
    assert runner.code == 3, runner.told
    assert not (desk.home / "summary").exists()
    assert runs_of(desk) == []


def test_the_action_asks_for_the_tools_that_the_checks_need(tmp_path):
    desk = Desk.make(tmp_path, {"package.json": '{"scripts": {"test": "node --test"}}\n', "a.js": "\n"})
    desk.autopack("init", "--github-action")
    steps = YAML(typ="safe").load((desk.repo / ACTION).read_text("utf-8"))["jobs"]["run"]["steps"]
    assert [step["uses"].partition("@")[0] for step in steps if "uses" in step] == [
        "actions/checkout", "actions/setup-python", "actions/setup-node", "actions/upload-artifact",
    ]  # fmt: skip


def test_no_expression_stands_in_a_script_where_a_branch_name_could_become_a_command(desk):
    steps = YAML(typ="safe").load((ROOT / "templates/ci/github-action.yml").read_text("utf-8"))["jobs"]["run"]["steps"]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_a_link_for_the_folder_of_workflows_is_not_followed(tmp_path):
    desk = Desk.make(tmp_path, FILES)
    outside = tmp_path / "outside"
    outside.mkdir()
    (desk.repo / ".github").symlink_to(outside)
    done = desk.autopack("init", "--github-action")
    assert done.exit_code == 7
    assert ".github is a link" in done.stderr
    assert list(outside.iterdir()) == []


def test_what_is_there_is_never_written_over(desk):
    for name in ("autopack.mk", ".pre-commit-config.yaml"):
        (desk.repo / name).write_text("mine\n", "utf-8")
    done = desk.autopack("init", "--makefile", "--github-action", "--pre-commit", "--json").json
    assert {"autopack.mk", ".pre-commit-config.yaml"} <= set(done["kept"])
    assert done["offers"] == []
    assert (desk.repo / "autopack.mk").read_text("utf-8") == "mine\n"
