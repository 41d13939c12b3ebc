from autopack.context.digest import Splitter, digest_of

LINES = (
    "import os",
    "",
    "def load_keys(path):",
    "    return os.listdir(path), path",
    "",
    "class Cart:",
    "    def total(self):",
    "        load_keys('x')",
)


def digest():
    return digest_of("shop.py", LINES, Splitter())


def names(indices):
    return [digest().blocks[index].names[:1] for index in indices]


def test_a_word_knows_the_blocks_that_have_it_and_how_often():
    counts = {digest().blocks[index].names[0]: count for index, count in digest().counts("load") if digest().blocks[index].names}
    assert counts == {"load_keys": 4, "total": 1}


def test_a_name_knows_the_blocks_that_mention_it():
    assert names(digest().mentioning("load_keys")) == [("load_keys",), ("total",)]
    assert "os" not in digest().mentions


def test_a_block_is_as_long_as_its_words_its_own_name_counted_three_times_more():
    assert sum(digest().lengths) == sum(count for word in digest().words for _, count in digest().counts(word))


def test_one_splitter_splits_alike_however_often_it_is_asked():
    split = Splitter()
    assert split.count("loadKeys load_keys") == split.count("load_keys loadKeys")
    assert split("loadKeys") == ("load", "kei", "loadkeys")


def test_a_splitter_counts_the_words_that_are_asked_for_alone():
    split = Splitter()
    assert split.told("loads = load_keys(path)", {"load"}) == 2
    assert split.count("loads = load_keys(path)").total() > 2
