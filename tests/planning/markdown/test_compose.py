from autopack.planning.markdown.compose import phases_of
from autopack.planning.markdown.piece import Piece
from autopack.planning.templates.fit import Terrain

FILES = {"src/login.py": "", "tests/test_x.py": ""}
TERRAIN = Terrain({path: len(text) for path, text in FILES.items()}, lambda paths: {path: FILES[path] for path in paths})


def piece(title, *names, **keys):
    return Piece(title, title, names, 1, **keys)


def made(*pieces):
    return phases_of(pieces, TERRAIN)


def order(*pieces):
    return {phase.id: (phase.keys["depends_on"], phase.guesses.get("depends_on", "")) for phase in made(*pieces).phases}


def test_order_is_what_the_text_says_and_a_guess_is_marked():
    found = order(piece("A", "t1"), piece("B", "t2", needs=("t1", "t9")), piece("C"), piece("D", needs=()))
    assert found["a"] == ([], "")
    assert found["b"] == (["a"], "the text names t9 too, which is nothing of this plan")
    assert found["c"] == (["b"], "guessed: nothing is said of the order, so it waits for the one before")
    assert found["d"] == ([], "")


def test_what_is_done_is_waited_for_by_nobody():
    found = made(piece("A", "t1", is_done=True), piece("B", "t2", needs=("t1",)))
    assert [phase.keys["depends_on"] for phase in found.phases] == [[]]
    assert found.done == ("A",)


def test_a_name_that_two_pieces_have_means_neither():
    assert order(piece("A", "1"), piece("B", "1"), piece("C", needs=("1",)))["c"][0] == []


def test_side_by_side_pieces_wait_for_the_last_that_is_not_and_the_last_for_all():
    side = {"after": "last_shared", "is_side_by_side": True}
    found = order(piece("Base"), piece("One", **side), piece("Two", **side), piece("End", after="all"))
    assert [found[name][0] for name in ("one", "two", "end")] == [["base"], ["base"], ["base", "one", "two"]]


def test_ids_are_short_and_unique():
    long = "Make the thing that nobody wanted to make because it is rather long"
    ids = [phase.id for phase in made(piece("A. More"), piece("A (x)"), piece(long), piece("é")).phases]
    assert ids == ["a", "a-2", "make-the-thing-that-nobody-wanted-to-make", "project"]


def test_scopes_are_backticks_then_plain_paths_then_names_of_files_and_otherwise_missing():
    found = made(
        piece("One", codes=("src/login.py", "x()"), plain=("src/new.py",), context=("tests/test_x.py", "src/login.py")),
        piece("Change login"),
        piece("Nothing"),
    )
    one, two, three = found.phases
    assert one.keys["scope"] == {"paths": ["src/login.py", "src/new.py"], "read_only_context": ["tests/test_x.py"]}
    assert one.guesses["scope"] == "guessed, since it stands without backticks: src/new.py"
    assert two.keys["scope"]["paths"] == ["src/login.py", "tests/test_change_login.py"]
    assert two.guesses["scope"] == "guessed: the text names no file; found by login in names"
    assert "scope" not in three.keys
    assert found.without_scope == ("nothing",)
    assert "add a scope" in three.remark
