import time
from contextlib import suppress

import pytest

from autopack.edits.content import judge_result
from autopack.edits.model import EditRefused


def refusal(text, path="config/app.yaml", before=None):
    with pytest.raises(EditRefused) as refused:
        judge_result(path, before, text)
    assert refused.value.code == "syntax"
    return refused.value.message


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\n b: 2\n", 2, "mapping values are not allowed"),
        ("a: [1, 2\n", 2, "expected ',' or ']'"),
        ("a: 'x\n", 2, "unexpected end"),
        ("a:\n\t- b\n", 2, "cannot start any token"),
        ("a: *nope\n", 1, "the alias *nope has no anchor"),
        ("a: &a 1\n---\nb: *a\n", 3, "the alias *a has no anchor"),
        ("a: &a [1, *a]\n", 1, "inside its own anchor"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' is given twice"),
        ("a:\n  b: 1\n  'b': 2\n", 3, "the key 'b' is given twice"),
        ("x: !!python/object/apply:os.system [ls]\n", 1, "!!python/object/apply:os.system"),
        ("x: !!python/name:os.system\n", 1, "!!python/name:os.system"),
        ("x: !<tag:yaml.org,2002:python/tuple> [1]\n", 1, "!!python/tuple"),
        ("%TAG !p! tag:yaml.org,2002:python/\n---\nx: !p!object/apply:os.system [ls]\n", 3, "!!python/object/apply"),
        ("--- !ruby/object:Gem::Installer\ni: x\n", 1, "!ruby/object:Gem::Installer"),
        ("x: !!javax.script.ScriptEngineManager []\n", 1, "!!javax"),
        ("x: !php/object 'O:8'\n", 1, "!php/object"),
        ("x: !!js/function 'x'\n", 1, "!!js/function"),
        ("x: !perl/hash:A {}\n", 1, "!perl/hash:A"),
        ("a: " + "[" * 101 + "]" * 101, 1, "nested more than 100 levels"),
        ("[" * 100_000, 1, "nested more than 100 levels"),
        ("".join("  " * level + "a:\n" for level in range(150)), 101, "nested more than 100 levels"),
        ("a: &a " + "x" * 20_000 + "\nb: [" + "*a," * 2000 + "]\n", 2, "aliases expand"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
            6,
            "aliases expand",
        ),
        ("a: &a x\nb: [" + "*a," * 6000 + "]\n", 2, "more than 5,000 aliases"),
        ("- x\n" * 70_000, 59999, "more than 60,000 nodes"),
        ("a: '" + "x" * 600_000 + "'\n", 1, "larger than 512 KiB"),
    ],
)
def test_broken_or_harmful_yaml_is_refused_with_line_and_reason(text, line, reason):
    message = refusal(text)
    assert message.startswith(f"Line {line}: this is not YAML:"), message
    assert reason in message


SOUND = {
    "plain": "a: 1\nb:\n  - x\n  - {c: d}\n",
    "empty": "",
    "comment only": "# nothing\n",
    "crlf": "a: 1\r\nb:\r\n  - x\r\n",
    "byte-order mark": "\ufeffa: 1\n",
    "document end": "---\nname: demo\n...\n",
    "several documents": "---\na: 1\n---\na: 2\n---\n",
    "anchors and merge": "base: &b\n  a: 1\nx:\n  <<: *b\n  c: 2\ny:\n  <<: [*b, *b]\n",
    "an anchor redefined": "a: &a 1\nb: *a\nc: &a 2\nd: *a\n",
    "cloudformation": "R:\n  A: !Ref B\n  C: !Sub '${A}-x'\n  D: !GetAtt [E, F]\n  G: !Join ['', [a]]\n",
    "home assistant": "a: !include x.yaml\nb: !secret pw\nc: !lambda |-\n  return 1;\n",
    "ansible": '- name: x\n  debug: msg="{{ y }}"\n  when: z\n  vars:\n    p: !vault |\n      $ANSIBLE_VAULT;1.1\n',
    "gitlab": "job:\n  script: !reference [.setup, script]\n",
    "standard tags": "a: !!str 1\nb: !!set {x, y}\nc: !!binary aGk=\nd: !!timestamp 2020-01-01\n",
    "symfony and rubocop": "a: !php/const X::Y\nb: !ruby/regexp /x/\n",
    "github actions": "on: push\njobs:\n  a:\n    if: ${{ github.ref == 'x' }}\n    env: {A: \"${{ secrets.B }}\"}\n",
    "helm": "{{- if .Values.x }}\na: {{ .Values.a | quote }}\n{{- else }}\na: 2\n{{- end }}\n",
    "helm value": 'name: {{ .Release.Name }}\n{{ include "labels" . | indent 2 }}\n',
    "jinja": "{% for x in y %}\n- {{ x }}\n{% endfor %}\n",
    "number and string keys": "1: a\n'1': b\non: c\n'on': d\n",
    "complex keys": "? [a, b]\n: 1\n? {c: d}\n: 2\n",
    "block scalars": "a: |\n  b: 1\n  b: 2\nc: >-\n  {{ x }}\n",
    "question marks and colons": "url: http://x:80/?a=b\ntime: 12:30:00\n",
    "unicode": "a: \u05e9\u05dc\u05d5\u05dd \U0001f600\n",
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND.keys())
def test_sound_yaml_is_accepted(text):
    judge_result("config/app.yml", None, text)


