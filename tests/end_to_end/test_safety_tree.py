"""What a command leaves in the work tree: no program of Autopack's runs on it, and no later command sees it."""

import shutil

import pytest

from tests.support.command import CHECK, FILES, Desk, oracle_of, phase_of
from tests.support.repos import commit_files, git
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end
needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")

NESTED = """\
cd vendor && export HOME="$AUTOPACK_OUT" && git init -q . && git config user.name x && git config user.email x@x || exit 1
echo '* filter=x' > .gitattributes && echo aaaa > file && git add -A && git commit -qm x || exit 1
git config filter.x.clean 'touch {pwned}; cat' && echo bbbb > file && cd ..
"""
DROPPED = """\
printf 'import pathlib\\npathlib.Path("%s").touch()\\n' {pwned} > notebook_format.py
printf 'ONE\\n' > book.ipynb && grep -q two app.txt
"""
STRIP = "import notebook_format, sys\nsys.stdout.write(sys.stdin.read())\n"


def with_submodule(desk: Desk) -> None:
    """An entry of a submodule, whose folder is empty in every work tree."""
    commit = git(desk.repo, "rev-parse", "HEAD").strip()
    git(desk.repo, "update-index", "--add", "--cacheinfo", f"160000,{commit},vendor")
    git(desk.repo, "commit", "-qm", "vendor")


def with_filter_of_the_users(desk: Desk) -> None:
    """As ``nbstripout --install --global`` does: a Python program that finds its modules where git runs it first."""
    tools = desk.home / "tools"
    tools.mkdir()
    (tools / "strip_book.py").write_text(STRIP, "utf-8")
    (tools / "notebook_format.py").write_text("", "utf-8")
    attributes = desk.home / "attributes"
    attributes.write_text("*.ipynb filter=strip\n", "utf-8")
    clean = f"PYTHONPATH={tools} python3 -m strip_book"
    config = f'[filter "strip"]\n\tclean = "{clean}"\n\tsmudge = cat\n[core]\n\tattributesFile = {attributes}\n'
    with (desk.home / ".gitconfig").open("a", encoding="utf-8") as file:
        file.write(config)


@needs_bubblewrap
@pytest.mark.parametrize(
    "way", ["a filter of a repository in a submodule's folder", "a module beside a file that the user's filter is for"]
)
def test_no_program_runs_outside_the_sandbox_on_what_a_check_wrote(tmp_path, way):
    desk = Desk.make(tmp_path, {**FILES, "book.ipynb": "one\n"})
    pwned = tmp_path / "pwned"
    if way.startswith("a filter"):
        with_submodule(desk)
    else:
        with_filter_of_the_users(desk)
    script = (NESTED if way.startswith("a filter") else DROPPED).format(pwned=pwned)
    desk.plan(phase_of("one", ci={**CHECK, "command": script}), phase_of("two", ci=CHECK))
    before = {**FILES, "book.ipynb": "one\n"}
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}, before)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
    assert done.events[-1]["state"] == "complete"
    assert desk.status("r")["sandbox"] == "bubblewrap"
    assert not pwned.exists()
    assert done.told("check_wrote"), "the check did what it was to do"


PLANTS = {
    "a file that git ignores": "test -e cache/ok && exit 0; mkdir cache; touch cache/ok",
    "a file beside ignore rules of its own": "test -e docs/ok && exit 0; echo '*' > docs/.gitignore; touch docs/ok",
    "a tool in a linked copy": "echo 'exit 0' > tools/run.sh",
    "what set-up made": "echo 'exit 0' > build/verify.sh",
    "a folder of set-up's that another one takes the place of": "rm -r build; mkdir build; echo 'exit 0' > build/verify.sh",
    "the folder beside its own": 'test -e "$AUTOPACK_OUT/../ok" && exit 0; touch "$AUTOPACK_OUT/../ok"',
    "HOME": 'test -e "$HOME/ok" && exit 0; touch "$HOME/ok"',
    "the folder for temporary files": "test -e /tmp/ok && exit 0; touch /tmp/ok",
}


