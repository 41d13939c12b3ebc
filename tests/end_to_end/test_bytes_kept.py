"""Files of every kind, edited in every way: what is committed is the change and nothing else, byte for byte."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.command import FILES, Desk, ending, oracle_of, phase_of
from tests.support.repos import commit_files, make_repo, tree
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

KINDS: Mapping[str, tuple[bytes, bytes, bytes]] = {  # the line before the one that changes, that line's end, the rest
    "crlf": (b"first\r\n", b"\r\n", b"last\r\n"),
    "mixed": (b"first\r\n", b"\r\n", b"last\n"),
    "bom": (b"\xef\xbb\xbffirst\n", b"\n", b"last\n"),
    "bom-crlf": (b"\xef\xbb\xbffirst\r\n", b"\r\n", b"last\r\n"),
    "latin-1": (b"f\xfcrst\n", b"\n", b"l\xe4st\n"),
    "open": (b"first\n", b"\n", b"last"),
    "open-crlf": (b"first\r\n", b"\r\n", b"last"),
    "form feed": (b"fir\x0cst\xe2\x80\xa8 and \xc2\x85\n", b"\n", b"\x0clast\n"),
    "long": (b"first " + b"x" * 50_000 + b"\n", b"\n", b"last\n"),
    "größe ✓ файл": (b"first\n", b"\n", b"last\n"),
    "trailing": (b"first  \t\n", b"\n", b"\n\nlast \n"),
}
SCRIPT = b"#!/bin/sh\nold\nexit 0\n"
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\xff\xfe old"
EMPTY_PATCH = {"action": "patch", "diff": "@@ -0,0 +1 @@\n+new\n"}


def before(kind: str) -> bytes:
    head, end, rest = KINDS[kind]
    return head + b"old" + end + rest


def text_of(kind: str, line: str) -> list[str]:
    """The lines as a model gives them: decoded, with plain ends."""
    head, _, rest = KINDS[kind]
    encoding = "latin-1" if kind == "latin-1" else "utf-8-sig"
    return f"{head.decode(encoding)}{line}\n{rest.decode(encoding)}".replace("\r\n", "\n").split("\n")


def replaced(kind: str) -> dict[str, Any]:
    return {"action": "replace", "content": "\n".join(text_of(kind, "new"))}


def patched(kind: str) -> dict[str, Any]:
    lines, is_open = text_of(kind, "old"), not KINDS[kind][2].endswith(b"\n")
    lines = lines if is_open else lines[:-1]
    body = [f"-{line}\n+new" if line == "old" else f" {line}" for line in lines] + ["\\ No newline at end of file"] * is_open
    return {"action": "patch", "diff": f"@@ -1,{len(lines)} +1,{len(lines)} @@\n" + "\n".join(body) + "\n"}


def edited(_: str) -> dict[str, Any]:
    return {"action": "edit", "operations": [{"type": "replace", "start_line": 2, "end_line": 2, "content": "new\n"}]}


ACTIONS: Mapping[str, Callable[[str], dict[str, Any]]] = {"replace": replaced, "patch": patched, "edit": edited}


def test_every_kind_of_text_survives_every_kind_of_edit(tmp_path):
    names = {(kind, action): f"src/{kind}/{action}.txt" for kind in KINDS for action in (*ACTIONS, "rename", "delete")}
    files = {name: before(kind) for (kind, _), name in names.items()}
    expected, edits = {}, []
    for (kind, action), name in names.items():
        if action in ACTIONS:
            head, end, rest = KINDS[kind]
            expected[name] = ("100644", head + b"new" + end + rest)
            edits.append({"path": name, **ACTIONS[action](kind)})
        elif action == "rename":
            expected[f"src/{kind}/renamed to.txt"] = ("100644", before(kind))
            edits.append({"path": name, "action": "rename", "to": f"src/{kind}/renamed to.txt"})
        else:
            edits.append({"path": name, "action": "delete"})
    desk = Desk.make(tmp_path, {**FILES, **files})
    assert landed(desk, edits) == {**kept(desk), **expected}


def test_modes_empty_files_and_binary_ones_stay_what_they_are(tmp_path):
    scripts = {f"src/{action}.sh": SCRIPT for action in (*ACTIONS, "rename")}
    empty = {f"src/{action}.empty": b"" for action in ("replace", "patch", "edit", "rename", "stay")}
    desk = Desk.make(tmp_path, {**FILES, **empty, "src/picture.png": PICTURE, "src/gone.png": PICTURE})
    commit_files(desk.repo, scripts, "scripts", executable=scripts)
    edits = [
        {"path": "src/replace.sh", "action": "replace", "content": "#!/bin/sh\nnew\nexit 0\n"},
        {"path": "src/patch.sh", "action": "patch", "diff": "@@ -1,3 +1,3 @@\n #!/bin/sh\n-old\n+new\n exit 0\n"},
        {"path": "src/edit.sh", **edited("")},
        {"path": "src/rename.sh", "action": "rename", "to": "src/moved.sh"},
        {"path": "src/replace.empty", "action": "replace", "content": "new\n"},
        {"path": "src/patch.empty", **EMPTY_PATCH},
        {"path": "src/edit.empty", "action": "edit", "operations": [{"type": "append", "content": "new\n"}]},
        {"path": "src/rename.empty", "action": "rename", "to": "src/moved.empty"},
        {"path": "src/picture.png", "action": "rename", "to": "src/moved.png"},
        {"path": "src/gone.png", "action": "delete"},
        {"path": "src/pkg/__init__.py", "action": "create", "content": ""},
        {"path": "src/a new ✓ one.txt", "action": "create", "content": "\ufeffé\r\nno end"},
        {"path": "src/new.sh", "action": "create", "content": "#!/bin/sh\nexit 0\n"},
    ]
    new_script = ("100755", SCRIPT.replace(b"old", b"new"))
    assert landed(desk, edits) == {
        **kept(desk),
        **{f"src/{action}.sh": new_script for action in ACTIONS},
        **{f"src/{action}.empty": ("100644", b"new\n") for action in ACTIONS},
        "src/moved.sh": ("100755", SCRIPT),
        "src/moved.empty": ("100644", b""),
        "src/stay.empty": ("100644", b""),
        "src/moved.png": ("100644", PICTURE),
        "src/pkg/__init__.py": ("100644", b""),
        "src/a new ✓ one.txt": ("100644", "\ufeffé\r\nno end".encode()),
        "src/new.sh": ("100755", b"#!/bin/sh\nexit 0\n"),
    }


def test_attributes_filters_links_odd_names_and_a_sparse_checkout_change_no_byte(tmp_path):
    attributes = b"*.win text eol=crlf\n*.txt text\n*.up filter=upper\n*.bin -text\n"
    odd = {
        ".gitattributes": attributes,
        ".gitignore": b"ignored.txt\n",
        "src/a.win": b"first\nold\nlast\n",
        "src/b.up": b"first\nold\n",
        "src/c.txt": b"first\nold\nlast\n",
        "src/d.bin": b"first\r\nold\n",
        "odd/new\nline.txt": b"x\r\n",
        'odd/"quoted" \t.txt': b"x\n",
        "away/e.txt": b"first\nold\n",
        "odd/kept.up": b"stays low\n",
        "odd/lf.win": b"a\nb\n",
        "odd/crlf.bin": b"a\r\nb\n",
    }
    desk = Desk.make(tmp_path, {**FILES, **odd})
    (desk.repo / "odd" / "link.txt").symlink_to("../app.txt")
    (desk.repo / "odd" / "astray").symlink_to("/nowhere/at all")
    desk.git("add", "odd/link.txt", "odd/astray")
    desk.git("commit", "-qm", "links")
    for key, value in (("filter.upper.smudge", "tr a-z A-Z"), ("filter.upper.clean", "tr A-Z a-z"), ("core.autocrlf", "true")):
        desk.git("config", key, value)
    desk.git("sparse-checkout", "set", "--no-cone", "/*", "!/away/")
    (desk.repo / "ignored.txt").write_bytes(b"mine\r\n")
    names = ("src/a.win", "src/b.up", "src/c.txt", "src/d.bin", "away/e.txt")
    standing = tree(desk.repo)
    edits = [{"path": name, **edited("")} for name in names]
    mine = (desk.git("status", "--porcelain=v2", "--ignored"), desk.git("ls-files", "-t"))
    after = landed(desk, edits, "src/", "away/")
    assert after == {path: (mode, data.replace(b"old", b"new") if path in names else data) for path, (mode, data) in standing.items()}
    (desk.repo / "autopack.yaml").unlink()
    desk.git("config", "core.quotePath", "true")
    assert (desk.git("status", "--porcelain=v2", "--ignored").replace("! .autonomous_runs/\n", ""), desk.git("ls-files", "-t")) == mine
    assert not (desk.repo / "away").exists()
    assert (desk.repo / "ignored.txt").read_bytes() == b"mine\r\n"


def test_what_no_edit_may_change_is_refused_with_a_sentence_and_written_through_nowhere(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file.txt").write_bytes(b"mine\n")
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n"
    files = {".gitattributes": b"*.big filter=lfs -text\n", "model.big": pointer, "latin.txt": b"f\xfcrst\nold\n", "picture.png": PICTURE}
    desk = Desk.make(tmp_path, {**FILES, **files, "odd\nname.txt": b"x\n"})
    (desk.repo / "link.txt").symlink_to("../outside/file.txt")
    (desk.repo / "folder").symlink_to("../outside")
    library = make_repo(tmp_path / "library", {"lib.txt": "lib\n"})
    desk.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "lib")
    desk.git("add", "link.txt", "folder")
    desk.git("commit", "-qm", "links and a submodule")
    replies = {
        "link": ({"path": "link.txt", "action": "replace", "content": "new\n"}, "symbolic link"),
        "unlink": ({"path": "link.txt", "action": "delete"}, "symbolic link"),
        "through": ({"path": "folder/new.txt", "action": "create", "content": "new\n"}, "do not go through links"),
        "submodule": ({"path": "lib/lib.txt", "action": "create", "content": "new\n"}, "another git repository"),
        "pointer": ({"path": "model.big", "action": "edit", "operations": [{"type": "append", "content": "new\n"}]}, "LFS"),
        "newline": ({"path": "odd\nname.txt", "action": "replace", "content": "new\n"}, "odd"),
        "binary": ({"path": "picture.png", "action": "replace", "content": "new\n"}, "binary"),
        "encoding": ({"path": "latin.txt", "action": "edit", "operations": [{"type": "append", "content": "5 €\n"}]}, "Latin-1"),
    }
    scopes = {name: "odd*" if name == "newline" else edit["path"] for name, (edit, _) in replies.items()}
    desk.plan(*(phase_of(name, scopes[name], depends_on=[], max_attempts=1, allow_mass_deletion=True) for name in replies))
    with scripted_server(answering({name: [edit] for name, (edit, _) in replies.items()})) as server:
        sentence = ending(desk.beside(server).autopack("run", "--run-id", "r"), 1)
    assert all(name in sentence for name in replies)
    failures = {phase["id"]: phase["failure"]["message"] for phase in desk.status("r")["phases"]}
    assert {name: said for name, (_, said) in replies.items() if said not in failures[name]} == {}, failures
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")
    assert [(path.name, path.read_bytes()) for path in outside.iterdir()] == [("file.txt", b"mine\n")]


def landed(desk: Desk, edits: list[dict[str, Any]], *scope: str) -> dict[str, tuple[str, bytes]]:
    """The branch's files after a run of one phase that makes these edits in one reply."""
    desk.plan(phase_of("one", *(scope or ("src/",)), allow_mass_deletion=True, allow_mass_addition=True, max_attempts=1))
    with scripted_server(answering({"one": edits})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
    failure = desk.status("r")["phases"][0]["failure"]
    assert done.exit_code == 0, f"{failure}\n{done.stderr}"
    return tree(desk.repo, "autopack/r")


def kept(desk: Desk) -> dict[str, tuple[str, bytes]]:
    return {path: entry for path, entry in tree(desk.repo, "main").items() if path in FILES}


def answering(replies: Mapping[str, list[dict[str, Any]]]) -> Callable[[Any], str]:
    """Builder of these edits by phase; an auditor who approves."""

    def script(request: Any) -> str:
        if request.headers["x-autopack-role"] == "auditor":
            return json.dumps({"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "checked"})
        return json.dumps({"summary": "the change", "files": replies[request.headers["x-autopack-phase"]], "blocked": None})

    return script


def test_a_new_file_where_git_ignores_files_needs_a_scope_that_names_it(desk):
    commit_files(desk.repo, {".gitignore": "build/\n"}, "ignore what is built")
    mine = desk.repo / "build" / "x.txt"
    mine.parent.mkdir()
    mine.write_text("mine\n")
    desk.plan(phase_of("one", "build/", max_attempts=1), phase_of("two", "build/y.txt", depends_on=[]))
    answers = {"one": {"build/x.txt": "theirs\n"}, "two": {"build/y.txt": "new\n"}}
    with scripted_server(oracle_of(answers, {**FILES, ".gitignore": "build/\n"})) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 1, done.stdout + done.stderr
    (refused,) = done.told("phase_recovering")
    assert (refused["phase"], refused["kind"]) == ("one", "scope_violation")
    assert refused["message"].startswith("build/x.txt: git ignores this path")
    assert desk.at("autopack/r", "build/y.txt") == "new\n"
    assert mine.read_text() == "mine\n"
