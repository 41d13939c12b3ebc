import difflib
import re

from autopack.context.reading import Looker
from autopack.core.redaction import Redactor
from autopack.review.around import around, touched_files, uses_elsewhere
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.diff import diff
from autopack.worktree.grep import Hits
from autopack.worktree.repository import Repository
from tests.support.repos import commit_files, git, make_repo
from tests.support.text_tree import TextTree, phase_of

LINES = [f"        step_{number}()" for number in range(30)]
SHOP = "\n".join(
    [
        "class Shop:",
        "    def open(self):",
        "        return 1",
        "",
        "    def sell(self):",
        *LINES,
        "",
        "    def close(self):",
        "        pass",
        "",
    ]
)


def seen(tmp_path, before, after, *, secrets=()):
    repo = make_repo(tmp_path / "shop", before)
    old = git(repo, "rev-parse", "HEAD").strip()
    new = commit_files(repo, after, "new")
    here = Repository.discover(repo, {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    patch = diff(here, old, new, max_bytes=1_000_000)
    return around(touched_files(patch, BaseTree(here.git, new), Redactor(secrets))), patch


def test_the_rest_of_a_touched_function_is_shown_and_nothing_twice(tmp_path):
    found, patch = seen(tmp_path, {"shop.py": SHOP}, {"shop.py": SHOP.replace("step_15()", "step_15(now)")})
    assert [(excerpt.first_line, excerpt.text.count("\n") + 1) for excerpt in found] == [(5, 13), (25, 11)]
    assert found[0].text.startswith("    def sell(self):")
    assert "close" not in "".join(excerpt.text for excerpt in found)
    both = {line for excerpt in found for line in excerpt.text.split("\n")}
    assert not both & {line[1:] for line in re.sub(r"(?m)^@@.*$", "", patch).split("\n")}


def test_what_the_diff_shows_wholly_is_not_shown_again(tmp_path):
    short = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
    assert seen(tmp_path, {"a.py": short}, {"a.py": short.replace("return 1", "return 3")})[0] == ()


def test_a_change_outside_of_functions_a_new_file_a_binary_and_a_deleted_one_need_nothing(tmp_path):
    before = {"a.py": f"LIMIT = 1\n\n\n\n\n{SHOP}", "gone.py": SHOP, "b.bin": b"\0\1\2"}
    after = {"a.py": f"LIMIT = 2\n\n\n\n\n{SHOP}", "gone.py": None, "b.bin": b"\0\1\3", "new.py": "def new():\n    return 1\n"}
    assert seen(tmp_path, before, after)[0] == ()


def test_a_very_long_function_is_left_to_the_diff(tmp_path):
    text = "def long():\n" + "".join(f"    step_{number}()\n" for number in range(400))
    assert seen(tmp_path, {"a.py": text}, {"a.py": text.replace("step_200()", "step_200(now)")})[0] == ()


def test_secrets_stay_secret(tmp_path):
    text = SHOP.replace("step_2()", 'connect("hunter2hunter2")')
    found, _ = seen(tmp_path, {"shop.py": text}, {"shop.py": text.replace("step_15()", "step_15(now)")}, secrets=["hunter2hunter2"])
    assert "hunter2" not in "".join(excerpt.text for excerpt in found)


def test_windows_line_ends_and_names_with_spaces_and_umlauts_are_read(tmp_path):
    text = SHOP.replace("\n", "\r\n")
    found, _ = seen(tmp_path, {"mein Lädchen.py": text}, {"mein Lädchen.py": text.replace("step_15()", "step_15(now)")})
    assert [excerpt.path for excerpt in found] == ["mein Lädchen.py"] * 2


def test_a_function_that_begins_on_the_first_line_is_shown_from_there(tmp_path):
    text = "\n".join(["def sell():", *LINES, ""])
    found, _ = seen(tmp_path, {"a.py": text}, {"a.py": text.replace("step_15()", "step_15(now)")})
    assert found[0].first_line == 1


def uses_of(files, change):
    """Where the functions that a change of in-memory files touches are used, by the real search's places for every line with a name."""
    before, after = dict(files), {**files, **change}
    path = next(iter(change))
    lines = difflib.unified_diff(before[path].split("\n"), after[path].split("\n"), f"a/{path}", f"b/{path}", lineterm="")
    patch = f"diff --git a/{path} b/{path}\n" + "\n".join(lines) + "\n"
    tree = TextTree(after)

    def search(pattern, *_, **__):
        places = [
            (path, number)
            for path, text in sorted(after.items())
            for number, line in enumerate(text.split("\n"), 1)
            if re.search(pattern, line)
        ]
        return Hits(tuple(places))

    return uses_elsewhere(touched_files(patch, tree, Redactor()), Looker(tree, phase_of("src/"), Redactor(), 0, search))


CODE = {
    "src/tax.py": "def tax(price):\n    return price\n\n\ndef other():\n    return tax(1)\n" + "\n" * 9 + "x = tax(2)\n",
    "src/shop.py": "from src.tax import tax\n\nTOTAL = tax(5)\nsyntax = 1\n",
    "src/.env": "TAX=tax\n",
    "package-lock.json": "tax\n",
}


def test_where_a_touched_function_is_used_elsewhere_is_told_without_what_the_change_shows():
    uses = uses_of(CODE, {"src/tax.py": CODE["src/tax.py"].replace("return price\n", "return price * 2\n")})
    assert uses == (
        "src/shop.py:1: from src.tax import tax",
        "src/shop.py:3: TOTAL = tax(5)",
        "src/tax.py:6: return tax(1)",
        "src/tax.py:16: x = tax(2)",
    )


def test_a_change_outside_of_functions_has_no_uses_and_searches_nothing():
    assert uses_of({"src/tax.py": "RATE = 1\n"}, {"src/tax.py": "RATE = 2\n"}) == ()


def test_of_each_function_a_few_uses_are_told():
    many = {"src/a.py": "def use():\n    return 1\n", "src/b.py": "use()\n" * 100}
    assert len(uses_of(many, {"src/a.py": "def use():\n    return 2\n"})) == 8
