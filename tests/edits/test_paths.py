import time
import unicodedata

import pytest

from autopack.core.scope import Scope
from autopack.edits.model import Create, Delete, Edit, EditRefused, EditSet, Operation, Patch, Rename, Replace
from autopack.edits.names import name_key
from autopack.edits.paths import judge_path, judge_paths

ANY = Scope(None)

MISSHAPEN = [
    "",
    "/etc/passwd",
    "//etc/x",
    "..",
    ".",
    "../x",
    "a/../b",
    "a/./b",
    "./a",
    "a//b",
    "a/",
    "src\\a.py",
    "..\\x",
    "C:/x",
    "c:x",
    "a.py::$DATA",
    "a:b",
    "a*b",
    "a?b",
    'a"b',
    "a<b",
    "a>b",
    "a|b",
    "~/x",
    "~root/x",
    "~",
    "$HOME/x",
    "${HOME}/x",
    "$(id)",
    "%2e%2e/x",
    "%252e%252e%252fx",
    *("a%c0%afb", "%c0%ae/x", "a%e0%80%afb", "a%f0%80%80%afb", "a%c1%9cb", "a%25c0%25afb"),
    *("a%25%32%66b", "a%2%66b", "a%%32%66b", "a%u002fb", "a%u2215b", "a%uff0fb", "a%e2%88%95b", "a%ef%bc%8fb"),
    "a%2Fb",
    "a%00b",
    "a%5cb",
    " a",
    "a /b",
    "a.",
    "a. ",
    "src/ a.py",
    "a.../b",
    "con",
    "CON.txt",
    "src/lpt9.log",
    "aux.c",
    "NUL",
    "com1",
    "com\u00b9.txt",
    "conin$",
    "con .txt",
    "a\tb",
    "a\nb",
    "a\0b",
    "a\x7fb",
    "a\x85b",
    "a\u200bb",
    "a\u202eb",
    "a\u00adb",
    "a\u00a0b",
    "a\u3000b",
    "a\u2028b",
    "a\u2800b",
    "a\u3164b",
    "a\ufeffb",
    "a\ud800b",
    "a\U000e0041b",
    "a\ufffeb",
    "\uff0e\uff0e/x",
    "\u2024\u2024/x",
    "\u2025/x",
    "a\u2026",
    "a\uff0fb",
    "a\u2044b",
    "a\u2215b",
    "a\uff3cb",
    "\u2100",
    unicodedata.normalize("NFD", "\u00e9t\u00e9.py"),
    "n" * 256,
    "\U0001f600" * 64,
    "/".join(["d"] * 41),
    "/".join(["d" * 100] * 12),
]
WELL_SHAPED = [
    "a",
    "src/foo..bar.py",
    "src/a..b/c.py",
    ".gitkeep",
    "app/[slug]/page.tsx",
    "app/(group)/@modal/page.tsx",
    "app/routes/$id.tsx",
    "node_types/@scope/pkg/index.d.ts",
    "docs/My File.md",
    "src/100%.md",
    "a%20b.md",
    *("100%.txt", "50%25off.txt", "caf%c3%a9.txt", "a%fb.txt", "a%zz"),
    "n" * 255,
    "/".join(["d"] * 40),
    "-rf.txt",
    "a,b;c=d+e&f#g!h'i{j}.txt",
    "src/console.py",
    "auxiliary/nullable.c",
    "com/example/lpt/A.java",
    "\u00e9t\u00e9/\u4e2d\u6587/\u05e9\u05dc\u05d5\u05dd.md",
    "\u2764\ufe0f.md",
    "\U0001f600.txt",
    "backup~",
    "src/a~1.py",
    "...a/b",
    "..a",
]


@pytest.mark.parametrize("path", MISSHAPEN)
def test_misshapen_path_is_refused_without_quoting_it_raw(path):
    with pytest.raises(EditRefused) as refused:
        judge_path(path, ANY)
    assert refused.value.code == "path"
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 350


@pytest.mark.parametrize("path", WELL_SHAPED)
def test_odd_but_sound_path_is_accepted(path):
    judge_path(path, ANY)


