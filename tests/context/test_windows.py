from autopack.context.windows import numbered_cost, part_of, stretches_of


def source(functions=200, body=10):
    return [line for n in range(functions) for line in (f"def function_{n}():", *(f"    x{n} = {i}" for i in range(body)), "")]


def shown_numbers(part):
    return {number for first, text in part.stretches for number in range(first, first + text.count("\n") + 1)}


def test_the_function_that_the_phase_names_is_shown_with_its_true_numbers():
    lines = source()
    part = part_of("a.py", lines, frozenset({"function_150"}), 6_000)
    start = lines.index("def function_150():") + 1
    assert set(range(start, start + 11)) <= shown_numbers(part)
    for first, text in part.stretches:
        assert text.split("\n") == lines[first - 1 : first - 1 + text.count("\n") + 1]


def test_the_head_is_always_shown():
    assert {1, 2, 3, 10} <= shown_numbers(part_of("a.py", source(), frozenset({"function_150"}), 6_000))


def test_a_part_costs_no_more_than_its_share():
    lines = source()
    for share in (500, 2_000, 8_000):
        part = part_of("a.py", lines, frozenset({"function_150", "x7"}), share)
        cost = sum(len(text) + (text.count("\n") + 1) * 6 for _, text in part.stretches) + sum(
            len(text) + len(str(line)) + 2 for line, text in part.outline
        )
        assert cost <= share * 1.1
        assert cost < numbered_cost(lines)


def test_what_is_left_out_is_outlined_and_what_is_shown_is_not():
    part = part_of("a.py", source(), frozenset({"function_150"}), 6_000)
    assert part.outline
    assert not {line for line, _ in part.outline} & shown_numbers(part)


def test_a_rare_word_finds_its_line_in_a_language_without_symbols():
    lines = [f"filler {n}" for n in range(5_000)]
    lines[3_210] = "the discount is computed here"
    assert 3_211 in shown_numbers(part_of("notes.txt", lines, frozenset({"discount", "filler"}), 3_000))


def test_a_word_that_stands_everywhere_leads_nowhere():
    lines = [f"filler {n}" for n in range(5_000)]
    assert max(shown_numbers(part_of("notes.txt", lines, frozenset({"filler"}), 3_000))) < 1_000


def test_small_gaps_are_closed():
    assert stretches_of(["a", "b", "c", "d", "e", "f", "g", "h", "i"], [1, 4, 9]) == ((1, "a\nb\nc\nd"), (9, "i"))


def test_a_line_longer_than_the_share_is_left_out_not_cut():
    part = part_of("data.json", ["{", "x" * 50_000, "}"], frozenset(), 1_000)
    assert shown_numbers(part) <= {1, 3}
