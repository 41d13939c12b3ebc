import pytest

from autopack.core.text import Decoded, encode
from autopack.edits import EditRefused, read_reply
from autopack.worktree.editable import text_for

PICTURE = bytes(range(256))
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
CHANGES = {
    "replace": '{"path": "a", "action": "replace", "content": "x"}',
    "patch": '{"path": "a", "action": "patch", "diff": "@@ -1 +1 @@\\n-a\\n+b\\n"}',
    "edit": '{"path": "a", "action": "edit", "operations": [{"type": "append", "content": "x"}]}',
}
MOVES = {"rename": '{"path": "a", "action": "rename", "to": "b"}', "delete": '{"path": "a", "action": "delete"}'}


def edit_of(text):
    (edit,) = read_reply(f'{{"summary": "", "files": [{text}], "blocked": null}}').files
    return edit


@pytest.mark.parametrize("text", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize(("data", "said"), [(PICTURE, "is binary"), (POINTER, "kept by Git LFS")], ids=["binary", "LFS"])
def test_what_is_no_text_of_its_own_is_not_edited(text, data, said):
    with pytest.raises(EditRefused, match=said) as refused:
        text_for(edit_of(text), data)
    assert refused.value.code == "binary"


@pytest.mark.parametrize("text", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("data", [PICTURE, POINTER], ids=["binary", "LFS"])
def test_a_move_carries_every_byte(text, data):
    found = text_for(edit_of(text), data)
    assert encode(found.text, found.encoding) == data


def test_a_text_is_decoded_as_it_is():
    assert text_for(edit_of(CHANGES["replace"]), b"f\xfcrst\n") == Decoded("fürst\n", "latin-1")
