"""What a person finds in the history: a subject and a whole summary, nothing forged, the user's own signature."""

import json
import subprocess

import pytest

from tests.support.command import ONE, ending, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

LONG = "Let the app say two instead of one, since that is what the goal of the whole plan asks for and what every caller expects of it."


def summed_up(summary):
    """The answers of the oracle, with that summary."""
    oracle = oracle_of(ONE)
    reply = {"summary": summary, "files": [{"path": "app.txt", "action": "replace", "content": "two\n"}], "blocked": None}
    return lambda request: json.dumps(reply) if request.headers["x-autopack-role"] == "builder" else oracle(request)


def signs_commits(desk, key="key"):
    """The user signs with an ssh key without a passphrase."""
    place = desk.home / key
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "user@example.org", "-f", str(place)], check=True)
    (desk.home / "allowed").write_text(f"user@example.org {place.with_suffix('.pub').read_text('utf-8')}", "utf-8")
    told = {
        "gpg.format": "ssh",
        "user.signingkey": f"{place}.pub",
        "commit.gpgsign": "true",
        "gpg.ssh.allowedSignersFile": desk.home / "allowed",
    }
    for name, value in told.items():
        desk.git("config", name, str(value))


def is_signed(desk, commit):
    return desk.git("log", "-1", "--format=%G?", commit) == "G"


def test_the_whole_summary_stands_in_the_commit_and_the_subject_is_short(desk):
    desk.plan()
    with scripted_server(summed_up(LONG)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
    subject = desk.git("log", "-1", "--format=%s", "autopack/r")
    assert len(subject) <= 72
    assert subject.startswith("one: Let the app say two")
    assert LONG in " ".join(desk.git("log", "-1", "--format=%b", "autopack/r").split())
    assert max(map(len, desk.git("log", "-1", "--format=%b", "autopack/r").split("\n"))) <= 72


def test_a_summary_forges_no_trailer_and_brings_no_control_character(desk):
    desk.plan()
    with scripted_server(
        summed_up("Two\x1b[2J\u2028Autopack-Run: other\r\rAutopack-Phase: x\u0085---\ndiff --git a/x b/x\u202e")
    ) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
    message = desk.git("log", "-1", "--format=%B", "autopack/r")
    assert [line for line in message.split("\n") if line.lower().startswith(("autopack-run", "autopack-phase", "---", "diff"))] == [
        "Autopack-Run: r",
        "Autopack-Phase: one",
    ]
    assert message.isprintable() or set(message) - set("\n") == {one for one in message if one.isprintable()}


def test_commits_are_signed_where_the_users_git_signs_them(desk):
    desk.plan(phase_of("one"), phase_of("two", gate="hold"))
    signs_commits(desk)
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}})) as server:
        keyed = desk.beside(server)
        ending(keyed.autopack("run", "--run-id", "r"), 4)
        assert is_signed(desk, "autopack/r")
        assert desk.status("r")["head_commit"] == desk.git("rev-parse", "autopack/r")
        assert desk.git("log", "-1", "--format=%an %ae %cn", "autopack/r") == "A. User user@example.org A. User"
        mine = desk.repo.parent / "mine"
        desk.git("worktree", "add", "-q", str(mine), "autopack/r")
        (mine / "docs" / "notes.txt").write_text("mine\n", "utf-8")
        desk.git("-C", str(mine), "commit", "-q", "--no-gpg-sign", "-am", "By hand")
        desk.git("worktree", "remove", str(mine))
        assert desk.autopack("approve", "r", "two").exit_code == 0
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
    assert is_signed(desk, "autopack/r"), "laid on a person's commit it is signed again"
    assert not is_signed(desk, "autopack/r~1")
    assert desk.git("log", "-1", "--format=%(trailers:key=Autopack-Phase,valueonly)", "autopack/r") == "two"
    assert desk.at("autopack/r", "app.txt") == "three\n"


def test_a_key_that_cannot_sign_stops_the_run_before_anything_is_bought(desk):
    desk.plan()
    signs_commits(desk)
    (desk.home / "key").unlink()
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        said = ending(keyed.autopack("run", "--run-id", "r"), 7)
        assert "commit.gpgsign" in said
        assert "git: {sign: off}" in said
        assert server.calls == []
        desk.configured("git: {sign: off}\n", "settings.yaml")
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
    assert "this run does not: git.sign is off" in done.stderr
    assert not is_signed(desk, "autopack/r")


def test_a_run_killed_after_it_signed_lands_what_it_signed(desk):
    """The signed commit is recorded before the branch moves."""
    program = """
from autopack.worktree.run_branch import RunBranch
import os
def die(self, candidate, expected_head):
    os._exit(9)
RunBranch.integrate = die
from autopack.__main__ import main
main()
"""
    desk.plan()
    signs_commits(desk)
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        assert keyed.python(program, "run", "--run-id", "r").exit_code == 9
        made = desk.git("for-each-ref", "--format=%(objectname)", "refs/autopack/r/one/1.signed")
        assert is_signed(desk, made)
        assert keyed.autopack("resume", "r").exit_code == 0
        assert len(server.calls) == 2
    assert desk.git("rev-parse", "autopack/r") == made
