import pytest

from autopack.worktree.base_tree import BaseTree
from autopack.worktree.git import Git, GitError
from tests.support.git_repository import toy_repository

ODD = {"mit leer zeichen ü.txt": "eins", "line\nbreak": "zwei", '"quoted"\t': "drei", "-dash": "vier"}


@pytest.fixture(params=["sha1", "sha256"])
def toy(tmp_path, request):
    return toy_repository(tmp_path, f"--object-format={request.param}")


def base_of(toy):
    return BaseTree(Git(toy.root, toy.environment), toy.git("rev-parse", "HEAD"))


def test_entries_know_mode_kind_id_and_size_of_every_path(toy):
    (toy.root / "link").symlink_to("a.py")
    toy.write({"run.sh": "#!/bin/sh\n"})
    (toy.root / "run.sh").chmod(0o755)
    toy.commit({**ODD}, "odd")
    toy.git("add", ".")
    toy.git("update-index", "--add", "--cacheinfo", f"160000,{toy.git('rev-parse', 'HEAD')},sub")
    toy.git("commit", "-qm", "all")
    base = base_of(toy)
    assert sorted(base.entries) == toy.paths("HEAD")
    assert {path: base.modes[path] for path in ("a.py", "run.sh", "link", "sub")} == {
        "a.py": "100644",
        "run.sh": "100755",
        "link": "120000",
        "sub": "160000",
    }
    assert base.entries["a.py"].size == 6
    assert base.entries["a.py"].oid == toy.git("rev-parse", "HEAD:a.py")
    assert base.entries["sub"].size is None
    assert base.submodules == ("sub",)
    assert base.tree == toy.git("rev-parse", "HEAD^{tree}")


def test_many_files_are_read_at_once_and_what_is_not_there_is_left_out(toy):
    toy.commit(ODD)
    toy.commit({"empty": "", "copy.py": "a = 1\n", "binary": b"\0\1\n2"})
    base = base_of(toy)
    read = base.read([*ODD, "empty", "copy.py", "a.py", "binary", "missing", "src"])
    assert read == {
        **{path: text.encode() for path, text in ODD.items()},
        "empty": b"",
        "copy.py": b"a = 1\n",
        "a.py": b"a = 1\n",
        "binary": b"\0\1\n2",
    }
    assert base.read([]) == {}
    assert "binary" not in base.texts(["binary", "a.py"])


def test_bytes_are_those_of_the_commit_whatever_checkout_settings_say(toy):
    toy.git("config", "core.autocrlf", "true")
    toy.commit({".gitattributes": "*.txt eol=crlf\n*.up filter=up\n"})
    toy.git("config", "filter.up.smudge", "tr a-z A-Z")
    toy.git("config", "filter.up.clean", "tr A-Z a-z")
    toy.commit({"a.txt": b"one\r\ntwo\r\n", "b.up": "LOUD\n", "latin": "stra\xdfe\n".encode("latin-1")})
    texts = base_of(toy).texts(["a.txt", "b.up", "latin"])
    assert {path: decoded.text for path, decoded in texts.items()} == {"a.txt": "one\ntwo\n", "b.up": "loud\n", "latin": "straße\n"}
    assert texts["latin"].encoding == "latin-1"


def test_a_file_of_the_commit_that_is_gone_from_the_store_is_gits_refusal(toy):
    commit = toy.commit({"gone.txt": "gone\n"})
    oid = toy.git("rev-parse", f"{commit}:gone.txt")
    (toy.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(GitError, match=r"gone\.txt"):
        _ = BaseTree(base_of(toy).git, commit).entries
