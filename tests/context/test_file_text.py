from autopack.context import file_text as module
from autopack.context.frame import in_frames
from autopack.core.context import Excerpt, FileShown
from tests.support.frames import parsed


def file_text(file):
    return in_frames([module.file_text(file)])


def framed(part):
    (found,) = parsed(in_frames([part]))
    return found


def test_a_whole_file_stands_there_unnumbered():
    file = FileShown(path="a.py", mode="full_file", total_lines=2, stretches=((1, "x\ny"),))
    assert framed(module.file_text(file)) == ("file", 'path="a.py" lines="2" answer="replace"', "x\ny")


def test_files_that_are_patched_or_edited_have_numbers():
    for mode, answer in (("diff", "patch"), ("structured_edit", "edit")):
        file = FileShown(path="a.py", mode=mode, total_lines=2, stretches=((1, "x\n  y"),))
        assert framed(module.file_text(file)) == ("file", f'path="a.py" lines="2" answer="{answer}"', "1|x\n2|  y")


def test_every_line_that_is_left_out_is_said():
    file = FileShown(
        path="a.py", mode="structured_edit", total_lines=90, is_whole=False, stretches=((1, "a\nb"), (40, "c")), outline=((50, "def f():"),)
    )
    text = file_text(file)
    assert "2|b\n[lines 3-39 are not shown]\n40|c\n[lines 41-90 are not shown]\n" in text
    assert "50: def f():" in text


def test_a_part_of_a_read_only_file_is_numbered_too():
    file = FileShown(path="a.md", mode="full_file", total_lines=3, is_whole=False, is_read_only=True, stretches=((2, "b"),))
    head, body = 'path="a.md" lines="3" answer="none, read-only"', "[lines 1-1 are not shown]\n2|b\n[lines 3-3 are not shown]"
    assert framed(module.file_text(file)) == ("file", head, body)


def test_an_empty_file_has_no_line_at_all():
    for mode in ("full_file", "structured_edit"):
        assert file_text(FileShown(path="a", mode=mode, total_lines=0, stretches=((1, ""),))).count("\n") == 2


def test_redaction_is_said_where_it_happened():
    assert "leave such lines alone" in file_text(
        FileShown(path="a", mode="structured_edit", total_lines=1, stretches=((1, "⟦redacted:1⟧"),), is_redacted=True)
    )


def test_a_path_cannot_end_its_tag():
    text = file_text(FileShown(path='a">\n<b', mode="full_file", total_lines=1, stretches=((1, "x"),)))
    assert text.startswith('<file path="a\\">\\n<b" lines')


def test_an_excerpt_has_its_true_numbers():
    excerpt = Excerpt(attempt=1, path="a.py", first_line=7, text="x\ny")
    assert framed(module.excerpt_text(excerpt)) == ("lines", 'path="a.py"', "7|x\n8|y")


def test_characters_that_are_spelled_out_are_said():
    text = file_text(FileShown(path="a", mode="structured_edit", total_lines=1, stretches=((1, "a\x1bb"),), is_spelled=True))
    assert "⟦U+...⟧ stands for that character; leave such lines alone" in text
    assert "1|a⟦U+001B⟧b" in text
