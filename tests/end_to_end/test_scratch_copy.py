"""A builder tries things out: commands in a scratch copy, in the sandbox, and what it takes from there; nothing else survives."""

import json
import shutil
import signal
import sqlite3

import pytest

from tests.support.command import Desk, phase_of
from tests.support.repos import git
from tests.support.server import scripted_server

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap"),
]

FILES = {
    "app.txt": "one\n",
    "check.sh": "grep -q . app.txt\n",
    "src/a.py": "VALUE = 1\n",
    "src/b.py": "VALUE = 1\n",
    "src/.env": "PASSWORD=hunter2hunter2\n",
    "src/link.py": "VALUE = 9\n",
    "other.txt": "other\n",
    ".gitignore": "*.log\n",
}
APPROVE = json.dumps({"verdict": "approve", "confidence": 0.9, "summary": "ok", "issues": [], "criteria": [], "failure_kind": None})


@pytest.fixture
def desk(tmp_path):
    desk = Desk.make(tmp_path, FILES)
    desk.plan(phase_of("one", "src/", "app.txt", explore="on"))
    return desk


def edit(*paths, **files):
    wanted = [{"path": path, "action": "take"} for path in paths]
    wanted += [{"path": f"{name}.txt", "action": "replace", "content": text} for name, text in files.items()]
    return json.dumps({"summary": "s", "files": wanted, "blocked": None})


def running(commands, answer, second=None):
    """A builder that runs these commands, one a round, and then answers; ``second`` is what its next attempt answers at once."""

    def script(request):
        if request.headers["x-autopack-role"] == "auditor":
            return APPROVE
        if request.headers["x-autopack-attempt"] != "1" and second is not None:
            return second
        done = len(outputs(request))
        return {"tools": [{"name": "run", "args": {"command": commands[done]}}]} if done < len(commands) else answer

    return script


def outputs(request):
    return [text for kind, text in request.turns() if kind == "result"]


def heard(server, attempt=1):
    """The results that the last request of an attempt holds."""
    last = [call for call in server.asked("builder") if call.attempt == attempt][-1]
    return [block["content"] for message in last.body["messages"] for block in message["content"] if block["type"] == "tool_result"]


def ran(desk, commands, answer, second=None, **env):
    with scripted_server(running(commands, answer, second)) as server:
        done = desk.beside(server).with_env(**env).autopack("run", "--run-id", "r", "--json")
        return done, heard(server), server


def failed(done):
    return [line["message"] for line in done.told("phase_recovering")]


def test_a_command_runs_and_what_it_wrote_is_taken(desk):
    commands = ["sed -i s/1/2/ src/*.py && echo new > src/c.py && ls src", "cat src/a.py; exit 3"]
    done, told, _ = ran(desk, commands, edit("src/a.py", "src/b.py", "src/c.py"))
    assert done.exit_code == 0, done.stderr
    assert told[0].startswith("exit code 0, after ")
    assert "a.py\nb.py\nc.py\n" in told[0]
    assert told[0].endswith("Changed in the scratch copy: src/a.py, src/b.py, src/c.py\n")
    assert told[1].startswith("exit code 3, after ")
    assert "VALUE = 2\n" in told[1]
    assert [desk.at("autopack/r", f"src/{name}.py") for name in "abc"] == ["VALUE = 2\n", "VALUE = 2\n", "new\n"]
    assert desk.git("diff", "--name-only", "main", "autopack/r").split() == ["src/a.py", "src/b.py", "src/c.py"]
    assert desk.git("status", "--porcelain", "--untracked-files=no") == ""
    looked = desk.autopack("show", "r", "one").stdout
    assert "run" in looked
    assert "exit code 3" in looked


def test_nothing_of_the_scratch_copy_survives_but_what_is_taken(desk):
    desk.plan(
        phase_of(
            "one",
            "src/",
            "app.txt",
            explore="on",
            ci={"command": "grep -q other other.txt && test -e src/b.py && ! ls *.log && test ! -e src/d.py", "tests": "none"},
        )
    )
    done, _, _ = ran(
        desk, ["echo changed > other.txt; echo d > src/d.py; echo x > x.log; rm src/b.py; echo 3 > src/a.py"], edit("src/a.py")
    )
    assert done.exit_code == 0, done.stderr
    assert desk.at("autopack/r", "src/a.py") == "3\n"
    assert desk.at("autopack/r", "src/b.py") == "VALUE = 1\n"
    assert desk.git("diff", "--name-only", "main", "autopack/r").split() == ["src/a.py"]


