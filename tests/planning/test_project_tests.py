import json

import pytest

from autopack.planning.project_tests import recognise_tests


def found(top, **files):
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return recognise_tests(top, frozenset(files))


@pytest.mark.parametrize(
    ("files", "kind", "command", "setup"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]\n", "uv.lock": ""}, "pytest", "uv run --no-sync pytest -q", "uv sync"),
        ({"tests/test_a.py": "", "poetry.lock": ""}, "pytest", "poetry run pytest -q", "poetry install"),
        ({"src/a_test.py": ""}, "pytest", "python3 -m pytest -q", ""),
        ({"package.json": '{"scripts": {"test": "vitest"}}', "package-lock.json": ""}, "npm", "npm test", "npm ci"),
        ({"package.json": '{"scripts": {"test": "vitest"}}', "pnpm-lock.yaml": ""}, "pnpm", "pnpm test", "pnpm install --frozen-lockfile"),
        (
            {"package.json": '{"scripts": {"test": "x"}}', "yarn.lock": "# yarn lockfile v1"},
            "yarn",
            "yarn test",
            "yarn install --frozen-lockfile",
        ),
        ({"package.json": '{"scripts": {"test": "x"}}', "yarn.lock": "__metadata:"}, "yarn", "yarn test", "yarn install --immutable"),
        ({"package.json": '{"scripts": {"test": "node --test"}}'}, "npm", "npm test", ""),
        ({"Cargo.toml": ""}, "cargo", "cargo test", "cargo fetch"),
        ({"go.mod": ""}, "go", "go test ./...", "go mod download"),
        ({"Makefile": "all:\n\ncheck: all\n\ttrue\n"}, "make", "make check", ""),
    ],
)
def test_tests_are_recognised(tmp_path, files, kind, command, setup):
    (tests,) = found(tmp_path, **files)
    assert (tests.kind, tests.command, tests.setup) == (kind, command, setup)


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": ""},
        {"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'},
        {"package.json": "[" * 100_000},
        {"package.json": json.dumps({"scripts": []})},
        {"Makefile": "test := x\n"},
        {"pyproject.toml": "[project]\n"},
    ],
)
def test_where_nothing_tells_nothing_is_recognised(tmp_path, files):
    assert found(tmp_path, **files) == ()


def test_a_package_gets_an_environment_of_its_own_with_its_test_extra(tmp_path):
    (tests,) = found(
        tmp_path, **{"pyproject.toml": "[project]\nname='x'\n[project.optional-dependencies]\ndev=[]\ntest=[]\n", "tests/test_a.py": ""}
    )
    assert "-m venv .venv" in tests.setup
    assert "-e '.[test]' pytest" in tests.setup


def test_a_ready_environment_is_linked_unless_it_leads_back_into_the_checkout(tmp_path):
    packages = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (tmp_path / ".venv" / "bin").mkdir()
    (tmp_path / ".venv" / "bin" / "python").touch()
    assert found(tmp_path, **{"test_a.py": ""})[0].link == (".venv",)
    (packages / "shop.pth").write_text(f"{tmp_path}/src\n")
    assert found(tmp_path, **{"test_a.py": ""})[0].link == ()


def test_several_kinds_are_all_named(tmp_path):
    kinds = [tests.kind for tests in found(tmp_path, **{"test_a.py": "", "go.mod": "", "Makefile": "test:\n"})]
    assert kinds == ["pytest", "go", "make"]
