import pytest

from autopack.context.gather import Rules, gather
from autopack.core.context import Feedback
from autopack.core.failure import FailureKind
from autopack.core.redaction import Redactor
from tests.support.text_tree import TextTree, numbered_lines, phase_of


def gathered(files, phase, *, feedback=(), max_tokens=150_000, redactor=None, modes=None, forced=None):
    rules = Rules("c0ffee", max_tokens, redactor or Redactor(), forced_mode=forced)
    return gather(phase, TextTree(files, modes), feedback, rules)


def shown(context, path):
    return next(file for file in context.files if file.path == path)


def characters(context):
    texts = [text for file in context.files for _, text in file.stretches] + [
        symbol for file in context.files for _, symbol in file.outline
    ]
    return sum(len(text) for text in texts) + sum(len(line) for line in context.tree) + sum(len(text) for _, text in context.instructions)


def test_each_file_is_asked_for_in_the_mode_of_its_size():
    files = {"a.py": numbered_lines(500), "b.py": numbered_lines(501), "c.py": numbered_lines(1000), "d.py": numbered_lines(1001)}
    assert [file.mode for file in gathered(files, phase_of(".")).files] == ["full_file", "diff", "diff", "structured_edit"]


def test_a_small_file_is_shown_exactly_as_it_is():
    file = shown(gathered({"a.py": "def f():\n    return 1\n"}, phase_of("a.py")), "a.py")
    assert file.stretches == ((1, "def f():\n    return 1"),)
    assert file.total_lines == 2
    assert file.is_whole


def test_lines_count_as_edits_count_them():
    text = "a\x0cb\u2028c\r\nd\r\n"
    file = shown(gathered({"a.txt": "\ufeff" + text}, phase_of("a.txt")), "a.txt")
    assert file.total_lines == 2
    assert file.stretches == ((1, "a\x0cb\u2028c\nd"),)


def test_an_empty_file_is_there_with_no_line():
    file = shown(gathered({"a.py": ""}, phase_of("a.py")), "a.py")
    assert (file.total_lines, file.note, file.mode) == (0, None, "full_file")


def test_read_only_files_come_after_those_of_the_scope():
    context = gathered({"a.py": "x\n", "docs/a.md": "x\n"}, phase_of("a.py", read_only=("docs/",)))
    assert [(file.path, file.is_read_only) for file in context.files] == [("a.py", False), ("docs/a.md", True)]


def test_thirty_files_in_the_scope_are_all_asked_for_as_structured_edits():
    files = {f"src/{n:02}.py": "x\n" for n in range(30)}
    assert {file.mode for file in gathered(files, phase_of("src/")).files} == {"structured_edit"}
    assert {file.mode for file in gathered(files, phase_of("src/0*")).files} == {"full_file"}


def test_read_only_files_do_not_count_among_the_thirty():
    files = {f"src/{n:02}.py": "x\n" for n in range(29)} | {"docs/a.md": "x\n"}
    assert shown(gathered(files, phase_of("src/", read_only=("docs/",))), "src/00.py").mode == "full_file"


def test_a_file_with_a_secret_is_redacted_and_never_asked_for_whole():
    redactor = Redactor(["hunter2hunter2"])
    file = shown(
        gathered({"a.py": "KEY = 'hunter2hunter2'\nx = 1\n"}, phase_of("a.py", builder_mode="full_file"), redactor=redactor), "a.py"
    )
    assert file.is_redacted
    assert file.mode == "structured_edit"
    assert file.stretches == ((1, "KEY = '⟦redacted:1⟧'\nx = 1"),)


def test_lines_behind_a_redacted_block_keep_their_numbers():
    key = "-----BEGIN PRIVATE KEY-----\nabc\ndef\n-----END PRIVATE KEY-----"
    file = shown(gathered({"a.py": f"a\n{key}\nlast\n"}, phase_of("a.py")), "a.py")
    assert file.stretches[0][1].split("\n")[5] == "last"
    assert file.total_lines == 6


@pytest.mark.parametrize("max_tokens", [1_000, 2_000, 5_000, 20_000])
def test_what_is_shown_keeps_to_the_budget(max_tokens):
    files = {f"src/m{n}.py": numbered_lines(400 * (n + 1), f"value_{n} = ") for n in range(12)} | {"AGENTS.md": "rule\n" * 2000}
    context = gathered(files, phase_of("src/"), max_tokens=max_tokens)
    assert 0 < characters(context) <= max_tokens * 4


def test_small_files_are_shown_whole_beside_a_large_one():
    files = {"src/big.py": numbered_lines(5_000, "big = "), "src/small.py": numbered_lines(20)}
    context = gathered(files, phase_of("src/"), max_tokens=3_000)
    assert shown(context, "src/small.py").is_whole
    big = shown(context, "src/big.py")
    assert not big.is_whole
    assert big.mode == "structured_edit"


def test_a_file_shown_in_part_is_never_asked_for_whole_nor_as_a_diff():
    for mode in ("full_file", "diff"):
        context = gathered({"a.py": numbered_lines(4_000)}, phase_of("a.py", builder_mode=mode), max_tokens=1_000)
        assert shown(context, "a.py").mode == "structured_edit"


