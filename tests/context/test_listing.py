from autopack.context.listing import LISTING_CHARACTERS, listing


def test_a_small_repository_is_listed_whole():
    assert listing(["README.md", "src/shop/cart.py", "src/shop/tax.py"], ["src/shop/cart.py"], 10_000) == (
        "./: README.md",
        "src/shop/: cart.py tax.py",
    )


def test_the_directories_of_the_scope_come_before_others():
    paths = [f"a{n:03}/file.py" for n in range(500)] + ["zz/deep/cart.py", "zz/deep/tax.py"]
    lines = listing(paths, ["zz/deep/cart.py"], 10_000)
    assert "zz/deep/: cart.py tax.py" in lines


def test_a_large_repository_stays_within_its_room():
    lines = listing([f"dir{n}/sub{m}/name_{k}.py" for n in range(40) for m in range(40) for k in range(5)], [], 10_000)
    assert sum(len(line) + 1 for line in lines) <= 2 * LISTING_CHARACTERS + 100


def test_what_is_not_listed_is_counted():
    paths = [f"big/d{n:03}/a_rather_long_name.py" for n in range(200)]
    lines = listing(paths, [], 10_000)
    listed = sum(line.startswith("big/d") for line in lines)
    assert f"big/ … {200 - listed:,} files not listed" in lines


def test_a_directory_of_many_files_is_listed_in_part():
    (line,) = listing([f"src/module_{n:04}.py" for n in range(1000)], ["src/module_0001.py"], 10_000)
    assert line.startswith("src/: module_0000.py")
    assert line.endswith(" more")


def test_no_room_lists_nothing_but_a_count():
    assert len(listing(["a/b.py", "c/d.py"], [], 0)) <= 1
