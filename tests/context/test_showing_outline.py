from autopack.context.showing import Partly, outlines

CLASSES = tuple(line for n in range(5) for line in (f"class C{n}:", "    def method(self):", "        return 1", ""))


def test_what_is_left_out_is_outlined_and_what_is_shown_is_not():
    outline = outlines([Partly("a.py", CLASSES, {1, 2})], 10_000)["a.py"]
    assert [line for line, _ in outline] == [5, 6, 9, 10, 13, 14, 17, 18]


def test_the_outer_level_of_every_file_comes_before_the_next_level():
    found = outlines([Partly("a.py", CLASSES, set()), Partly("b.py", CLASSES, set())], 140)
    assert [len([text for _, text in found[path] if text.startswith("class")]) for path in ("a.py", "b.py")] == [5, 5]


def test_an_outline_keeps_to_its_room():
    found = outlines([Partly("a.py", CLASSES, set())], 50)
    assert sum(len(text) + len(str(line)) + 2 for line, text in found["a.py"]) <= 50
