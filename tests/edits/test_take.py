import json

import pytest

from autopack.core.exploring import ScratchFile
from autopack.core.refusal import RefusalCode
from autopack.core.scope import Scope
from autopack.edits import EditRefused, Guards, accept, apply_reply, read_reply, taken

BEFORE = {"a.py": "x = 1\r\n", "b.py": "y = 1\n", "secret/c.py": "z = 1\n"}


def taking(*paths, **changed):
    """What a phase over ``src/`` and the files at the root accepts of a reply that takes these paths."""
    reply = json.dumps({"summary": "s", "files": [{"path": path, "action": "take"} for path in paths]})
    files = {name.replace("_", "."): file for name, file in changed.items()}
    scratch = {
        path: ScratchFile(path=path, **file) if isinstance(file, dict) else ScratchFile(path=path, text=file)
        for path, file in files.items()
    }
    edits = taken(read_reply(reply), scratch, BEFORE)
    scope = Scope(("a.py", "b.py", "new.py"))
    return accept(edits, before=BEFORE, scope=scope, existing=BEFORE, guards=Guards())


def test_a_file_is_taken_as_it_stands_to_the_last_character():
    assert taking("a.py", a_py="x = 2\ny = 3").after == {"a.py": "x = 2\ny = 3"}


def test_a_new_file_is_one():
    accepted = taking("new.py", new_py="n = 1\n")
    assert (accepted.after, accepted.before) == ({"new.py": "n = 1\n"}, {"new.py": None})


@pytest.mark.parametrize(
    ("path", "scratch", "code", "said"),
    [
        ("a.py", {}, RefusalCode.NOTHING_TO_TAKE, "nothing to take"),
        ("a.py", {"b_py": "y = 2\n"}, RefusalCode.NOTHING_TO_TAKE, "nothing to take"),
        ("new.py", {"new_py": {}}, RefusalCode.NOTHING_TO_TAKE, "nothing to take"),
        ("a.py", {"a_py": {"unusable": "it is binary."}}, RefusalCode.PATH_GATE, "it is binary."),
        ("b.py", {"b_py": {}}, RefusalCode.DELETION, "would be deleted"),
        ("b.py", {"b_py": "y = (\n"}, RefusalCode.SYNTAX, ""),
        ("b.py", {"b_py": "<<<<<<< a\ny = 1\n=======\ny = 2\n>>>>>>> b\n"}, RefusalCode.CONFLICT_MARKER, ""),
        ("other.py", {"other_py": "o = 1\n"}, RefusalCode.SCOPE, "outside this phase's scope"),
        ("../up.py", {}, RefusalCode.NOTHING_TO_TAKE, ""),
    ],
)
def test_what_is_taken_is_judged_like_any_edit(path, scratch, code, said):
    with pytest.raises(EditRefused) as refused:
        taking(path, **scratch)
    assert refused.value.code is code
    assert said in str(refused.value)
    assert refused.value.path == path or code is RefusalCode.PATH


def test_nothing_is_taken_where_there_is_no_scratch_copy():
    with pytest.raises(EditRefused, match="no scratch copy"):
        apply_reply(json.dumps({"summary": "s", "files": [{"path": "a.py", "action": "take"}]}), before=BEFORE)


def test_a_take_has_nothing_beside_its_path():
    with pytest.raises(EditRefused, match="takes no `content`"):
        read_reply(json.dumps({"summary": "s", "files": [{"path": "a.py", "action": "take", "content": "x"}]}))