@needs_bubblewrap
@pytest.mark.parametrize("place", PLANTS)
def test_what_one_run_of_a_check_planted_makes_no_other_one_green(tmp_path, place):
    """The first attempt's own second run would be green by it, and so would the second attempt, which is plainly wrong."""
    desk = Desk.make(tmp_path, {**FILES, ".gitignore": "cache/\n/tools/\n/build/\n", "app.sh": "exit 1\n"})
    (desk.repo / "tools").mkdir()
    (desk.repo / "tools" / "run.sh").write_text("exit 1\n", "utf-8")
    check = {**CHECK, "command": "sh app.sh"}
    if "linked" in place:
        check["command"] = "sh tools/run.sh || sh app.sh"
    if "set-up" in place:
        check["command"] = "sh build/verify.sh || sh app.sh"
    desk.plan(
        phase_of("one", "app.sh", max_attempts=2, ci=check),
        workspace={"link": ["tools"], "setup": "mkdir -p build && echo 'exit 1' > build/verify.sh"},
        defaults={"complexity": "low"},
    )
    before = {**FILES, "app.sh": "exit 1\n"}
    texts = {"1": f"{PLANTS[place]}\nexit 1\n", "2": "exit 1 # wrong\n"}
    answers = {number: oracle_of({"one": {"app.sh": text}}, before) for number, text in texts.items()}
    with scripted_server(lambda request: answers[request.headers["x-autopack-attempt"]](request)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert len(server.asked("builder", "one")) == 2
    assert done.exit_code == 1, done.stdout + done.stderr
    assert [line["kind"] for line in done.told("phase_recovering")] == ["checks_red", "checks_red"]
    assert done.told("flaky") == []
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "HEAD")


CODE = {
    "shop.py": "def price():\n    return 2\n",
    "tests/test_shop.py": "import shop\n\n\ndef test_price():\n    assert shop.price() == 1\n",
}
PYTHON_PLANTS = {
    "conftest": """\
import pathlib
here = pathlib.Path(__file__).parent / "tests"
(here / ".gitignore").write_text("*")
(here / "conftest.py").write_text("import shop\\nshop.price = lambda: 1\\n")
def price():
    return 2
""",
    "compiled": """\
import importlib.util, pathlib, py_compile
source = pathlib.Path(__file__).parent / "cache.py"
source.write_text("def price():\\n    return 1\\n")
target = importlib.util.cache_from_source(__file__)
py_compile.compile(str(source), cfile=target, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
def price():
    return 2
""",
}


@pytest.mark.parametrize("sandbox", ["auto", "off"])
@pytest.mark.parametrize("plant", PYTHON_PLANTS)
def test_neither_a_conftest_nor_a_compiled_module_outlives_its_check(tmp_path, plant, sandbox):
    desk = Desk.make(tmp_path, {**CODE, ".gitignore": "__pycache__/\ncache.py\n"})
    check = {"command": "python -m pytest -q -p no:cacheprovider --disable-plugin-autoload", "timeout_s": 120}
    desk.plan(phase_of("one", "shop.py", max_attempts=2, ci=check), defaults={"complexity": "low"})
    texts = {"1": PYTHON_PLANTS[plant], "2": "def price():\n    return 3\n"}
    answers = {number: oracle_of({"one": {"shop.py": text}}, CODE) for number, text in texts.items()}
    with scripted_server(lambda request: answers[request.headers["x-autopack-attempt"]](request)) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX=sandbox).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 1, done.stdout + done.stderr
    assert [line["kind"] for line in done.told("phase_recovering")] == ["checks_red", "checks_red"]
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "HEAD")


