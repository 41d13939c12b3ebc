import sys
import time
from contextlib import suppress

import pytest

from autopack.edits.content import judge_result
from autopack.edits.model import EditRefused


def refusal(path, text, before=None):
    with pytest.raises(EditRefused) as refused:
        judge_result(path, before, text)
    assert refused.value.path == path
    assert refused.value.code == "syntax"
    return refused.value.message


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("def f(:\n    pass\n", 1, "invalid syntax"),
        ("x = 1\ny = (1,\n", 2, "was never closed"),
        ("def f():\nreturn 1\n", 2, "indented block"),
        ("x = 1\n  y = 2\n", 2, "unexpected indent"),
        ("s = 'abc\n", 1, "unterminated string"),
        ('"""docstring\nx = 1\n', 1, "unterminated triple-quoted"),
        ("return 1\n", 1, "outside function"),
        ("x = 1\n...\nclass A\n    pass\n", 3, "expected ':'"),
        ("\ufeffx = \n", 1, "invalid syntax"),
        ("x = 1\r\ny = )\r\n", 2, "unmatched"),
        ("if x:\n    f(\n", 2, "was never closed"),
        ("x = f'{a'\n", 1, ""),
        ("def f[T(x): pass\n", 1, ""),
    ],
)
def test_broken_python_is_refused_with_line_and_reason(text, line, reason):
    message = refusal("src/a.py", text)
    assert message.startswith(f"Line {line}: this is not Python:")
    assert reason in message


SOUND_PYTHON = {
    "empty": "",
    "ellipsis": "def f() -> int: ...\nx = ...\n",
    "crlf": "def f():\r\n    return 1\r\n",
    "byte-order mark": "\ufeffx = 1\n",
    "no final newline": "x = 1",
    "latin-1 text": "# \u00e9t\u00e9\nx = '\u00e9'\n",
    "form feed": "x = 1\n\x0c\ny = 2\n",
    "invalid escape warns only": "x = '\\d'\nassert (1, 'x')\nx is 1\n",
    "type alias": "type X = int\ntype Y[T] = list[T]\n",
    "type parameters": "def f[T: (int, str) = int, *Ts, **P](x: T) -> T:\n    return x\n\nclass A[T](B[T]):\n    x: list[T]\n",
    "nested quotes in an f-string": 'x = f"{d["k"]} {\', \'.join(f"{y}" for y in z)}"\n',
    "f-string over lines": "x = f'''{\n    a  # comment }\n    + b\n:>{width}}'''\ny = f\"{\n  z\n}\"\n",
    "backslash in an f-string": "x = f\"{'\\n'.join(y)}\"\n",
    "template string": "x = t'{name!r:>{width}}'\n",
    "bare except": "try:\n    pass\nexcept A, B.C:\n    pass\n",
    "lazy import": "lazy import json\nlazy from a import b\n",
    "print statement": "print 'x'\n",
    "print to a file": "import sys\nprint >>sys.stderr, 'x'\n",
    "old except": "try:\n    pass\nexcept A, e:\n    pass\n",
    "old raise": "def f():\n    raise ValueError, 'x'\n",
    "old numbers": "x = 0777\ny = 10L\n",
    "old strings": "x = ur'x'\n",
    "python2 by name": "#!/usr/bin/env python2.7\nprint x\nexec code\n",
    "template of a file": "{% if x %}\nimport {{ cookiecutter.name }}\n{% endif %}\n",
    "template value": "name = {{ cookiecutter.slug }}.x\nfrom {{ cookiecutter.slug }} import a\n",
}


@pytest.mark.parametrize("text", SOUND_PYTHON.values(), ids=SOUND_PYTHON.keys())
def test_python_of_any_age_and_in_any_dress_is_accepted(text):
    judge_result("pkg/a.py", None, text)
    judge_result("pkg/a.pyi", "x = 1\n", text)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this interpreter reads it itself")
@pytest.mark.parametrize(
    "text", ["def f[\n    T,\n](x: T) -> T:\n    return x\n", "async def f[T](x):\n    pass\n", "def f[T](x):\nreturn 1\n"]
)
def test_the_rest_of_a_file_in_newer_syntax_is_left_to_the_projects_check(text):
    judge_result("a.py", None, text)


