"""docs/api.md, written from the review app's OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from ..review.web.application import make_app

METHODS = ("get", "post", "put", "patch", "delete")
TITLES = {
    "desk": "The queue and the posts",
    "rules": "Rules",
    "record": "The record",
    "care": "Removing, adding, authors, reasons",
    "reports": "What readers report",
    "people": "People",
}
INTRODUCTION = """\
# The API

Everything that the review app's pages do, for other programs. This page is written from the code
(`python -m tagora.app.reference docs`); the running app tells the same, in full, at `/api/v1/openapi.json`.

A program shows a token, made on the page "Your account", and may do what the person who made it may:

    curl -H "Authorization: Bearer tagora_…" http://127.0.0.1:8001/api/v1/me

What went wrong comes as `{"error": "a sentence", "hint": "what to do"}` with a status: 400 it cannot be meant so, 401
no token or a wrong one, 403 not allowed, 404 not there (or not for you), 409 it is not as it was seen, 413 too large,
422 misspelt, 429 too often (`Retry-After` says how long), 503 the store cannot be reached. Sentences are in the
language that the person chose, or `Accept-Language` asks for. Times are ISO 8601 in UTC.

`{slug}` is the campaign's. Viewers may ask for everything about their campaigns; what needs more says so.
"""


def api() -> str:
    """The page about every request."""
    described = make_app(_nobody).openapi()
    models: Mapping[str, Any] = described["components"]["schemas"]
    by_tag: dict[str, list[tuple[str, str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method in METHODS:
            if method in methods:
                by_tag.setdefault(methods[method]["tags"][0], []).append((method, path, methods[method]))
    lines = [INTRODUCTION]
    used: set[str] = set()
    for tag in [*(tag for tag in TITLES if tag in by_tag), *(tag for tag in by_tag if tag not in TITLES)]:
        lines += [f"## {TITLES.get(tag, tag)}", ""]
        for method, path, one in by_tag[tag]:
            lines += [f"### `{method.upper()} {path}`", "", *_request(one, models, used), ""]
    lines += ["## Shapes", "", "What is sent and answered, by name. `?` marks what may be left out or null.", ""]
    for name in sorted(_closure(used, models)):
        lines += [f"### {name}", "", *_shape(models[name]), ""]
    return "\n".join(lines).rstrip() + "\n"


def _nobody() -> NoReturn:
    raise AssertionError("nothing is asked of an app that is only described")


def _request(one: Mapping[str, Any], models: Mapping[str, Any], used: set[str]) -> Iterator[str]:
    if told := " ".join(one.get("description", "").split()):
        yield told
        yield ""
    asked = [p for p in one.get("parameters", ()) if p["in"] == "query"]
    if asked:
        yield "Asked for with: " + "; ".join(_parameter(p) for p in asked) + "."
        yield ""
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = [
        (status, answer.get("content", {}).get("application/json", {}).get("schema"))
        for status, answer in one["responses"].items()
        if status.startswith("2")
    ]
    status, answer = answers[0]
    parts = [f"Sends {_type(body, used)}."] if body else []
    told = _type(answer, used)
    parts.append(f"Answers {status}" + (f" with {told}." if told not in ("anything", "object") else "."))
    yield " ".join(parts)


def _parameter(one: Mapping[str, Any]) -> str:
    told = one.get("description") or one["schema"].get("description")
    return f"`{one['name']}`" + (f" ({' '.join(told.split()).rstrip('.')})" if told else "")


def _shape(model: Mapping[str, Any]) -> Iterator[str]:
    if told := " ".join(model.get("description", "").split()):
        yield told
        yield ""
    if "enum" in model:
        yield "One of " + ", ".join(f"`{value}`" for value in model["enum"]) + "."
    required = model.get("required", ())
    for name, field in model.get("properties", {}).items():
        optional = "" if name in required and not _nullable(field) else "?"
        told = " ".join(field.get("description", "").split())
        yield f"- `{name}`{optional}: {_type(field, set())}" + (f". {told}" if told else "")


def _nullable(field: Mapping[str, Any]) -> bool:
    return any(one.get("type") == "null" for one in field.get("anyOf", ()))


def _type(schema: Mapping[str, Any] | None, used: set[str]) -> str:
    """What a schema allows, in a few words; the models it names are added to `used`."""
    if not schema:
        return "anything"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        used.add(name)
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            kinds = [_type(one, used) for one in schema[key] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema or "const" in schema:
        return " \\| ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items") or {}
        inner = _type(items, used) if items else _together(schema.get("prefixItems", ()), used)
        return f"list of {inner}"
    if kind == "object":
        more = schema.get("additionalProperties")
        return f"values by name: {_type(more, used)}" if isinstance(more, Mapping) and more else "object"
    names = {"string": "text", "integer": "number", "number": "number", "boolean": "true or false", None: "anything"}
    return {"date-time": "time", "date": "day"}.get(schema.get("format", ""), names.get(kind, str(kind)))


def _together(kinds: Sequence[Mapping[str, Any]], used: set[str]) -> str:
    return " and ".join(_type(one, used) for one in kinds) or "anything"


def _closure(names: set[str], models: Mapping[str, Any]) -> set[str]:
    """These models, and all that they name."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        for field in models[name].get("properties", {}).values():
            named: set[str] = set()
            _type(field, named)
            waiting |= named - found
    return found
