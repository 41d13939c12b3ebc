import pytest

from tests.support.command import Desk

KEY = "sk-ant-canary-0123456789abcdef"


@pytest.fixture
def desk(tmp_path):
    return Desk.make(
        tmp_path, {"app.py": "x = 1\n", "tests/test_app.py": "def test_it():\n    assert True\n", "README.rst": "App\n"}, name="mein läden"
    )


def test_it_says_what_it_found_and_writes_what_a_first_run_needs(desk):
    (desk.repo / ".env").write_text(f"ANTHROPIC_API_KEY={KEY}\n")
    done = desk.autopack("init", cwd=desk.repo / "tests")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"git    {desk.repo}, on main at {desk.git('rev-parse', 'HEAD')[:10]}")
    assert lines[1:] == [
        "tests  pytest (from tests/test_app.py): python3 -m pytest -q",
        "key    anthropic: ANTHROPIC_API_KEY …cdef, from the repository's .env",
        "wrote  autopack.yaml",
        "wrote  .autopack/settings.yaml",
    ]
    told = done.stderr.splitlines()
    assert told[:2] == ["next: autopack plan check", "next: autopack run --max-usd 2"]
    assert [line.split("  ")[0] for line in told[2:]] == [
        "also: autopack init --makefile",
        "also: autopack init --github-action",
        "also: autopack init --pre-commit",
    ]
    checked = desk.autopack("plan", "check", "--json")
    assert checked.exit_code == 0
    assert checked.json["notes"] == []
    assert "README.rst" in (desk.repo / "autopack.yaml").read_text("utf-8")


def test_a_second_time_changes_nothing(desk):
    desk.autopack("init")
    (desk.repo / "autopack.yaml").write_text("mine\n")
    done = desk.autopack("init", "--json")
    assert done.json["written"] == []
    assert done.json["kept"] == ["autopack.yaml", ".autopack/settings.yaml"]
    assert (desk.repo / "autopack.yaml").read_text() == "mine\n"


def test_json_says_the_same(desk):
    found = desk.autopack("init", "--json").json
    assert found["schema"] == 1
    assert found["tests"] == [{"kind": "pytest", "source": "tests/test_app.py", "command": "python3 -m pytest -q", "setup": None}]
    assert found["keys"] == []
    assert found["next"] == ["autopack plan check", "autopack demo"]


def test_without_tests_the_plan_says_so_and_is_still_sound(tmp_path):
    desk = Desk.make(tmp_path, {"notes.txt": "x\n"})
    assert "tests  none recognised" in desk.autopack("init").stdout
    (note,) = desk.autopack("plan", "check", "--json").json["notes"]
    assert "not checked at all (no tests were recognised in this project)" in note


def test_outside_of_a_repository_it_is_exit_7_and_writes_nothing(desk, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    done = desk.autopack("init", cwd=outside)
    assert done.exit_code == 7
    assert "not in a git repository" in done.stderr
    assert list(outside.iterdir()) == []


def test_it_touches_neither_index_nor_head(desk):
    index = (desk.repo / ".git" / "index").read_bytes()
    head = desk.git("rev-parse", "HEAD")
    desk.autopack("init")
    assert (desk.repo / ".git" / "index").read_bytes() == index
    assert desk.git("rev-parse", "HEAD") == head
