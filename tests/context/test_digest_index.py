import pytest

from autopack.context.digest_index import digests_of
from autopack.context.drafts import read_drafts
from autopack.context.gather import Rules, gather
from autopack.context.resolve import Wanted
from autopack.core.redaction import Redactor
from autopack.store.database import Database
from autopack.store.digests import Digests
from tests.support.text_tree import TextTree, phase_of

ROUND = "def round_tax(amount):\n    return round(amount, 2)\n"
SECRET = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz"


class Counting(Digests):
    """Also says how many were made."""

    made = 0

    def keep(self, made):
        rows = list(made)
        self.made += len(rows)
        super().keep(rows)


@pytest.fixture
def store(tmp_path):
    return Counting(Database.open(tmp_path / "autopack.db"))


def digests(files, store=None):
    tree = TextTree(files)
    drafts = read_drafts([Wanted(path, is_literal=False, is_read_only=False) for path in files], tree, {})
    return digests_of(drafts, tree, Redactor(), store)


def test_what_was_kept_is_what_would_be_derived_anew(store):
    files = {
        "src/tax.py": ROUND,
        "src/cart.js": "function total(cart) {\n  return cart.sum\n}\n",
        "docs/tax.md": "# Tax\n\nRounded.\n",
        "empty.py": "",
    }
    anew = digests(files)
    digests(files, store)
    again = digests(files, store)
    assert store.made == len(files)
    for path in files:
        for word in anew[path].words:
            assert list(again[path].counts(word)) == list(anew[path].counts(word))
        assert (tuple(again[path].blocks), list(again[path].lengths)) == (tuple(anew[path].blocks), list(anew[path].lengths))
        assert again[path].mentions == anew[path].mentions


def test_only_what_changed_is_derived_a_second_time(store):
    digests({"a.py": ROUND, "b.py": "x = 1\n"}, store)
    digests({"a.py": ROUND, "b.py": "x = 2\n"}, store)
    assert store.made == 3


def test_a_file_that_was_moved_is_known_and_one_of_another_language_is_not(store):
    digests({"a.py": ROUND}, store)
    digests({"src/moved.py": ROUND}, store)
    assert store.made == 1
    digests({"a.md": ROUND}, store)
    assert store.made == 2


def test_no_secret_becomes_a_word_that_is_kept(store):
    found = digests({"a.py": f'KEY = "{SECRET}"\nother = 1\n'}, store)["a.py"]
    assert "other" in found.words
    assert not any("abcdefghij" in word for word in (*found.words, *found.mentions))


def test_a_prompt_is_the_same_with_an_index_and_without(store):
    lines = "".join(f"def filler_{n}(value):\n    return value + {n}\n\n" for n in range(400))
    tree = TextTree({f"src/m{n}.py": lines for n in range(4)} | {"src/tax.py": ROUND + lines})
    phase = phase_of("src/", description="Taxes must be rounded to the cent: filler_7 does it.")
    contexts = [gather(phase, tree, (), Rules("c0ffee", 6_000, Redactor(), digests=one)) for one in (None, store, store)]
    assert contexts[0] == contexts[1] == contexts[2]
    assert any("round_tax" in text for file in contexts[0].files for _, text in file.stretches)
