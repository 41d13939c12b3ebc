from autopack.context.choosing import Chooser, choose
from autopack.context.gather import Rules, gather
from autopack.context.resolve import resolve
from autopack.core.redaction import Redactor
from tests.support.text_tree import TextTree, numbered_lines, phase_of

ROUND = "def round_tax(amount):\n    return round(amount, 2)\n"


def chosen(scope, description):
    files = {name: numbered_lines(300, f"a word of {name[0]}") for name in ("a.py", "b.py", "c.py", "d.py", "e.py", "f.py")}
    tree = TextTree({**files, "lib/tax.py": ROUND + numbered_lines(300)})
    phase = phase_of(*scope, description=description)
    return list(choose(resolve(phase.scope, tree.entries.keys()).editable, tree, Chooser(phase, Redactor()), 6_000).taken)


def test_one_file_that_the_scope_names_comes_before_a_folder():
    assert chosen(["a.py", "lib/"], "Round the tax.")[0] == "a.py"


def test_where_the_scope_names_many_files_the_task_decides_which_matters():
    assert chosen(["a.py", "b.py", "c.py", "d.py", "e.py", "f.py", "lib/"], "Round the tax.")[0] == "lib/tax.py"


def test_a_file_that_the_task_says_comes_first_whatever_the_scope_names():
    assert chosen(["a.py", "b.py", "c.py", "d.py", "e.py", "f.py", "lib/"], "Round the tax, as f.py has it.")[0] == "f.py"


def test_of_very_many_files_a_secret_is_shown_no_more_than_of_few():
    for count in (10, 3_100):
        files = {f"src/m{n}.py": "x = 1\n" for n in range(count)} | {
            "src/.env": "PASSWORD=hunter2\n",
            "src/tax.py": "def tax():\n    pass\n",
        }
        phase = phase_of("src/", description="Change the password and src/tax.py.")
        context = gather(phase, TextTree(files), (), Rules("c0ffee", 12_000, Redactor()))
        assert not any("hunter2" in text for file in context.files for _, text in file.stretches)
        assert any(file.path == "src/tax.py" and file.is_whole for file in context.files)
