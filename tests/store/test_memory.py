import pytest

from autopack.core.memory import Collection, Entry
from autopack.store.memory import Wanted, count, filled, find, forget_phase, prune, remember

ERRORS = Collection.ERRORS_CI


def entry(source, cue, project="shop", **keys):
    return Entry(project=project, collection=ERRORS, source=source, cue=cue, text=f"text of {source}", **keys)


def kept_of(kept, *entries, at=100.0):
    with kept.database.write() as session:
        remember(session.connection(), entries, at)


def sources(kept, *words, project="shop", **keys):
    return [row.source for row in find(kept.database, Wanted(project, ERRORS, words, 10, **keys)).rows]


def test_what_is_remembered_is_found_by_its_words_and_only_in_its_project(kept):
    kept_of(kept, entry("a", "the basket forgets vouchers"), entry("b", "a basket"), entry("c", "vouchers", project="other"))
    assert sources(kept, "basket", "voucher") == ["a", "b"]
    assert sources(kept, "voucher", project="other") == ["c"]
    assert sources(kept, "voucher", project="third") == []


def test_another_project_changes_neither_order_nor_frequencies(kept):
    kept_of(kept, entry("a", "basket"), entry("b", "voucher"))
    before = find(kept.database, Wanted("shop", ERRORS, ("basket", "voucher"), 10))
    kept_of(kept, *(entry(str(number), "basket basket", project="other") for number in range(20)))
    assert find(kept.database, Wanted("shop", ERRORS, ("basket", "voucher"), 10)) == before
    assert (before.total, before.frequencies["basket"]) == (2, 1)


def test_the_same_source_is_remembered_once(kept):
    kept_of(kept, entry("a", "basket"))
    kept_of(kept, entry("a", "voucher"))
    assert (sources(kept, "basket"), sources(kept, "voucher")) == ([], ["a"])
    assert count(kept.database, "shop", ERRORS) == 1


def test_own_run_old_and_unsolved_rows_can_be_left_out(kept):
    kept_of(kept, entry("a", "basket", run="r", is_solved=True), entry("b", "basket", run="s"))
    kept_of(kept, entry("c", "basket", run="t", is_solved=True), at=50.0)
    assert sources(kept, "basket") == ["a", "b", "c"]
    assert sources(kept, "basket", but_run="r") == ["b", "c"]
    assert sources(kept, "basket", since=60.0) == ["a", "b"]
    assert sources(kept, "basket", only_solved=True) == ["a", "c"]


def test_what_a_phase_taught_can_be_forgotten(kept):
    kept_of(kept, entry("a", "basket", run="r", phase="one"), entry("b", "basket", run="r", phase="two"))
    with kept.database.write() as session:
        forget_phase(session.connection(), "r", "one")
    assert sources(kept, "basket") == ["b"]


def test_the_old_and_the_too_many_leave(kept):
    for at in range(5):
        kept_of(kept, entry(str(at), "basket"), at=float(at))
    with kept.database.write() as session:
        assert prune(session.connection(), "shop", ERRORS, since=1.0, most=3) == 2
    assert sorted(sources(kept, "basket")) == ["2", "3", "4"]


def test_the_collections_that_hold_something_are_known(kept):
    assert filled(kept.database, "shop") == ()
    kept_of(kept, entry("a", "basket"))
    assert filled(kept.database, "shop") == (ERRORS,)
    assert filled(kept.database, "other") == ()


def test_what_is_asked_may_hold_the_index_s_own_words(kept):
    kept_of(kept, entry("a", "near basket"))
    assert sources(kept, "near", "and", "or", "not") == ["a"]


def test_a_transaction_that_is_lost_leaves_no_memory(kept):
    with pytest.raises(ZeroDivisionError), kept.database.write() as session:
        remember(session.connection(), [entry("a", "basket")], 1 / 1)
        remember(session.connection(), [entry("b", "basket")], 1 / 0)
    assert sources(kept, "basket") == []