NEVER = [
    ".git",
    ".git/config",
    ".GIT/hooks/post-commit",
    "vendor/lib/.git",
    "vendor/lib/.Git/config",
    ".g\u0131t/config",
    ".g\u0130t/config",
    "\uff0egit/config",
    ".\uff47it/config",
    ".gi\ufe0ft/config",
    ".gi\u034ft/config",
    "GIT~1/config",
    "git~2",
    ".gitmodules",
    ".GitModules",
    "sub/.gitmodules",
    "GITMOD~1",
    "gi7eba~1",
    ".autonomous_runs/x",
    ".Autonomous_Runs/x/y",
    "autopack.db",
    "AUTOPACK.DB-wal",
    "data/autopack.db-journal",
]


@pytest.mark.parametrize("path", NEVER)
@pytest.mark.parametrize("is_named", [False, True])
def test_state_of_git_and_autopack_is_refused_whatever_the_scope(path, is_named):
    with pytest.raises(EditRefused) as refused:
        judge_path(path, Scope((path,)) if is_named else ANY)
    assert refused.value.code in ("protected", "path")


EXACT = [
    *(
        ".github/workflows/ci.yml",
        ".GitHub/Workflows/deep/x.yaml",
        ".github/actions/a/action.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "Jenkinsfile",
    ),
    *(
        "deploy/Jenkinsfile.prod",
        "azure-pipelines.yml",
        "azure-pipelines-release.yml",
        ".travis.yml",
        "bitbucket-pipelines.yml",
        ".buildkite/pipeline.yml",
    ),
    *(
        ".env",
        "deploy/.env.local",
        ".ENV",
        ".env.production",
        ".envs/prod/db",
        ".env.example.local",
        "certs/server.pem",
        "tls/private.KEY",
        "id_rsa",
    ),
    *(
        "home/.ssh/config",
        "store.jks",
        "a.p12",
        ".npmrc",
        "web/.npmrc",
        ".pypirc",
        ".netrc",
        ".yarnrc.yml",
        ".docker/config.json",
        ".cargo/config.toml",
    ),
    *(
        "sitecustomize.py",
        "src/usercustomize.py",
        "sitecustomize/__init__.py",
        "evil.pth",
        ".envrc",
        ".vscode/tasks.json",
        ".idea/workspace.xml",
    ),
    *(
        ".husky/pre-commit",
        ".pre-commit-config.yaml",
        ".mcp.json",
        ".cursor/rules/x.mdc",
        ".cursorrules",
        "AGENTS.md",
        "src/CLAUDE.md",
        "claude.md",
        "src/Agents.md",
        "GEMINI.md",
    ),
    *(
        ".claude/settings.json",
        ".github/copilot-instructions.md",
        ".autopack/models.yaml",
        ".windsurfrules",
        ".clinerules",
        ".clinerules/a.md",
        "lefthook.yml",
    ),
    *(".devcontainer/devcontainer.json", "app.code-workspace", ".aws/credentials", ".pnpmfile.cjs", ".yarn/releases/yarn.cjs", ".gdbinit"),
]


@pytest.mark.parametrize("path", EXACT)
def test_sensitive_file_needs_its_name_in_the_scope(path):
    parent = path.rpartition("/")[0]
    for scope in (ANY, Scope((".",)), Scope(("**",)), Scope(("**/*", "*", parent + "/" if parent else "."))):
        with pytest.raises(EditRefused) as refused:
            judge_path(path, scope)
        assert refused.value.code == "exact_scope"
    judge_path(path, Scope((path,)))


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".github/ISSUE_TEMPLATE/bug.md",
            ".github/CODEOWNERS",
            ".env.example",
            "deploy/.env.local.sample",
            ".env.template",
            "src/env.py",
            "environment.yml",
        ),
        *(
            "src/auth/key.py",
            "keys/readme.md",
            "src/git/hooks/post_commit.py",
            "tests/conftest.py",
            "docs/.gitkeep",
        ),
        *(
            "src/jenkinsfile_parser.py",
            "docs/jenkins.md",
            "src/vscode/tasks.json",
            "agents.py",
            "docs/agents/claude.txt",
            "docs/providers/claude.md",
            "docs/agents.md",
            "docs/jenkinsfile.md",
            "src/autopack_db.py",
            "autopack.py",
        ),
        *(
            "docker-compose.yml",
            "Makefile",
            "package.json",
            "pyproject.toml",
            ".editorconfig",
            "src/npmrc.ts",
            ".dockerignore",
            "path.py",
            "my.pth.txt",
        ),
        *("config/settings.json", "src/idea.md", "monkey.keyboard", "src/runs/a.py", "ci/build.sh", "src/rules.py"),
    ],
)
def test_look_alike_of_a_sensitive_file_is_accepted(path):
    judge_path(path, ANY)