def test_tags_of_the_usual_extensions_are_accepted_in_their_own_file_only():
    text = "x:\n  y: !!python/name:material.extensions.emoji.twemoji\n  z: !!python/object/apply:pymdownx.slugs.slugify {kwds: {}}\n"
    judge_result("mkdocs.yml", None, text)
    assert "python/name" in refusal(text, "config/app.yml")
    assert "os.system" in refusal("x: !!python/name:os.system\n", "docs/mkdocs.yml")
    assert "python/name" in refusal("x: !!python/name:material/../os.system\n", "mkdocs.yml")


def test_template_excuses_no_harmful_tag():
    assert "!!python/name" in refusal("x: !!python/name:os.system\ny: {{ z }}\n")


def test_what_was_broken_before_does_not_stop_other_edits():
    judge_result("a.yaml", "a: *location\n", "b: 1\na: *location\n")
    judge_result("a.yaml", "a: 1\na: 2\n", "a: 1\na: 2\nb: 3\n")
    refusal("a: 1\na: 2\nb: 1\nb: 2\n"[8:], before="a: 1\na: 2\n")


COMPOSE_REFUSED = [
    ("services:\n  web:\n    image: x\n    environments: {A: b}\n", 4, "no key `environments` here; write `environment`"),
    ("service:\n  web: {image: x}\nvolumes: {}\n", 1, "no key `service` here; write `services`"),
    ("services: [a]\n", 1, "`services` is no mapping"),
    ("- a\n", 1, "its top level is no mapping"),
    ("a: b\n", 1, "it has no `services`"),
    ("services:\n  web: nginx\n", 2, "the service 'web' is no mapping"),
    ("services:\n  web:\n    command: x\n", 2, "neither `image` nor `build`"),
    ("services:\n  web:\n    image: x\n    ports: '80:80'\n", 4, "`ports` of the service 'web' is no list"),
    ("services:\n  web:\n    image: x\n    volumes: {a: b}\n", 4, "`volumes` of the service 'web' is no list"),
    ("services:\n  web:\n    image: [x]\n", 3, "`image` of the service 'web' is no string"),
    ("services:\n  web:\n    image: x\n    healthcheck: curl\n", 4, "`healthcheck` of the service 'web' is no mapping"),
    ("services:\n  web:\n    image: x\n    depends_on: db\n", 4, "no list or mapping"),
    ("services:\n  web:\n    image: x\n    depends_on: [db]\n", 4, "depends on 'db', which is not defined"),
    ("services:\n  web:\n    image: x\n    depends_on:\n      db: {condition: service_healthy}\n", 5, "depends on 'db'"),
    ("services:\n  web:\n    image: x\n    networks: [front]\n", 4, "uses the network 'front'"),
    ("services:\n  web:\n    image: x\n    volumes: ['data:/x']\n", 4, "uses the volume 'data'"),
    ("services:\n  my web:\n    image: x\n", 2, "the service name 'my web'"),
    ("services:\n  web:\n    image: x\n   ports: []\n", 4, "this is not YAML"),
]


