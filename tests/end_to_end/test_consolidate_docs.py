"""`consolidate-docs` on a real repository: documents sorted, links kept, the index told, nothing committed, everything taken back."""

import hashlib

import pytest

from tests.support.command import Desk
from tests.support.repos import commit_files, git

pytestmark = pytest.mark.end_to_end

FILES = {
    "README.md": "# Shop\n\n[Plan](PLAN.md#goals), [login](notes/login-bug.md), [guide](docs/guide.md)\n",
    "docs/guide.md": "[plan](../PLAN.md)\n",
    "PLAN.md": "# Plan\n\n## Goals\n\nSee [login](notes/login-bug.md) and [guide](docs/guide.md).\n",
    "notes/login-bug.md": "# Login\r\n\r\n[p](../PLAN.md) [code](../app.py)\r\n",
    "notes/copy.md": "# Login\r\n\r\n[p](../PLAN.md) [code](../app.py)\r\n",
    "notes/latin.txt": "Größe\n".encode("latin-1"),
    "used.md": "# Read by the program\n",
    "till/words.txt": "read by the program\n",
    "till/parts/more.txt": "so is this\n",
    "till/till.py": "print(open(f'{name}.txt').read())\n",
    "app.py": "print(open('used.md').read())\n",
    ".gitignore": "ignored/\n",
}
MOVED = ("PLAN.md", "notes/login-bug.md", "notes/copy.md", "notes/latin.txt")


@pytest.fixture
def shop(tmp_path):
    return Desk.make(tmp_path, FILES)


def consolidated(desk, *words):
    done = desk.autopack("consolidate-docs", *words, "--json")
    assert done.exit_code == 0, done.stderr
    return done.json


def everything(desk):
    files = (path for path in desk.repo.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(desk.repo)): path.read_bytes() for path in files}


def test_documents_are_sorted_and_their_bytes_kept_and_git_knows_them_still(shop):
    before, head = everything(shop), shop.git("rev-parse", "HEAD")
    told = consolidated(shop)
    assert {one["path"]: (one["kind"], one["page"]) for one in told["documents"]} == {
        "PLAN.md": ("strategy", "archive/CONSOLIDATED_STRATEGY.md"),
        "notes/login-bug.md": ("debug", "archive/CONSOLIDATED_DEBUG.md"),
        "notes/copy.md": ("reference", "archive/CONSOLIDATED_REFERENCE.md"),
        "notes/latin.txt": ("reference", "archive/CONSOLIDATED_REFERENCE.md"),
    }
    after = everything(shop)
    for path in MOVED:
        assert path not in after
        assert after[f"archive/superseded/{path}"] == before[path]
    assert after["README.md"].decode().startswith("# Shop\n\n[Plan](archive/CONSOLIDATED_STRATEGY.md#goals), [login](archive/CONSOLIDATED_")
    assert after["docs/guide.md"].startswith(b"[plan](../archive/CONSOLIDATED_STRATEGY.md#doc-plan.md-")
    assert "[guide](../docs/guide.md)" in after["archive/CONSOLIDATED_STRATEGY.md"].decode()
    assert b"[code](../app.py)\r\n" in after["archive/CONSOLIDATED_DEBUG.md"]
    assert told["left"] == [
        {"path": "README.md", "why": "`leave` has **/README*"},
        {"path": "docs/guide.md", "why": "`leave` has **/docs/"},
        *({"path": path, "why": "a text below till/, whose programs may read it"} for path in ("till/parts/more.txt", "till/words.txt")),
        {"path": "used.md", "why": "named in app.py:1"},
    ]
    assert shop.git("rev-parse", "HEAD") == head
    assert shop.git("diff", "--name-only") == shop.git("ls-files", "--others", "--exclude-standard") == ""
    renamed = shop.git("diff", "--staged", "-M", "--name-status")
    assert "R100\tPLAN.md\tarchive/superseded/PLAN.md" in renamed
    assert "A\tarchive/ARCHIVE_INDEX.md" in renamed


def test_a_second_time_nothing_is_left_to_do_and_new_documents_are_added(shop):
    consolidated(shop)
    before, staged = everything(shop), shop.git("write-tree")
    again = shop.autopack("consolidate-docs")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "no document lies about; nothing was changed." in again.stderr
    assert (everything(shop), shop.git("write-tree")) == (before, staged)
    commit_files(shop.repo, {"notes/second-bug.md": "# Second\n\n[first](login-bug.md)\n"}, "second")
    consolidated(shop)
    page = (shop.repo / "archive" / "CONSOLIDATED_DEBUG.md").read_bytes()
    assert page.startswith(before["archive/CONSOLIDATED_DEBUG.md"].split(b"- [")[0])
    assert b"# Second\n\n[first](#doc-notes-login-bug.md-" in page


def test_a_dry_run_changes_nothing_and_says_what_would_be_done(shop):
    before = everything(shop)
    dry = shop.autopack("consolidate-docs", "--dry-run", "--explain")
    assert everything(shop) == before
    rows = [line.split("  ")[0] for line in dry.stdout.splitlines()]
    assert set(MOVED) <= set(rows)
    assert "path **/*bug*" in dry.stdout
    assert "named in app.py:1" in dry.stdout
    assert "4 documents would be sorted: 2 reference, 1 strategy, 1 debug; 0 merged" in dry.stderr
    assert dry.stderr.endswith("nothing was changed.\nnext: autopack consolidate-docs\n")