def test_the_sandbox_keeps_a_models_command_from_network_keys_git_and_secrets(desk, tmp_path):
    (tmp_path / "secret").write_text("outside")
    probes = [
        "env",
        "cat src/.env .env; cat src/link.py",
        "git log; cat \"$(cut -d' ' -f2 .git)\"/../../config; ls -A \"$(cut -d' ' -f2 .git)/../..\"",
        f"cat {tmp_path}/secret; ls {desk.repo}; echo x > {tmp_path}/written; cat /proc/net/dev | wc -l",
        "echo $HOME; ls -A ~; cat ~/.npmrc",
    ]
    git(desk.repo, "config", "remote.origin.url", "https://ann:t0ken-in-url@example.com/x.git")
    desk.plan(
        phase_of("one", "src/", "app.txt", explore="on"),
        workspace={"setup": [{"command": "echo token=n0t-for-models > ~/.npmrc; echo KEY=n0t-for-models > .env"}]},
    )
    done, told, _ = ran(desk, probes, edit(app="two\n"), AUTOPACK_CHECKS__ENV_KEEP="[MY_TOKEN]", MY_TOKEN="kept-for-checks")
    assert done.exit_code == 0, done.stderr
    everything = "\n".join(told)
    for never in ("k-test", "kept-for-checks", "hunter2", "t0ken-in-url", "n0t-for-models", "outside"):
        assert never not in everything
    assert "VALUE = 9" in told[1]
    assert "not a git repository" in told[2].lower()
    assert not (tmp_path / "written").exists()
    assert "\n3\n</output" in told[3], "two lines of heading, and the loopback"


@pytest.mark.parametrize(
    ("command", "path", "why"),
    [
        ("true", "src/a.py", "nothing to take"),
        ("ln -sf /etc/passwd src/a.py", "src/a.py", "cannot be taken"),
        ("rm -r src && ln -s /etc src", "src/a.py", "would be deleted"),
        ("ln src/b.py src/hard.py", "src/hard.py", "cannot be taken"),
        ("mkfifo src/pipe.py", "src/pipe.py", "cannot be taken"),
        ("printf 'a\\000b' > src/a.py", "src/a.py", "it is binary"),
        ("head -c 3000000 /dev/zero | tr '\\0' x > src/a.py", "src/a.py", "more than is kept"),
        ("rm src/a.py", "src/a.py", "would be deleted"),
        ("echo changed > other.txt", "other.txt", "outside this phase's scope"),
        ("echo x > src/x.log", "src/x.log", "nothing to take"),
        ("echo evil > .git", ".git", ""),
        ("mkdir -p src/.git && echo x > src/.git/config", "src/.git/config", ""),
        ("echo 1 > ../escape.py", "../escape.py", ""),
        ("printf 'x = (\\n' > src/a.py", "src/a.py", "src/a.py"),
        ("rm src/.env; echo A=1 > src/.env", "src/.env", ""),
    ],
    ids=[
        *(
            "untouched",
            "link",
            "folder_link",
            "hard_link",
            "pipe",
            "binary",
            "huge",
            "deleted",
            "outside",
            "ignored",
            "pointer",
            "nested_git",
        ),
        *("above", "syntax", "env"),
    ],
)
def test_what_may_not_be_taken_fails_the_attempt_and_leaves_nothing(desk, command, path, why):
    done, _, _ = ran(desk, [command], edit(path), edit(app="two\n"))
    assert done.exit_code == 0, done.stderr
    [message] = failed(done)
    assert why in message
    assert desk.git("diff", "--name-only", "main", "autopack/r") == "app.txt"
    assert desk.git("fsck", "--no-dangling") == ""


def test_a_command_has_so_much_time_and_output(desk):
    commands = ["seq 1 200000", "sleep 600"]
    done, told, _ = ran(desk, commands, edit(app="two\n"), AUTOPACK_EXPLORE__SECONDS="6", AUTOPACK_EXPLORE__CHARACTERS="5000")
    assert done.exit_code == 0, done.stderr
    assert "200000\n" in told[0]
    assert len(told[0]) < 6000
    assert "did not end within" in told[1]


def test_without_a_sandbox_nothing_is_run_and_nothing_can_be_taken(desk, tmp_path):
    def script(request):
        if request.headers["x-autopack-role"] == "auditor":
            return APPROVE
        assert "run" not in request.tools
        assert '"take"' not in json.dumps(request.body)
        if request.headers["x-autopack-attempt"] == "1":
            return edit("src/a.py") if outputs(request) else {"tools": [{"name": "run", "args": {"command": f"touch {tmp_path}/ran"}}]}
        return edit(app="two\n")

    with scripted_server(script) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX="off").autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stderr
        assert heard(server) == ["There is no tool run."]
    assert "no scratch copy" in failed(done)[0]
    assert not (tmp_path / "ran").exists()