@pytest.mark.parametrize(
    "text",
    [
        "x = f'{a\n",
        "x = f'{a}\n",
        "x['t'] = {)\n",
        "y = )\ntype X = int\n",
        "x = f'{a'\ndef f[T](x): pass\n",
        "type = (\n",
        "def f[T(x): pass\n",
        "except A, B:\n",
    ],
)
def test_newer_syntax_excuses_no_other_breakage_that_comes_first(text):
    refusal("a.py", text)


def test_breakage_that_was_there_before_does_not_stop_other_edits():
    before = "line 1\nline 2\nline 3\n"
    judge_result("a.py", before, "line 1\nline two\nline 3\n")
    judge_result("a.py", before, before + "x = 1\n")
    judge_result("a.py", "x = (1,\n", "import os\nx = (1,\n")
    judge_result("a.py", before, "x = 1\n")


def test_new_breakage_in_a_broken_file_is_refused():
    refusal("a.py", "def f(\nline 1\nline 2\n", "line 1\nline 2\n")
    refusal("a.py", "x = 1\ny = = 2\n", "line 1\n")
    refusal("a.py", "x = (1\n", "x = (1)\n")


def test_unchanged_text_is_not_judged():
    judge_result("a.py", "def f(:\n", "def f(:\n")


@pytest.mark.parametrize(
    "path", ["tests/data/bad_syntax.py", "tests/fixtures/invalid/a.json", "pkg/testdata/broken.toml", "test/malformed/x.yaml"]
)
def test_fixture_that_is_meant_to_be_broken_is_accepted(path):
    judge_result(path, None, "x = (\n{\n\t: [\n")
    refusal("src/" + path.rpartition("/")[2], "x = (\n{\n\t: [\n")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('{"a": 1,}', 1, "a comma stands before a closing bracket"),
        ('{\n  "a": 1\n  "b": 2\n}', 3, "expecting ',' delimiter"),
        ('{"a": 1', 1, "it stops in the middle"),
        ('{\n// note\n"a": 1}', 2, "a comment stands there"),
        ("{'a': 1}", 1, "expecting property name"),
        ('{"a": NaN}', 1, "NaN"),
        ('NaN"a": 1,', 1, "NaN"),
        ('NaN]]"a": 1,', 1, "NaN"),
        ('[NaN, {"\\x": 1}', 1, "NaN"),
        ('{"a": {"b": 1, "b": 2}, "\\x": 1', 1, "the key 'b' is given twice"),
        ('{"a": 1} x', 1, "extra data"),
        ('{\n"a": 1,\n"b": {"a": 2},\n"a": 3}', 4, "the key 'a' is given twice"),
        ('{"a": 1, "\\u0061": 3}', 1, "the key 'a' is given twice"),
        ("[" * 501 + "]" * 501, 1, "nested more than 500 levels"),
        ("[" * 200_000, 1, "nested more than 500 levels"),
        ('{"a":' * 200_000, 1, "nested more than 500 levels"),
    ],
)
def test_broken_json_is_refused_with_line_and_reason(text, line, reason):
    message = refusal("config/a.json", text)
    assert message.startswith(f"Line {line}: this is not JSON:")
    assert reason in message


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", '{"a": [1, 2.5e3, "x", null, true]}\n'),
        ("a.json", '\ufeff{"a": 1}\r\n'),
        ("a.json", '"text"'),
        ("a.json", "[" * 400 + "]" * 400),
        ("a.json", '{"a": "[[[[{{{{"}'),
        ("a.json", '{"n": ' + "9" * 5000 + "}"),
        ("package.json", '{"//": "one", "a": 1, "//": "two"}'),
        ("tsconfig.json", '{\n  // strict\n  "strict": true, /* x */\n  "url": "http://a//b",\n}\n'),
        ("packages/a/tsconfig.build.json", '{"a": 1, // x\n}'),
        ("packages/tsconfig/base.json", '{"a": [1,],}'),
        (".vscode/settings.json", '{\n// x\n"a": 1}'),
        ("a.jsonc", "// x\n{}"),
        (".eslintrc.json", '{/* x */"a": 1}'),
        (".devcontainer/devcontainer.json", "// x\n{}"),
        ("templates/a.json", '{"a": {{ value }}, "b": 1}'),
        ("templates/a.json", '{\n{% if x %}\n"a": 1\n{% endif %}\n}'),
        ("a.json5", "{a: 1}"),
        ("data.jsonl", '{"a": 1}\n{"a": 2}\n'),
        ("empty.json", ""),
    ],
)
def test_json_of_every_reader_is_accepted(path, text):
    judge_result(path, None, text)