def test_it_is_taken_back_to_the_byte_even_after_a_commit(shop):
    before, index = everything(shop), shop.git("ls-files", "--stage")
    consolidated(shop)
    undone = shop.autopack("consolidate-docs", "--undo")
    assert (undone.exit_code, undone.stdout) == (0, "4 documents are where they were.\n")
    assert (everything(shop), shop.git("ls-files", "--stage")) == (before, index)
    consolidated(shop)
    shop.git("commit", "-qm", "sorted")
    assert consolidated(shop, "--undo")["undone"] == sorted(MOVED)
    assert (everything(shop), shop.git("ls-files", "--stage")) == (before, index)
    nothing = shop.autopack("consolidate-docs", "--undo")
    assert nothing.exit_code == 2
    assert "there is no consolidation to undo" in nothing.stderr


def test_what_changed_since_is_not_taken_back_over(shop):
    consolidated(shop)
    page = shop.repo / "archive" / "CONSOLIDATED_DEBUG.md"
    page.write_text(page.read_text("utf-8") + "by hand\n", "utf-8")
    before = everything(shop)
    refused = shop.autopack("consolidate-docs", "--undo")
    assert refused.exit_code == 7
    assert "CONSOLIDATED_DEBUG.md is neither as it was before the consolidation nor as it was left" in refused.stderr
    assert everything(shop) == before


@pytest.mark.parametrize("path", ["README.md", "archive/CONSOLIDATED_DEBUG.md"])
def test_a_file_with_changes_of_a_person_is_not_written(shop, path):
    commit_files(shop.repo, {"archive/CONSOLIDATED_DEBUG.md": "# Ours\n"}, "page")
    with (shop.repo / path).open("a", encoding="utf-8") as file:
        file.write("by hand\n")
    before = everything(shop)
    refused = shop.autopack("consolidate-docs")
    assert refused.exit_code == 7
    assert f"{path} would be written, and has changes that are not committed." in refused.stderr
    assert everything(shop) == before


def test_documents_that_git_does_not_know_go_to_the_archive_of_their_project(shop):
    (shop.repo / "todo.md").write_text("# Todo\n\n[p](PLAN.md)\n", "utf-8")
    (shop.repo / "ignored").mkdir()
    (shop.repo / "ignored" / "x.md").write_text("# X\n", "utf-8")
    told = consolidated(shop)
    archive = shop.repo / ".autonomous_runs" / "shop" / "archive"
    assert (archive / "superseded" / "todo.md").read_text("utf-8") == "# Todo\n\n[p](PLAN.md)\n"
    page = (archive / "CONSOLIDATED_STRATEGY.md").read_text("utf-8")
    assert "[p](../../../archive/CONSOLIDATED_STRATEGY.md#doc-plan.md-" in page
    assert [one["path"] for one in told["documents"] if one["page"].startswith(".autonomous_runs")] == ["todo.md"]
    assert shop.git("status", "--porcelain", "-uall", ".autonomous_runs") == ""
    assert (shop.repo / "ignored" / "x.md").exists()
    named = consolidated(shop, "ignored", "used.md")
    assert {one["path"] for one in named["documents"]} == {"ignored/x.md", "used.md"}


def test_projects_and_rules_are_the_configuration_s(shop):
    (shop.repo / ".autopack").mkdir()
    rules = "kinds: [{kind: build, paths: ['notes/']}]\nprojects: [{project: till, paths: [PLAN.md]}]\nleave: ['README.md', 'docs/']\n"
    (shop.repo / ".autopack" / "documents.yaml").write_text(rules, "utf-8")
    told = consolidated(shop, "--dry-run")
    assert {one["path"]: one["page"] for one in told["documents"]}["PLAN.md"] == "archive/till/CONSOLIDATED_REFERENCE.md"
    assert {one["path"]: one["kind"] for one in told["documents"]}["notes/login-bug.md"] == "build"
    (shop.repo / ".autopack" / "documents.yaml").write_text("kinds: [{kind: bild}]\n", "utf-8")
    refused = shop.autopack("consolidate-docs")
    assert refused.exit_code == 3
    assert "documents.yaml:1: `documents.kinds[0].kind` must be" in refused.stderr


def test_a_run_and_a_project_of_documents_never_share_a_folder(shop):
    (shop.repo / "todo.md").write_text("# Todo\n", "utf-8")
    consolidated(shop)
    shop.plan({"id": "one", "description": "x", "scope": {"paths": ["app.py"]}, "ci": {"command": "true", "tests": "none"}})
    refused = shop.autopack("run", "--run-id", "shop")
    assert refused.exit_code == 2
    assert "'shop' is a project whose documents lie in" in refused.stderr


def test_a_link_in_the_way_is_not_written_through(shop, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (shop.repo / "archive").symlink_to(tmp_path / "elsewhere")
    refused = shop.autopack("consolidate-docs")
    assert refused.exit_code == 7
    assert "is in the way" in refused.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_large_tree_of_documents_loses_nothing(tmp_path):
    files = {
        f"notes/{folder}/{name}.md": f"# {folder} {name}\n\n[n](../{(folder + 1) % 20}/{name}.md)\n"
        for folder in range(20)
        for name in "abcde"
    }
    desk = Desk.make(tmp_path, {**files, "README.md": "".join(f"[x]({path})\n" for path in files)})
    wanted = sorted(hashlib.sha256(text.encode()).hexdigest() for text in files.values())
    told = consolidated(desk)
    kept = (path for path in (desk.repo / "archive" / "superseded").rglob("*.md"))
    assert sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in kept) == wanted
    assert (told["links"]["rewritten"], told["links"]["broken"]) == (200, [])
    assert git(desk.repo, "diff") == ""
