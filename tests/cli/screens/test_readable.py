from autopack.cli.screens.readable import readable


def test_a_json_reply_shows_its_files_as_lines():
    text = '{"summary": "s", "files": [{"path": "a.py", "content": "x\\n\\ny\\n"}, {"path": "b"}], "n": 1, "blocked": null, "none": []}'
    assert readable(text).split("\n") == [
        "summary: s",
        "files:",
        "  - path: a.py",
        "    content: |",
        "      x",
        "      ",
        "      y",
        "  - path: b",
        "n: 1",
        "blocked: null",
        "none: []",
    ]


def test_lists_in_lists_and_texts_stay_apart():
    assert readable('{"a": [["x", "y"], "two\\nlines", {"k": [1]}]}').split("\n") == [
        "a:",
        "  - - x",
        "    - y",
        "  - two",
        "    lines",
        "  - k:",
        "      - 1",
    ]


def test_other_text_stays_as_it_is():
    for text in ("plain", "{broken", '["a list"]', "", "{" * 100_000):
        assert readable(text) == text


def test_a_deep_reply_is_bounded():
    assert "…" in readable('{"a":' * 500 + "1" + "}" * 500)
