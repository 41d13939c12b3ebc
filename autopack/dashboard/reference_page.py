"""Draws the OpenAPI document as one page of plain HTML: what may be asked, with what, and what comes back."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
_LOOK = '<link rel="icon" href="/page/icon.svg"><link rel="stylesheet" href="/page/report.css">'


def reference_page(document: Mapping[str, Any]) -> str:
    title = escape(f"{document['info']['title']} {document['info']['version']}: routes")
    intro = 'The same as a document for programs: <a href="/openapi.json">/openapi.json</a>.'
    body = "\n".join((*_routes(document["paths"]), "<h2>Answers</h2>", *_schemas(document["components"]["schemas"])))
    return f"{_HEAD}<title>{title}</title>{_LOOK}</head><body><main><h1>{title}</h1>\n<p>{intro}</p>\n{body}\n</main></body></html>\n"


def _routes(paths: Mapping[str, Any]) -> Iterator[str]:
    for path, verbs in paths.items():
        for verb, route in verbs.items():
            yield f"<section><h2><code>{verb.upper()} {escape(path)}</code></h2>"
            yield from (f"<p>{_words(part)}</p>" for part in route.get("description", "").split("\n\n"))
            yield from _list("Takes", _parameters(route))
            yield from _list("Answers", _answers(route["responses"]))
            yield "</section>"


def _parameters(route: Mapping[str, Any]) -> Iterator[str]:
    for one in route.get("parameters", ()):
        needed = ", needed" if one.get("required") else ""
        yield f"<code>{escape(one['name'])}</code> ({one['in']}{needed}): {_words(one.get('description', ''))}"
    for kind, content in route.get("requestBody", {}).get("content", {}).items():
        yield f"{_kind(content.get('schema', {}))} ({escape(kind)})"


def _answers(responses: Mapping[str, Any]) -> Iterator[str]:
    for status, answer in responses.items():
        kinds = ", ".join(
            f"{_kind(content.get('schema', {}))} {escape(kind)}".strip() for kind, content in answer.get("content", {}).items()
        )
        yield f"<code>{escape(status)}</code> {escape(answer['description'])}" + (f": {kinds}" if kinds else "")


def _schemas(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in schemas.items():
        yield f'<section id="{escape(name)}"><h3><code>{escape(name)}</code></h3><p>{_words(schema.get("description", ""))}</p>'
        fields = schema.get("properties", {})
        yield from _list("Fields", (f"<code>{escape(field)}</code>: {_kind(of)}" for field, of in fields.items()))
        yield from _list("One of", (f"<code>{escape(str(value))}</code>" for value in schema.get("enum", ())))
        yield "</section>"


def _list(title: str, items: Iterator[str]) -> Iterator[str]:
    found = [f"<li>{item}</li>" for item in items]
    if found:
        yield f"<p>{title}</p><ul>{''.join(found)}</ul>"


def _kind(schema: Mapping[str, Any]) -> str:
    """A few words on what a value is; another schema is a link."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"]))
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(str(schema.get("type", "")))


def _words(text: str) -> str:
    """Text with backquotes around code, once or twice."""
    parts = escape(text).replace("``", "`").split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