@pytest.mark.parametrize(("text", "line", "reason"), COMPOSE_REFUSED)
@pytest.mark.parametrize("path", ["docker-compose.yml", "deploy/compose.yaml"])
def test_compose_file_that_docker_would_not_take_is_refused(path, text, line, reason):
    message = refusal(text, path)
    assert message.startswith(f"Line {line}:"), message
    assert reason in message


COMPOSE_SOUND = {
    "usual": (
        "version: '3.8'\nname: shop\nx-env: &env {A: 1}\nservices:\n  web:\n    build: {context: ., target: prod}\n    ports: ['80:80', {target: 1}]\n"
        "    environment:\n      <<: *env\n      B: '2'\n    depends_on:\n      db: {condition: service_healthy}\n    volumes: ['./a:/b', 'data:/c', '/d', '~/e:/f', '${G}:/h']\n"
        "    networks: [default, back]\n    command: ['a', 'b']\n    develop: {watch: []}\n  db:\n    image: postgres:16\n    environment: [A=1]\n"
        "    healthcheck: {test: ['CMD', 'x']}\n    networks:\n      back: {aliases: [d]}\nvolumes:\n  data:\nnetworks:\n  back: {driver: bridge}\n"
    ),
    "merged service": "x-a: &a\n  image: y\nservices:\n  web:\n    <<: *a\n  two:\n    <<: [*a]\n    profiles: [dev]\n",
    "include": "include: [other.yml]\nservices:\n  web:\n    image: x\n    depends_on: [db]\n",
    "only an include": "include:\n  - a.yml\n",
    "tags of docker": "services:\n  web:\n    image: x\n    ports: !reset []\n    environment: !override\n      A: b\n",
    "variables": "services:\n  web:\n    image: ${IMAGE}\n    depends_on: ['${DB}']\n    ports: ${PORTS}\n",
    "empty keys": "services:\n  web:\n    image: x\n    ports:\n    environment:\n",
    "keys of tomorrow": "services:\n  web:\n    image: x\n    quantum_entanglement: true\n    x-mine: 1\n",
    "old form": "web:\n  image: x\n  links: [db]\ndb:\n  image: y\n",
    "models": "services:\n  a:\n    image: x\n    models: [llm]\nmodels:\n  llm: {model: ai/x}\n",
    "nothing yet": "services:\n",
}


@pytest.mark.parametrize("text", COMPOSE_SOUND.values(), ids=COMPOSE_SOUND.keys())
def test_sound_compose_file_is_accepted(text):
    judge_result("docker-compose.yml", None, text)


@pytest.mark.parametrize("path", ["docker-compose.override.yml", "compose.prod.yaml", "docker-compose-dev.yml"])
def test_part_of_a_compose_file_may_lean_on_the_other_part(path):
    judge_result(path, None, "services:\n  web:\n    depends_on: [db]\n    command: x\n    volumes: ['data:/x']\n")
    assert "environments" in refusal("services:\n  web:\n    environments: {}\n", path)


@pytest.mark.parametrize("path", ["config/decompose.yml", "compose/app.yml", "compose.yml.j2", "docs/docker-compose.md"])
def test_other_files_need_no_services(path):
    judge_result(path, None, "a: b\n")


@pytest.mark.parametrize(
    "unit", ["[", "{a: ", "- ", "? ", "&a *a ", "a: b\n", "a b c\n", "'", '"\\x41', "!a ", "*a ", "<<: *a\n", "- a\n", "|\n", "%a b\n"]
)
@pytest.mark.parametrize("path", ["a.yaml", "docker-compose.yml"])
def test_no_text_takes_long(path, unit):
    start = time.process_time()
    with suppress(EditRefused):
        judge_result(path, None, unit * (60_000 // len(unit)))
    assert time.process_time() - start < 4


def test_a_compose_file_that_is_yaml_only_once_it_is_filled_in_is_taken():
    judge_result("compose.yaml", None, "services:\n  web:\n    image: x\n${MORE}\n")
    judge_result("compose.yaml", None, "<% more %>\nservices:\n  web:\n    image: x\n")