def test_files_that_do_not_fit_are_named_and_the_ones_the_plan_names_are_shown():
    files = {f"src/m{n:03}.py": numbered_lines(500) for n in range(100)}
    context = gathered(files, phase_of("src/", "src/m077.py", description="Change m055.py."), max_tokens=3_000)
    paths = {file.path for file in context.files}
    assert {"src/m077.py", "src/m055.py"} <= paths
    assert paths.isdisjoint(context.unshown)
    assert len(paths) + len(context.unshown) + context.unshown_more == 100


def test_a_huge_scope_is_named_only_so_far_and_read_only_so_far():
    files = {f"src/m{n:05}.py": "x = 1\n" * 100 for n in range(20_000)}
    tree = TextTree(files)
    context = gather(phase_of("src/"), tree, (), Rules("c0ffee", 10_000, Redactor()))
    assert len(context.unshown) == 100
    assert len(context.files) + len(context.unshown) + context.unshown_more == 20_000
    assert len(tree.read) <= 3_000


def test_many_snapshots_do_not_crowd_the_prompt():
    files = {f"s/{n:04}.snap": "x" for n in range(1000)}
    context = gathered(files, phase_of("s/"))
    assert len(context.files) <= 50
    assert len(context.files) + len(context.unshown) + context.unshown_more == 1000


def test_a_request_that_was_too_long_shows_half_as_much_next_time():
    files = {"a.py": numbered_lines(20_000)}
    lesson = Feedback(attempt=1, kind=FailureKind.CONTEXT_EXCEEDED, message="Too long.")
    first = gathered(files, phase_of("a.py"), max_tokens=20_000)
    second = gathered(files, phase_of("a.py"), max_tokens=20_000, feedback=(lesson,))
    assert characters(second) < 0.6 * characters(first)


def test_a_lock_file_is_named_and_not_shown_even_if_the_scope_names_it():
    file = shown(gathered({"uv.lock": "secret content"}, phase_of("uv.lock")), "uv.lock")
    assert file.stretches == ()
    assert "written by a tool" in file.note


def test_a_file_that_is_no_text_is_named():
    assert "binary" in shown(gathered({"a.png": b"\x89PNG"}, phase_of("a.png")), "a.png").note


def test_the_same_input_gives_the_same_context_whatever_the_order_of_the_tree():
    files = {f"src/m{n}.py": numbered_lines(100 * n) for n in range(12)}
    turned = dict(reversed(files.items()))
    phase = phase_of("src/", description="About m3 and value.")
    assert gathered(files, phase, max_tokens=4_000) == gathered(turned, phase, max_tokens=4_000)


def test_the_mode_of_most_files_is_the_mode_of_the_attempt():
    context = gathered({"a.py": "x\n", "b.py": "x\n", "c.py": numbered_lines(600)}, phase_of("."))
    assert context.main_mode == "full_file"
    assert not context.is_small
    assert gathered({"a.py": "x\n"}, phase_of("."), forced="structured_edit").main_mode == "structured_edit"


def test_a_failure_shows_the_lines_it_points_at_where_they_were_not_shown():
    files = {"src/big.py": numbered_lines(9_000)}
    lesson = Feedback(attempt=1, kind=FailureKind.CHECKS_RED, message="Red.", evidence='  File "/tmp/work/src/big.py", line 7000, in f')
    context = gathered(files, phase_of("src/big.py"), feedback=(lesson,), max_tokens=2_000)
    (excerpt,) = context.excerpts
    assert (excerpt.attempt, excerpt.path) == (1, "src/big.py")
    assert excerpt.first_line == 6_985
    assert excerpt.text.split("\n")[15] == "line 7000"


def test_the_same_lines_are_not_shown_twice_and_whole_files_not_again():
    files = {"src/big.py": numbered_lines(9_000), "src/small.py": numbered_lines(9)}
    lessons = tuple(Feedback(attempt=n, kind=FailureKind.CHECKS_RED, message="src/big.py:7000: bad, src/small.py:3: bad") for n in (1, 2))
    context = gathered(files, phase_of("src/"), feedback=lessons, max_tokens=2_000)
    assert [excerpt.attempt for excerpt in context.excerpts] == [1]


def test_a_failure_never_brings_up_a_secret_file():
    lesson = Feedback(attempt=1, kind=FailureKind.CHECKS_RED, message="src/id_rsa.pem:1: bad")
    context = gathered({"src/id_rsa.pem": "key\n"}, phase_of("src/"), feedback=(lesson,))
    assert context.excerpts == ()


def test_excerpts_are_bounded_whatever_the_output_names():
    files = {f"src/m{n}.py": numbered_lines(9_000, "x" * 200) for n in range(20)}
    evidence = "\n".join(f"src/m{n}.py:{line}: bad" for n in range(20) for line in range(500, 9_000, 500))
    lesson = Feedback(attempt=1, kind=FailureKind.CHECKS_RED, message="Red.", evidence=evidence)
    context = gathered(files, phase_of("src/"), feedback=(lesson,), max_tokens=1_000)
    assert 0 < sum(len(excerpt.text) for excerpt in context.excerpts) <= 13_000