def test_scope_is_told_in_the_refusal():
    with pytest.raises(EditRefused, match=r"srcfoo/c\.py: The path is outside this phase's scope \(src, tests/test_a\.py\)"):
        judge_path("srcfoo/c.py", Scope(("src", "tests/test_a.py")))


def test_long_scope_is_told_in_short():
    with pytest.raises(EditRefused, match=r"and 92 more"):
        judge_path("b", Scope(tuple(f"a{number}" for number in range(100))))


def test_read_only_path_is_refused_at_both_ends_of_a_rename():
    scope = Scope((".",), ("config/",))
    for edit in (Rename("config/a.yaml", "src/a.yaml"), Rename("src/b.py", "config/b.py")):
        with pytest.raises(EditRefused) as refused:
            judge_paths(EditSet("", (edit,)), scope, {"config/a.yaml", "src/b.py"})
        assert refused.value.code == "read_only"


EXISTING = ("src/a.py", "src/util/b.py", "README.md", "Stra\u00dfe.txt", "\u00e9t\u00e9.md", "Docs/x.md")


def refusal(*edits, scope=ANY, existing=EXISTING):
    with pytest.raises(EditRefused) as refused:
        judge_paths(EditSet("", edits), scope, existing)
    return refused.value.code


@pytest.mark.parametrize("kind", [tuple, list, set, frozenset, dict.fromkeys])
def test_sound_reply_is_accepted_whatever_holds_the_existing_paths(kind):
    edits = (
        Replace("src/a.py", ""),
        Create("src/new.py", ""),
        Delete("README.md"),
        Rename("src/util/b.py", "src/util/c.py"),
        Edit("\u00e9t\u00e9.md", (Operation("append", "x"),)),
        Patch("lib/n.py", ""),
    )
    judge_paths(EditSet("", edits), ANY, kind(EXISTING))


@pytest.mark.parametrize(
    "paths",
    [
        ("n.py", "n.py"),
        ("n.py", "N.py"),
        ("n", "n/x.py"),
        ("n/x/y", "n"),
        ("d/a", "D/b"),
        ("a/d/x", "a/D/y"),
        ("stra\u00dfe", "STRASSE"),
        ("\u017f.py", "s.py"),
        ("\ufb01.py", "fi.py"),
        ("x\ufe0f.py", "x.py"),
        ("N", "n/x"),
        ("\u0130.py", "i.py"),
    ],
)
def test_paths_of_one_reply_that_are_one_name_collide(paths):
    assert refusal(*(Create(path, "") for path in paths)) == "collision"


def test_rename_that_changes_only_the_case_collides_with_itself():
    assert refusal(Rename("src/a.py", "src/A.py")) == "collision"
    assert refusal(Rename("src/a.py", "src/a.py")) == "collision"


def test_chain_of_renames_collides():
    assert refusal(Rename("src/a.py", "README2.md"), Rename("README.md", "src/a.py")) == "collision"
    assert refusal(Delete("src/a.py"), Create("src/a.py", "")) == "collision"
    assert refusal(Delete("README.md"), Create("README.md/x", "")) == "collision"


