"""Jinja for the review app: one environment a language, strict names, everything escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ...presentation import words as presentation_words
from ...presentation.formats import Formats, Stamp
from ...presentation.look import TEMPLATES as SHARED
from ...presentation.look import look
from ...presentation.networks import family_of
from ...presentation.words import translators
from ...storage.types import microseconds

HERE = Path(__file__).parent
LOCALES = (Path(presentation_words.__file__).parent / "locales", HERE / "locales")
LANGUAGES = ("it", "en")
STATIC = ("review.css", "review.js", "outbox.js", "keys.js", "icon.svg")


@lru_cache
def environment(language: str, timezone: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader([HERE / "templates", SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    formats = Formats(language, timezone)

    def stamp(moment: datetime) -> Stamp:
        return formats.moment(microseconds(moment))

    made.globals.update(translators(language, *LOCALES))
    made.globals.update(static=static, language=language, query=query)
    made.filters.update(stamp=stamp, number=formats.number, day=formats.day, family=family_of)
    return made


def page(
    request: Request, template: str, language: str, timezone: str, *, status: int = 200, **data: Any
) -> HTMLResponse:
    """The template filled in with `data`."""
    text = environment(language, timezone).get_template(template).render(request=request, **data)
    return HTMLResponse(text.encode("utf-8", "replace"), status)


def language_of(wanted: str | None, accepts: str | None, ours: tuple[str, ...] = LANGUAGES) -> str:
    """The interface's language: the one chosen, else the first that the browser accepts, else the first of ours."""
    if wanted in ours:
        return wanted
    for part in (accepts or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in ours:
            return tag
    return ours[0]


def query(values: Mapping[str, Any], **changes: Any) -> str:
    """The part of an address behind the question mark, with some values changed; empty ones are left out."""
    whole = {**values, **changes}
    return urlencode([(name, value) for name, value in whole.items() if value not in (None, "", ())], doseq=True)


@lru_cache
def asset(name: str) -> bytes:
    own = (HERE / "static" / name).read_bytes()
    return look() + own if name == "review.css" else own


@lru_cache
def fingerprint(name: str) -> str:
    return hashlib.blake2b(asset(name), digest_size=6).hexdigest()


def static(name: str) -> str:
    """The address of an asset, which changes with its content."""
    return f"/static/{name}?{fingerprint(name)}"
