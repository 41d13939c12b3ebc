from autopack.docs_archive.labels import labels_of, with_own_labels

TEXT = """See [the issue][1], [1], [One][] and ![i][1]; a note[^n]. Not [x](1), not `[1]`.

- [ ] open
[1]: http://b
[One]: http://o
[^n]: words
"""


def test_labels_that_are_taken_get_a_mark_wherever_they_stand():
    own = with_own_labels(TEXT, {"1", "one", "^n"}, "ab")
    assert own.startswith(
        "See [the issue][1-ab], [1][1-ab], [One][One-ab] and ![i][1-ab]; a note[^n-ab]. Not [x](1), not `[1]`.\n\n- [ ] open\n"
    )
    assert "[1-ab]: http://b\n[One-ab]: http://o\n[^n-ab]: words\n" in own
    assert labels_of(own) == {"1-ab", "one-ab", "^n-ab"}


def test_a_text_whose_labels_are_its_own_is_left():
    assert with_own_labels(TEXT, {"2"}, "ab") == TEXT
