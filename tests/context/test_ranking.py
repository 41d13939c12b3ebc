from autopack.context.digest import Splitter, digest_of
from autopack.context.ranking import Source, rank
from tests.support.text_tree import phase_of

FILLER = [line for n in range(40) for line in (f"def filler_{n}(value):", f"    return value + {n}", "")]


def source(path, *lines, **words):
    return Source(path, digest_of(path, lines, Splitter()), len(lines), **words)


def best(sources, description):
    ranked = rank(sources, phase_of("src/", description=description))
    return ranked[0].path, ranked[0].block.names


def test_the_function_that_is_about_the_task_comes_first():
    files = [source("src/a.py", *FILLER), source("src/tax.py", "def round_tax(amount):", "    return round(amount, 2)", "", *FILLER)]
    assert best(files, "Taxes must be rounded to the cent.") == ("src/tax.py", ("round_tax",))


def test_a_name_that_the_task_says_outranks_a_word_that_stands_often():
    files = [
        source("src/a.py", "def audit():", *["    cart = cart"] * 20),
        source("src/b.py", "def total():", "    return cart", "", *FILLER),
    ]
    assert best(files, "Make total() of the cart exact.") == ("src/b.py", ("total",))


def test_a_file_that_the_plan_names_comes_before_all_others():
    files = [source("src/a.py", "def tax(): return tax", *FILLER), source("src/b.py", "x = 1", is_named=True)]
    ranked = rank(files, phase_of("src/", description="tax"))
    assert (ranked[0].path, ranked[0].why) == ("src/b.py", "named")


def test_what_a_good_block_calls_comes_before_strangers_and_says_so():
    files = [
        source("src/a.py", "def export(orders):", "    return write_rows(orders)", "", *FILLER),
        source("src/b.py", "def write_rows(rows):", "    return len(rows)", "", *FILLER),
    ]
    second = rank(files, phase_of("src/", description="The export forgets orders."))[1]
    assert (second.path, second.block.names, second.why) == ("src/b.py", ("write_rows",), "imports")


def test_callers_of_what_the_task_names_are_found():
    files = [
        source("src/a.py", "def set_array(value):", "    return value", ""),
        source("src/b.py", "def bind(form):", "    return set_array(form)", "", *FILLER),
    ]
    ranked = rank(files, phase_of("src/", description="set_array must refuse more values than there is room."))
    assert [(one.path, one.block.names) for one in ranked[:2]] == [("src/a.py", ("set_array",)), ("src/b.py", ("bind",))]


def test_the_same_sources_give_the_same_order():
    files = [source(f"src/{n}.py", *FILLER) for n in range(5)]
    phase = phase_of("src/", description="filler value")
    assert rank(files, phase) == rank(files, phase)


def test_nothing_to_rank_is_no_error():
    assert rank([], phase_of("src/")) == ()
    assert rank([source("src/empty.py")], phase_of("src/")) == ()


def test_of_equal_methods_the_one_whose_class_the_task_speaks_of_comes_first():
    methods = [
        source(path, f"class {name}:", *["    kept = 1"] * 9, "    def encode(self, value):", "        return value", "", *FILLER)
        for path, name in (("src/a.py", "Digits"), ("src/b.py", "Headers"))
    ]
    telling = source("src/c.py", "def encode_later(value):", "    return headers(encode(value))", "", *FILLER)
    scores = {one.block.names: one.score for one in rank([*methods, telling], phase_of("src/", description="Encode headers as they came."))}
    assert scores["encode", "Headers"] - scores["encode", "Digits"] > 0.2


def test_of_one_class_not_all_blocks_come_before_what_is_told_elsewhere():
    best_of_all = ("    def first(self):", "        return invoice + invoice + invoice", "")
    files = [
        source("src/a.py", "class Whole:", *best_of_all, "    def part(self):", "        return self.invoice", "", *FILLER),
        source("src/b.py", "class Other:", "    def part(self):", "        return self.invoice", "", *FILLER, "invoice = invoice"),
    ]
    ranked = rank(files, phase_of("src/", description="The invoice is wrong."))
    score = {one.block.names: one.score for one in ranked if one.block.names}
    assert score["part", "Other"] > score["part", "Whole"]
