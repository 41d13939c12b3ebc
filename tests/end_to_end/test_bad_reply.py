"""Replies that cannot be used: nothing of them is written, the next attempt is told why and lands."""

import pytest

from tests.support.command import FILES, ONE, oracle_of, phase_of
from tests.support.oracle import Spoil
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

OTHER_SHAPE = '{"changes": [{"file": "app.txt", "text": "two"}]}'
NO_CHANGE = '{"summary": "nothing to do", "files": [], "blocked": null}'
SAME_TEXT = '{"summary": "the same", "files": [{"path": "app.txt", "action": "replace", "content": "BEFORE\\n"}], "blocked": null}'
BESIDE = '{"summary": "more", "files": [{"path": "docs/notes.txt", "action": "replace", "content": "mine\\n"}], "blocked": null}'
PLACEHOLDER = (
    '{"summary": "short", "files": [{"path": "app.txt", "action": "replace", "content": "two\\n# ... rest of the file unchanged ...\\n"}]}'
)

BAD = {
    "prose": ("I have thought about it, and the change is straightforward.", "reply_malformed", "JSON"),
    "fenced twice": ("```json\n{}\n```\nor\n```json\n{}\n```", "reply_malformed", "JSON"),
    "another shape": (OTHER_SHAPE, "reply_malformed", "files"),
    "cut": ({"text": '{"summary": "two", "files": [{"path": "app.txt", "act', "stop": "max_tokens"}, "reply_cut", "cut"),
    "cut without a word": ('{"summary": "two", "files": [{"path": "app.txt", "act', "reply_cut", "cut"),
    "outside the scope": (BESIDE, "scope_violation", "docs/notes.txt"),
    "outside the repository": (BESIDE.replace("docs/notes.txt", "../outside.txt"), "scope_violation", "../outside.txt"),
    "read only": (BESIDE, "scope_violation", "docs/notes.txt"),
    "no files": (NO_CHANGE, "no_change", ""),
    "the same text": (SAME_TEXT, "no_change", "changes nothing"),
    "a placeholder": (PLACEHOLDER, "syntax", "rest of the file unchanged"),
    "nothing at all": ({"text": ""}, "reply_malformed", ""),
}


def test_each_bad_reply_is_told_to_the_next_attempt_which_lands(desk):
    """One run of as many phases, so that the whole table takes one start."""
    names = {f"p{number:02}": kind for number, kind in enumerate(BAD)}
    changes = {name: {"app.txt": f"{name}\n"} for name in names}
    oracle = oracle_of(changes)

    def spoilt(request):
        phase, role, attempt = (request.headers[f"x-autopack-{key}"] for key in ("phase", "role", "attempt"))
        if role == "builder" and attempt == "1":
            bad = BAD[names[phase]][0]
            return bad.replace("BEFORE", f"p{int(phase[1:]) - 1:02}") if isinstance(bad, str) else bad
        return oracle(request)

    scope = {"paths": ["app.txt"], "read_only_context": ["docs/"]}
    desk.plan(*(phase_of(name, **({"scope": scope} if kind == "read only" else {})) for name, kind in names.items()))
    with scripted_server(spoilt) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        assert done.exit_code == 0, done.stdout + done.stderr
        told = {name: server.asked("builder", name) for name in names}
    failed = {line["phase"]: line for line in done.told("phase_recovering")}
    for name, kind in names.items():
        _, expected, word = BAD[kind]
        assert (kind, failed[name]["kind"]) == (kind, expected), failed[name]
        assert word in failed[name]["message"], kind
        first, second = told[name]
        assert failed[name]["message"] in spoken(second), kind
        assert failed[name]["message"] not in spoken(first), kind
        assert ("notes\n" in spoken(first)) == (kind == "read only"), "what may only be read is shown"
    assert desk.at("autopack/r", "app.txt") == f"p{len(BAD) - 1:02}\n"
    assert desk.at("autopack/r", "docs/notes.txt") == FILES["docs/notes.txt"]
    assert not (desk.repo.parent / "outside.txt").exists()
    assert int(desk.git("rev-list", "--count", "main..autopack/r")) == len(BAD)


def test_a_phase_whose_replies_stay_bad_fails_and_nothing_of_it_lands(desk):
    desk.plan(phase_of("one", max_attempts=2))
    with scripted_server(lambda _: "Sorry, I would rather talk about it.") as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 1, done.stderr
        assert len(server.calls) == 2
    assert "run r: failed: not complete: one." in done.stderr
    assert desk.git("rev-parse", "autopack/r") == desk.git("rev-parse", "main")
    phase = desk.status("r")["phases"][0]
    assert (phase["state"], phase["attempts"], phase["failure"]["kind"]) == ("failed", 2, "reply_malformed")


def test_a_rejected_change_is_built_again_with_the_issue(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE, spoils={"one": Spoil.REJECT})) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
        first, second = server.asked("builder")
    issue = "the change is incomplete: see the description"
    assert issue in spoken(second)
    assert issue not in spoken(first)
    assert "Autopack-Attempt: 2" in desk.git("log", "-1", "--format=%B", "autopack/r")


def spoken(call) -> str:
    """Every text of a request, as its model reads it."""

    def texts(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for item in value.values():
                yield from texts(item)
        elif isinstance(value, list):
            for item in value:
                yield from texts(item)

    return "\n".join(texts(call.body))