def test_killed_between_two_commands_it_goes_on_with_the_scratch_copy_as_it_was(desk, tmp_path):
    late = []
    commands = [
        "echo 2 > src/a.py; rm src/b.py; mkdir src/deep; echo n > src/deep/n.py; echo ran >> out.txt",
        "cat src/a.py src/deep/n.py out.txt; ls src",
    ]

    def script(request):
        answer = running(commands, edit("src/a.py", "src/deep/n.py"))(request)
        if request.headers["x-autopack-role"] == "builder" and len(outputs(request)) == 1 and not late:
            late.append(request)
            return {"text": "", "delay": 60}
        return answer

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        with keyed.start("run", "--run-id", "r", "--json") as started:
            started.until(lambda: bool(late))
            started.send(signal.SIGKILL)
            started.end()
        shutil.rmtree(desk.home / ".local" / "state" / "autopack", ignore_errors=True)
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stdout + done.stderr
        told = heard(server)
    assert "2\nn\nran\na.py\ndeep\nlink.py\n" in told[1]
    assert desk.at("autopack/r", "src/deep/n.py") == "n\n"
    assert len(recorded(desk)) == 2


def test_killed_in_a_command_that_one_runs_again_on_the_scratch_copy_as_it_was_before(desk):
    commands = ["echo before > src/kept.txt", "echo x >> src/count.txt; sleep 4; wc -l < src/count.txt; cat src/kept.txt"]
    with scripted_server(running(commands, edit(app="two\n"))) as server:
        keyed = desk.beside(server)
        with keyed.start("run", "--run-id", "r") as started:
            started.until(lambda: any(desk.home.glob(".local/state/autopack/*/r/*/src/count.txt")))
            started.send(signal.SIGKILL)
            started.end()
        assert len(recorded(desk)) == 1
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stdout + done.stderr
        told = heard(server)
    assert ">\n1\nbefore\n</output" in told[1]
    assert [call.attempt for call in server.asked("builder")] == [1, 1, 1]


def recorded(desk):
    connection = sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")
    try:
        return connection.execute("SELECT result_json FROM step WHERE name LIKE 'explore%' ORDER BY at").fetchall()
    finally:
        connection.close()


def test_a_journal_plays_commands_without_running_them_even_where_there_is_no_sandbox(desk, tmp_path):
    done, _, _ = ran(desk, ["date +%N > src/a.py; cat src/a.py"], edit("src/a.py"))
    assert done.exit_code == 0, done.stderr
    journal = tmp_path / "journal.jsonl"
    assert desk.autopack("journal", "export", "r", "-o", journal).exit_code == 0
    clone = Desk(tmp_path / "clone", desk.environment)
    git(tmp_path, "clone", "-q", str(desk.repo), str(clone.repo))
    shutil.copy(desk.repo / "autopack.yaml", clone.repo / "autopack.yaml")
    played = clone.with_env(AUTOPACK_SANDBOX="off").autopack("run", "--run-id", "again", "--replay", journal, "--replay-strict")
    assert played.exit_code == 0, played.stdout + played.stderr
    assert clone.git("rev-parse", "autopack/again^{tree}") == desk.git("rev-parse", "autopack/r^{tree}")


def test_what_a_command_put_back_is_no_longer_there_to_take(desk):
    done, told, _ = ran(desk, ["echo 2 > src/a.py", "echo 'VALUE = 1' > src/a.py"], edit("src/a.py"), edit(app="two\n"))
    assert done.exit_code == 0, done.stderr
    assert told[1].endswith("Changed in the scratch copy: src/a.py (as before)\n")
    assert "nothing to take" in failed(done)[0]


def test_a_mechanical_change_of_many_files_is_made_by_a_script(tmp_path):
    names = [f"src/m{n}.py" for n in range(40)]
    desk = Desk.make(tmp_path, {**FILES, **dict.fromkeys(names, "def old():\n    return 1\n")})
    desk.plan(phase_of("one", "src/", explore="on"))
    done, _, _ = ran(desk, ["sed -i 's/def old/def new/' src/m*.py"], edit(*names))
    assert done.exit_code == 0, done.stderr
    assert all(desk.at("autopack/r", name) == "def new():\n    return 1\n" for name in (names[0], names[39]))