@pytest.mark.parametrize(
    "path",
    [
        "src/A.py",
        "SRC/new.py",
        "src/Util/new.py",
        "readme.MD",
        "STRASSE.txt",
        "docs/new.md",
        "src/a.py/x.py",
        "src",
        "src/util",
        "README.md/x/y",
    ],
)
def test_new_name_that_collides_with_what_exists_is_refused(path):
    assert refusal(Create(path, "")) == "collision"
    assert refusal(Patch(path, "")) == "collision"
    assert refusal(Rename("\u00e9t\u00e9.md", path)) == "collision"


def test_directories_may_be_told_with_a_final_slash():
    assert refusal(Create("lib/x.py", ""), existing={"LIB/"}) == "collision"
    assert refusal(Create("lib", ""), existing={"lib/"}) == "collision"
    judge_paths(EditSet("", (Create("lib/x.py", ""),)), ANY, {"lib/"})


def test_existing_file_with_a_twin_of_other_case_can_still_be_edited():
    existing = {"net/xt_mark.h", "net/xt_MARK.h"}
    judge_paths(EditSet("", (Replace("net/xt_mark.h", ""),)), ANY, existing)
    judge_paths(EditSet("", (Create("net/xt_other.h", ""),)), ANY, existing)


def test_existence_decides_which_actions_fit():
    assert refusal(Create("src/a.py", "")) == "exists"
    assert refusal(Rename("README.md", "src/a.py")) == "exists"
    for edit in (Replace("no.py", ""), Edit("no.py", ()), Delete("no.py"), Rename("no.py", "b.py")):
        assert refusal(edit) == "missing"


def test_bare_repository_cannot_be_put_together():
    pieces = [Create(f"x/{name}", "") for name in ("HEAD", "objects/info", "refs/heads/main", "config")]
    assert refusal(*pieces) == "protected"
    assert refusal(Create("x/HEAD", ""), existing={"x/objects/a", "x/refs/b"}) == "protected"
    assert refusal(Create("x/REFS/b", ""), existing={"x/HEAD", "x/objects/a"}) == "protected"
    assert refusal(*(Create(name, "") for name in ("HEAD", "objects/info", "refs/heads/main"))) == "protected"
    judge_paths(EditSet("", (Create("x/HEAD", ""), Create("x/objects/a", ""))), ANY, {"refs/x"})


def test_name_key_makes_one_of_what_some_system_takes_for_one():
    for name, other in (("A", "a"), ("\u00c9", "\u00e9"), ("\ufb01", "FI"), ("\u0131", "I"), ("a\u200db", "AB"), ("\u1e9e", "SS")):
        assert name_key(name) == name_key(other)
    assert name_key("\u00e9") != name_key("e")


def test_judging_is_quick():
    start = time.process_time()
    for number in range(1000):
        judge_path(f"src/package/module_{number}.py", Scope(("src/", "tests/**/*.py"), ("docs/",)))
    assert time.process_time() - start < 0.5
    existing = {f"src/d{number % 500}/f{number}.py" for number in range(50_000)}
    start = time.process_time()
    judge_paths(EditSet("", (Create("src/new.py", ""), Replace("src/d1/f1.py", ""))), ANY, existing)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("path", ["package-lock.json", "web/pnpm-lock.yaml", "uv.lock", "Cargo.lock", "tests/__snapshots__/a.snap"])
def test_a_file_that_tools_write_is_opened_by_its_name_alone(path):
    with pytest.raises(EditRefused, match="derive") as refused:
        judge_path(path, Scope((path.rpartition("/")[0] + "/",)) if "/" in path else Scope(None))
    assert refused.value.code == "exact_scope"
    judge_path(path, Scope((path,)))


@pytest.mark.parametrize("path", [".gitignore", "tests/.gitignore", "docs/.gitattributes", ".LFSConfig"])
def test_what_git_goes_by_needs_its_own_name_in_the_scope(path):
    with pytest.raises(EditRefused) as caught:
        judge_path(path, ANY)
    assert caught.value.code == "exact_scope"
    judge_path(path, Scope((path,)))
