"""Own templates, tried before a build: every kind of page is printed with made-up words, once with all there can be and
once with as little. What fails so would have failed on every page."""

from __future__ import annotations

import types
from dataclasses import is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from markupsafe import Markup

from ...core.errors import BuildError, ConfigError
from ..page_kinds import VIEWS
from ..pages import Page
from ..render import render
from ..views import Site
from .own import SHIPPED, Look

FITTING: dict[tuple[str, str], Any] = {  # fields that are not any word or number, or never empty
    ("NodeView", "parent"): -1,
    ("NodeView", "gap"): "gone",
    ("MediaView", "kind"): "image",
    ("Became", "numbers"): (("collected", "1"),),
}
NEVER_EMPTY = {("ThreadPage", "nodes")}


def trial(site: Site, look: Look) -> None:
    """Raises ConfigError with file and line of an own template that cannot print what pages show."""
    if not look.templates:
        return
    for template, view in VIEWS.items():
        for full in (True, False):
            page = Page("trial", template, site.languages[0], sample(view, full))
            try:
                render(page, site, look)
            except Exception as error:
                if _fails_as_shipped(page, site):
                    continue
                where, words = look.templates_folder, f"{type(error).__name__}: {error}"
                if isinstance(error, BuildError):
                    where, _, words = error.message.partition(": ")
                what = f"the page {template} cannot be printed: {words}"
                raise ConfigError(what, "docs/look.md says what a template sees.", where=where) from error


def _fails_as_shipped(page: Page, site: Site) -> bool:
    """Whether it is the made-up words that do not fit."""
    try:
        render(page, site, SHIPPED)
    except Exception:
        return True
    return False


def sample(kind: Any, full: bool, inside: tuple[Any, ...] = ()) -> Any:
    """Something of this type: with all there can be in it, or with as little. Raises TypeError for what views are not
    made of."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        some = next(part for part in parts if part is not type(None))
        return sample(some, full, inside) if full and some not in inside else None
    if origin is Literal:
        return parts[0]
    if origin is tuple:
        if parts[-1] is Ellipsis:
            return (sample(parts[0], full, inside),) * 2 if full and parts[0] not in inside else ()
        return tuple(sample(part, full, inside) for part in parts)
    if kind is bool:
        return full
    if kind in (str, int, Markup):
        return {str: "word", int: 1, Markup: Markup("<p>words</p>")}[kind]
    if is_dataclass(kind) or issubclass(kind, tuple):
        hints = get_type_hints(kind)
        names = kind._fields if issubclass(kind, tuple) else kind.__dataclass_fields__  # type: ignore[attr-defined]
        values: dict[str, Any] = {}
        for name in names:
            place = (kind.__name__, name)
            if place in FITTING:
                values[name] = FITTING[place]
            elif place in NEVER_EMPTY:
                values[name] = (sample(get_args(hints[name])[0], full, (*inside, kind)),)
            else:
                values[name] = sample(hints[name], full, (*inside, kind))
        return kind(**values)
    raise TypeError(f"{kind} is no part of a view")
