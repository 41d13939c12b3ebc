"""Every shell example of README and docs is run, page by page, in a fresh repository, against a scripted server.

`python -m tests.end_to_end.test_docs_examples PAGE ...` writes what the commands print today into the pages.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tests.docs.stories import NOT_RUN, STORIES
from tests.support.command import Desk
from tests.support.examples import Example, examples_of, judged, script_of
from tests.support.server import scripted_server
from tests.support.shell import shell_of
from tests.support.start import ROOT

GATEWAY = "https://llm.corp.example"
PAGES = {str(path.relative_to(ROOT)): path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))}
EXAMPLES = {page: tuple(examples_of(page, path.read_text("utf-8"))) for page, path in PAGES.items()}
RUN = {page: tuple(one for one in found if (page, one.first) not in NOT_RUN) for page, found in EXAMPLES.items()}
LOOKS_TYPED = re.compile(r"^( {4,})?(\$ )?(autopack|git|make|pip|python3?|nohup|export) +[a-z.-]", re.MULTILINE)


def run_page(page: str, folder: Path) -> tuple[list[tuple[Example, str, str | None]], str]:
    """What each example of a page printed and what is wrong with it; and what the shell itself said."""
    story, output = STORIES[page], folder / "shown"
    output.mkdir()
    with scripted_server(story.script) as server:
        variables = {"ANTHROPIC_BASE_URL": server.base_url, **({"ANTHROPIC_API_KEY": "k-test"} if story.has_key else {}), **story.variables}
        desk = Desk.make(folder, story.files, name=story.name).with_env(**variables)
        (desk.home / ".gitconfig").write_text("[user]\n\tname = A. User\n\temail = user@example.org\n", "utf-8")
        story.prepare(desk)
        script = script_of(RUN[page], output).replace(GATEWAY, server.base_url)
        for file in output.glob("*.sh"):
            file.write_text(file.read_text("utf-8").replace(GATEWAY, server.base_url), "utf-8")
        with shell_of(desk) as bash:
            done = bash(script, cwd=folder / story.folder)

        def same(text: str) -> str:
            return text.replace(server.base_url, GATEWAY).replace(str(desk.home), "~").replace(str(folder), "~")

        return list(judged(RUN[page], output, same)), done.stderr


@pytest.mark.end_to_end
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
@pytest.mark.parametrize("page", [page for page, found in RUN.items() if found])
def test_every_example_of_the_page_does_what_the_page_shows(page, tmp_path):
    found, said = run_page(page, tmp_path)
    wrong = [f"{page}:{one.line}: {one.first}: {why}:\n{printed}" for one, printed, why in found if why]
    assert wrong == [], "\n".join([*wrong, said])
    assert len(found) == len(RUN[page])


def test_what_is_not_run_still_stands_on_its_page():
    standing = {(page, one.first) for page, found in EXAMPLES.items() for one in found}
    assert set(NOT_RUN) <= standing


def test_no_command_stands_in_a_block_that_nobody_runs():
    stray = []
    for page, path in PAGES.items():
        text = re.sub(r"^```(bash|console)\n.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        blocks = [*re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL), *re.findall(r"\n\n((?: {4}.*\n)+)", text)]
        stray += [(page, match[0]) for block in blocks for match in [LOOKS_TYPED.search(block)] if match]
    assert stray == []


def write(page: str) -> None:
    """Puts what each command printed into the page, where it shows something else."""
    with tempfile.TemporaryDirectory() as folder:
        found, said = run_page(page, Path(folder))
    lines = PAGES[page].read_text("utf-8").split("\n")
    for one, printed, why in reversed(found):
        if why is None:
            continue
        print(f"{page}:{one.line}: {one.first}: {why}\n{printed}")
        first = one.line - 1 + one.script.count("\n") + 1
        last = first + (one.shown or "").count("\n")
        lines[first:last] = printed.rstrip("\n").split("\n") if "ended" not in why else lines[first:last]
    print(said)
    PAGES[page].write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    for each in sys.argv[1:]:
        write(each)
