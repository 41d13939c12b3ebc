"""What a run says about its sandbox, and what its commands can reach in one."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.command import CHECK, FILES, ONE, Desk, ending, oracle_of, phase_of, refusal
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end
needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")


def configured(desk: Desk, text: str) -> Desk:
    return desk.configured(text, "settings.yaml")


def without_bubblewrap(desk: Desk, folder: Path) -> Desk:
    """The same programs on PATH, less that one."""
    place = folder / "programs"
    place.mkdir()
    for directory in ("/usr/bin", "/bin"):
        for entry in os.scandir(directory):
            if entry.name != "bwrap" and not (place / entry.name).is_symlink():
                (place / entry.name).symlink_to(entry.path)
    first = desk.environment["PATH"].split(os.pathsep)[0]
    return desk.with_env(PATH=f"{first}:{place}")


def fake_bubblewrap(desk: Desk, folder: Path) -> Desk:
    place = folder / "fake"
    place.mkdir()
    (place / "bwrap").write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    (place / "bwrap").chmod(0o755)
    return desk.with_env(PATH=f"{place}:{desk.environment['PATH']}")


def introduced(desk: Desk) -> str:
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 0, done.stderr
    return done.told("run_introduced")[0]["message"]


@needs_bubblewrap
def test_the_first_line_says_which_sandbox_is_in_force(desk):
    assert "commands run in bubblewrap" in introduced(desk)
    assert desk.status("r")["sandbox"] == "bubblewrap"


def test_without_bubblewrap_the_first_line_says_so(desk, tmp_path):
    assert "commands run without a sandbox: bubblewrap (bwrap) is not installed" in introduced(without_bubblewrap(desk, tmp_path))
    assert desk.status("r")["sandbox"] == "none"


def test_a_sandbox_that_does_not_hold_is_not_trusted_and_the_first_line_says_why(desk, tmp_path):
    said = introduced(fake_bubblewrap(desk, tmp_path))
    assert "without a sandbox: bubblewrap does not hold here: Autopack's state can be seen" in said
    assert desk.status("r")["sandbox"] == "none"


def test_switched_off_is_said(desk):
    assert "without a sandbox: switched off by the configuration" in introduced(configured(desk, "sandbox: off\n"))


@pytest.mark.parametrize("spoil", [without_bubblewrap, fake_bubblewrap])
def test_required_and_not_there_ends_the_run_before_anything_is_bought(desk, tmp_path, spoil):
    configured(desk, "sandbox: required\n").plan()
    with scripted_server(oracle_of(ONE)) as server:
        said = ending(spoil(desk, tmp_path).beside(server).autopack("run", "--run-id", "r"), 7)
        assert "requires a sandbox" in said
        assert server.calls == []


@pytest.mark.parametrize(
    ("file", "text", "key"),
    [
        ("settings.yaml", "sandbox: off", "sandbox"),
        ("settings.yaml", "sandbox_read: [/]", "sandbox_read"),
        ("settings.yaml", "checks: {env_keep: [X]}", "checks.env_keep"),
        ("settings.yaml", "checks: {processes: 9999}", "checks.processes"),
        ("settings.yaml", "notify: {command: [sh, -c, 'touch told'], on: [complete]}", "notify"),
        ("settings.yaml", "max_usd: 9", "max_usd"),
        ("models.yaml", "providers: [{name: anthropic, base_url: 'http://127.0.0.1:1'}]", "models.providers"),
        ("models.yaml", "doctor: {allow_execute_fix_global: true}", "models.doctor.allow_execute_fix_global"),
    ],
)
def test_a_repository_cannot_open_what_is_its_users_to_open(desk, file, text, key):
    configured(desk, "max_usd: 5\n")
    (desk.repo / ".autopack").mkdir()
    (desk.repo / ".autopack" / file).write_text(text + "\n")
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        said = refusal(desk.beside(server).autopack("run", "--run-id", "r"), 3)
        assert server.calls == []
    assert f".autopack/{file}:1" in said
    assert f"`{key}`" in said
    assert str(desk.home / ".config" / "autopack") in said


def test_a_repositorys_configuration_is_that_of_the_checkout_and_a_phase_cannot_change_it(desk):
    settings = desk.repo / ".autopack" / "settings.yaml"
    committed = {".autopack/settings.yaml": "git: {subject: committed}\n"}
    commit_files(desk.repo, committed, "configuration")
    settings.write_text("git: {subject: of the checkout}\n")
    inner = {"one": {".autopack/settings.yaml": "git: {subject: of the builder}\n"}, "two": {"app.txt": "two\n"}}
    scope = {"paths": [".autopack/settings.yaml"]}
    desk.plan(phase_of("one", scope=scope), phase_of("two"))
    with scripted_server(oracle_of(inner, {**FILES, **committed})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stdout + done.stderr
    assert desk.git("log", "-2", "--format=%s", "autopack/r").split("\n") == ["of the checkout"] * 2
    assert settings.read_text() == "git: {subject: of the checkout}\n"


@needs_bubblewrap
def test_a_check_that_goes_for_everything_gets_nothing(desk):
    (desk.home / ".netrc").write_text("canary-of-the-home")
    (desk.repo / ".env").write_text("canary-of-the-checkout")
    state = desk.repo / ".git" / "autopack" / "autopack.db"
    attack = f"""
    cat ~/.netrc {desk.home}/.netrc {desk.repo}/.env {desk.repo}/app.txt {state} {desk.repo}/.autonomous_runs/r/ci/one-1.log
    echo x > {desk.repo}/app.txt; echo x > {desk.repo}/.git/HEAD; rm -rf {desk.repo}/.git/refs {state} .git; git commit -am mine
    rm -rf {desk.home}/.netrc {desk.repo} 2>/dev/null
    (setsid sleep 63 </dev/null >/dev/null 2>&1 &)
    grep -q two app.txt
    """
    desk.plan(phase_of("one", ci={"command": attack, "tests": "none", "timeout_s": 60, "log_on_success": True}))
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        sent = "".join(call.text for call in server.calls)
    logs = "".join(path.read_text() for path in (desk.repo / ".autonomous_runs").rglob("*.log"))
    assert "canary-of-the" not in (logs + sent + done.stdout).replace(attack, "")
    assert "No such file" in logs
    assert (desk.repo / "app.txt").read_text() == FILES["app.txt"]
    assert (desk.home / ".netrc").exists()
    assert desk.at("autopack/r", "app.txt") == "two\n"
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if _is(path, b"sleep\0" + b"63\0")]


def _is(path: Path, words: bytes) -> bool:
    try:
        return path.read_bytes() == words
    except OSError:
        return False


@needs_bubblewrap
def test_what_the_user_opens_by_name_can_be_read(desk, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "data.txt").write_text("two\n")
    configured(desk, f"sandbox_read: [{tmp_path}/shared, ~/fonts]\n")
    (desk.home / "fonts").mkdir()
    (desk.home / "fonts" / "f").write_text("f\n")
    desk.plan(phase_of("one", ci={**CHECK, "command": f"cmp app.txt {tmp_path}/shared/data.txt && cat {desk.home}/fonts/f"}))
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr


@needs_bubblewrap
def test_a_check_runs_in_its_own_directory_and_without_the_network(desk):
    reach = "python -c \"import socket; socket.create_connection(('127.0.0.1', {}), 5)\""
    with scripted_server(oracle_of(ONE)) as server:
        port = server.base_url.rpartition(":")[2]
        desk.plan(
            phase_of("one", ci={**CHECK, "cwd": "docs", "command": f"test -f notes.txt && ! {reach.format(port)} 2>/dev/null"}),
            final={"steps": []},
        )
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        desk.plan(phase_of("one", ci={**CHECK, "network": True, "command": reach.format(port)}), name="open.yaml")
        assert desk.beside(server).autopack("run", "--run-id", "s", "--plan", "open.yaml").exit_code == 0


@needs_bubblewrap
def test_set_up_and_derive_run_in_the_sandbox_and_without_the_network(desk):
    """Each writes down what it sees of the user's home and how many network devices it has; one set-up has the network opened."""
    (desk.home / "secret").write_text("canary-of-the-home")
    look = f"(cat ~/secret {desk.home}/secret; grep -c : /proc/net/dev)"
    derive = {"command": f"{look} > docs/seen.txt 2>&1; true", "when": ["app.txt"], "writes": ["docs/seen.txt"]}
    phase = phase_of("one", "app.txt", "docs/", ci={**CHECK, "log_on_success": True}, derive=[derive])
    closed, opened = f"{look} 2>&1; echo closed", "grep -c : /proc/net/dev; cat ~/secret 2>&1; echo opened"
    desk.plan(phase, workspace={"setup": [closed, {"command": opened, "network": True}]})
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 0, done.stdout + done.stderr
    devices = sum(":" in line for line in Path("/proc/net/dev").read_text("ascii").splitlines())
    seen = desk.at("autopack/r", "docs/seen.txt").splitlines()
    assert ([line.endswith("No such file or directory") for line in seen], seen[-1]) == ([True, True, False], "1")
    log = (desk.repo / ".autonomous_runs/r/ci/setup.log").read_text("utf-8")
    assert "canary-of-the" not in log
    first, second = log.split("closed\n")[-2:]
    assert (first.count("No such file"), first.rstrip().splitlines()[-1]) == (2, "1")
    assert f"\n{devices}\n" in second
    assert "No such file" in second
    assert devices > 1, "the machine itself has no network to be cut off from"


@pytest.mark.parametrize(
    ("limit", "greedy", "said"),
    [
        ("processes: 20", "for i in $(seq 40); do sleep 30 & done; wait", "more than 20 processes"),
        ("memory_bytes: 150000000", "python -c 'import time; held = bytearray(b\"x\") * 400000000; time.sleep(60)'", "150,000,000 bytes"),
    ],
)
def test_a_check_over_a_limit_is_red_and_says_so(desk, limit, greedy, said):
    configured(desk, f"checks: {{{limit}, kill_grace_s: 0.2}}\n")
    desk.plan(phase_of("one", max_attempts=1, ci={**CHECK, "command": f"grep -q one app.txt && exit 0; {greedy}"}))
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 1, done.stderr
    failed = done.told("phase_recovering")[-1]
    assert (failed["kind"], said in failed["message"]) == ("checks_red", True), failed
