"""Escaping for HTML."""

from __future__ import annotations

import re
from typing import Any

import orjson
from markupsafe import Markup, escape

_marked = re.compile("[&<>'\"]").search


def escaped(value: Any) -> str:
    """What `markupsafe.escape` gives, without its price for the many strings in which there is nothing to escape."""
    kind = type(value)
    if kind is Markup or (kind is str and not _marked(value)):
        return value
    return escape(value)


def in_script(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = orjson.dumps(value).decode()
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