def test_comments_that_a_file_already_has_may_stay_and_grow():
    judge_result("a.json", '{\n// x\n"a": 1}', '{\n// x\n// y\n"a": 2}')
    refusal("a.json", '{\n// x\n"a": 1', '{"a": 1}')


def test_json_that_is_emptied_is_refused():
    assert "the file is empty" in refusal("a.json", "", '{"a": 1}')


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a = 1\na = 2\n", 2, "overwrite"),
        ("[a]\n[a]\n", 2, "declare"),
        ("a = \n", 1, "invalid value"),
        ("a = [1,\n", 2, "invalid value"),
        ("a = " + "[" * 50_000, 1, "nested too deeply"),
        ("x = 1\n" + "a." * 100_000 + "a = 1\n", 2, "more than 200 parts"),
        ("x = {" + "a." * 100_000 + "a = 1}\n", 1, "more than 200 parts"),
        ("[" + "a." * 100_000 + "a]\n", 1, "more than 200 parts"),
    ],
)
def test_broken_toml_is_refused_with_line_and_reason(text, line, reason):
    message = refusal("pyproject.toml", text)
    assert message.startswith(f"Line {line}: this is not TOML:")
    assert reason in message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff[a]\r\nb = 1\r\n",
        '[tool.x]\nurl = "http://a.b.c"\nlist = [\n  "a",\n]\n',
        'name = "{{ cookiecutter.name }}"\n',
        "{% if x %}\na = 1\n{% endif %}\n",
        "version = {{ version }}\n",
        "a = [" + "1.5, " * 1000 + "]\n",
    ],
)
def test_sound_toml_is_accepted(text):
    judge_result("Cargo.toml", None, text)


def test_program_that_stops_in_the_middle_is_refused():
    whole = "export function f() {\n  if (a) {\n    g({ b: 1 });\n  }\n}\n"
    judge_result("a.ts", None, whole)
    for cut in (
        whole[:-4],
        "export function f() {\n  if (a) {\n",
        whole + "export class A {\n  x = `}${b}`; // }\n  y() {\n    return /[}]/;\n  }\n",
    ):
        with pytest.raises(EditRefused, match=r"the file stops here with \d braces? still open") as refused:
            judge_result("a.ts", None, cut)
        assert refused.value.code == "truncated"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", "const s = '{'; // {\n/* { */\nconst r = /{/;\n"),
        ("a.js", 'module.exports = {\n  a: `{`,\n  b: "{",\n}\n'),
        ("a.css", "a {\n  color: red;\n}\n"),
        ("a.tsx", "export const A = () => (\n  <p>don't {x}</p>\n)\n"),
        ("a.c", "#ifdef X\nint f() {\n#else\nint f(int a) {\n#endif\n  return 1;\n}\n"),
        ("README.md", "{\n  {\n  "),
    ],
)
def test_whole_program_is_accepted(path, text):
    judge_result(path, None, text)


def test_file_that_was_already_open_is_not_refused_for_it():
    before = "function f() {\n  a()\n"
    judge_result("a.js", before, before + "  b()\n")


def test_judging_a_result_is_quick():
    text = "".join(f"def function_{n}(a, b):\n    return a + {n}\n" for n in range(1000))
    start = time.process_time()
    for _ in range(10):
        judge_result("a.py", None, text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "unit",
    [
        'f"{',
        'f"{a["b"]',
        "f'{{",
        "def f(x): pass\n",
        "def f[T](x): pass\n",
        "f'{a[\"b\"]}' ",
        "(",
        "-",
        "{",
        "[",
        '"',
        "/*",
        ",/*",
        '"\\',
        "`",
        "'''",
    ],
)
@pytest.mark.parametrize("path", ["a.py", "a.json", "tsconfig.json", "a.toml", "a.js"])
def test_no_text_takes_long(path, unit):
    start = time.process_time()
    with suppress(EditRefused):
        judge_result(path, None, unit * (60_000 // len(unit)))
    assert time.process_time() - start < 3
