"""Graph's field expansion: `id,message,comments.filter(stream).limit(100).summary(true){id,from{name}}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class FieldsError(ValueError):
    """The expression cannot be read; the message is Graph's."""


@dataclass(frozen=True, slots=True)
class Field:
    """One asked field with its modifiers; `inner` is the text between its braces, `fields` the same parsed."""

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    inner: str = ""
    fields: tuple[Field, ...] = ()


def parse_fields(text: str) -> tuple[Field, ...]:
    """Raises FieldsError."""
    fields, at = _list(text, 0)
    if at < len(text):
        raise _error(text, at)
    return fields


def _error(text: str, at: int) -> FieldsError:
    found = repr(text[at]) if at < len(text) else "end of string"
    return FieldsError(f'Syntax error "Expected end of string instead of {found}." at character {at}: {text}')


def _list(text: str, at: int) -> tuple[tuple[Field, ...], int]:
    fields: list[Field] = []
    while True:
        one, at = _field(text, at)
        fields.append(one)
        if at >= len(text) or text[at] != ",":
            return tuple(fields), at
        at += 1


def _field(text: str, at: int) -> tuple[Field, int]:
    at = _skip(text, at)
    match = _NAME.match(text, at)
    if match is None:
        raise _error(text, at)
    name, at = match[0], match.end()
    arguments: dict[str, str] = {}
    while at < len(text) and text[at] == ".":
        match = _NAME.match(text, at + 1)
        if match is None or text[match.end() : match.end() + 1] != "(":
            raise _error(text, at)
        close = text.find(")", match.end())
        if close < 0:
            raise _error(text, len(text))
        arguments[match[0]] = text[match.end() + 1 : close].strip()
        at = close + 1
    fields: tuple[Field, ...] = ()
    inner = ""
    at = _skip(text, at)
    if at < len(text) and text[at] == "{":
        fields, end = _list(text, at + 1)
        if end >= len(text) or text[end] != "}":
            raise _error(text, end)
        inner, at = text[at + 1 : end], end + 1
    return Field(name, arguments, inner, fields), _skip(text, at)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