def test_steps_of_a_check_do_not_see_what_the_ones_before_them_wrote_and_derive_steps_see_what_they_may_write(tmp_path):
    desk = Desk.make(tmp_path, {**FILES, ".gitignore": "cache/\n"})
    same = "test ! -e left && cmp app.txt copy.txt && cmp app.txt docs/copy.txt"
    steps = [{"command": "touch left", "tests": "none"}, {"command": same, "tests": "none"}]
    derive = [
        {"command": "cp app.txt copy.txt && mkdir cache && touch cache/x", "when": ["app.txt"], "writes": ["copy.txt"]},
        {"command": "test ! -e cache && cp copy.txt docs/copy.txt", "when": ["app.txt"], "writes": ["docs/copy.txt"]},
    ]
    desk.plan(phase_of("one", derive=derive, ci={"steps": steps}), defaults={"complexity": "low"})
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
    assert {*desk.git("ls-tree", "-r", "--name-only", "autopack/r").split("\n")} == {*FILES, ".gitignore", "copy.txt", "docs/copy.txt"}


def test_a_step_that_misses_what_an_earlier_one_wrote_is_told_so(tmp_path):
    desk = Desk.make(tmp_path, {**FILES, ".gitignore": "dist/\ncache/\n"})
    steps = [
        {"command": "mkdir dist cache && cp app.txt dist/app.txt", "tests": "none"},
        {"command": "grep -q one app.txt || cat dist/app.txt", "tests": "none"},
    ]
    desk.plan(phase_of("one", max_attempts=1, ci={"steps": steps}))
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 1, done.stdout + done.stderr
    (failed,) = done.told("phase_recovering")
    assert "An earlier step wrote dist, and steps do not see each other's files" in failed["message"]


@pytest.mark.parametrize("way", ["line ends", "filter"])
def test_a_file_that_differs_from_its_blob_in_every_checkout_is_not_what_a_check_wrote(tmp_path, way):
    desk = Desk.make(tmp_path)
    commit_files(desk.repo, {"odd.dat": "one\r\ntwo\r\n", "docs/odd.dat": "ONE\r\n"}, "odd")
    rule = "*.dat text eol=lf\n" if way == "line ends" else "*.dat filter=small\n"
    git(desk.repo, "config", "filter.small.clean", "tr A-Z a-z")
    git(desk.repo, "config", "filter.small.smudge", "cat")
    (desk.repo / ".gitattributes").write_text(rule, "utf-8")
    git(desk.repo, "add", ".gitattributes")
    git(desk.repo, "commit", "-qm", "attributes")
    desk.plan(phase_of("one", ci={**CHECK, "writes": "fail", "command": "touch odd.dat docs/odd.dat && grep -q . app.txt"}))
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert len(server.asked("builder", "one")) == 1
    assert done.told("check_wrote") == []


LITTER = """\
import os, socket
open(b"\\xff\\xfe\\x80bad", "w").close()
open("new\\nline", "w").close()
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
os.mkdir("closed"); open("closed/x", "w").close(); os.chmod("closed", 0); os.chmod("docs", 0)
os.mkdir("many")
for number in range(3000):
    open(f"many/{number}", "w").close()
for number in range(3000):
    os.mkdir("d"); os.chdir("d")
"""


@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_nothing_that_a_check_leaves_wedges_a_run(tmp_path, sandbox):
    desk = Desk.make(tmp_path, {**FILES, "litter.py": LITTER})
    desk.plan(
        phase_of("one", ci={**CHECK, "command": "python3 litter.py && grep -q . app.txt", "timeout_s": 120}), phase_of("two", ci=CHECK)
    )
    before = {**FILES, "litter.py": LITTER}
    with scripted_server(oracle_of({"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}, before)) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX=sandbox).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        assert "bad" in server.asked("auditor", "one")[0].text
    assert desk.at("autopack/r", "app.txt") == "three\n"
    assert any("xff" in name for name in done.told("check_wrote")[0]["files"])
