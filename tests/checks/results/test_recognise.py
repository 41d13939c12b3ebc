import pytest

from autopack.checks.results.recognise import module_of, pytest_call, simple_commands, unwrapped, words


@pytest.mark.parametrize(
    "command",
    [
        "pytest",
        "pytest -q tests/",
        "py.test -x",
        ".venv/bin/pytest -q",
        "python -m pytest -q",
        "python3.12 -W error -m pytest",
        ".venv/bin/python -m pytest",
        "uv run pytest",
        "uv run --extra dev --with x pytest -q",
        "uv run --frozen python -m pytest",
        "poetry run pytest",
        "pdm run pytest",
        "hatch run pytest",
        "coverage run -m pytest -q",
        "coverage run --source=src -m pytest",
        "cd packages/x && pytest -q",
        "FOO=1 BAR='a b' pytest",
        "env -u HOME A=b pytest",
        "timeout 60 pytest",
        "timeout -k 5 60 pytest",
        "ruff check . && pytest -q | tee log.txt",
        "(cd a; pytest)",
        "pip install -e .\npytest",
        ("pytest", "-q"),
        ("python", "-m", "pytest"),
        ("uv", "run", "pytest"),
    ],
)
def test_pytest_is_recognised(command):
    assert pytest_call(command) is not None


@pytest.mark.parametrize(
    "command",
    [
        "tox",
        "make test",
        "npm test",
        "echo pytest",
        "ruff check pytest",
        "python -m tox pytest",
        "pip install pytest",
        "pytest-watch",
        "uv run --with pytest ruff",
        "grep pytest a && python run.py",
        "pytest a && pytest b",
        "pytest 'unclosed",
        "docker compose run app pytest",
        "",
        ("sh", "-c", "pytest"),
    ],
)
def test_everything_else_is_not(command):
    assert pytest_call(command) is None


@pytest.mark.parametrize(
    ("command", "report"),
    [
        ("pytest --junitxml=r.xml", "r.xml"),
        ("pytest --junit-xml r.xml -q", "r.xml"),
        ("cd a/b && pytest --junitxml='my r.xml'", "a/b/my r.xml"),
        ("pytest --junitxml=a.xml --junitxml=b.xml", "b.xml"),
        ('pytest --junitxml="$AUTOPACK_OUT/r.xml"', "$AUTOPACK_OUT/r.xml"),
        ("pytest --junitxml", None),
        ("pytest", None),
    ],
)
def test_a_report_of_its_own_is_seen(command, report):
    assert pytest_call(command).report == report


def test_a_line_is_split_at_what_stands_between_commands():
    assert list(simple_commands("a b&&c||d;e|f 'x && y'")) == [("a", "b"), ("c",), ("d",), ("e",), ("f", "x && y")]


def test_wrappers_are_taken_off_one_after_the_other():
    assert unwrapped(("A=1", "env", "B=2", "timeout", "5", "uv", "run", "ruff", "check")) == ("ruff", "check")
    assert unwrapped(("A=1",)) == ()


def test_the_module_of_python():
    assert module_of(("python3", "-X", "dev", "-m", "mypy", "src")) == ("mypy", ("src",))
    assert module_of(("python", "script.py", "-m", "x")) is None


def test_words_keep_quotes_together():
    assert words("npm run 'my task'") == ("npm", "run", "my task")
