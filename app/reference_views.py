"""docs/views.md: what templates see, from the views themselves."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import is_dataclass
from inspect import getdoc, isclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..site.page_kinds import VIEWS
from ..site.views import Site


def views() -> str:
    """The page about every view that a template prints."""
    lines = [
        "# What a template sees",
        "",
        "This page is written from the code (`python -m tagora.app.reference docs`). How to write a template of",
        "one's own is told in [look.md](look.md). Every template sees `site`, a [Site](#site), and `page`, of the",
        "kind in this table.",
        "`?`: there may be none. `…`: any number of them, also nothing.",
        "",
        "| template | `page` |",
        "|---|---|",
        *(f"| `{name}` | {_name(view)} |" for name, view in VIEWS.items()),
    ]
    todo: list[type] = [Site, *dict.fromkeys(VIEWS.values())]
    for view in todo:  # it grows on the way
        hints = get_type_hints(view)
        said = " ".join((view.__doc__ or "").split())
        told = "" if said.startswith(f"{view.__name__}(") else said  # Python's own words for a class without any
        lines += ["", f"## {view.__name__}", "", *([told, ""] if told else []), "| | |", "|---|---|"]
        lines += [f"| `{name}` | {_type(hints[name])} |" for name in _fields(view)]
        lines += [f"| `{name}` | {_type(kind)}: {words} |" for name, kind, words in _properties(view)]
        kinds = [*(hints[name] for name in _fields(view)), *(kind for _, kind, _ in _properties(view))]
        for kind in kinds:
            todo += [each for each in _views_in(kind) if each not in todo]
    return "\n".join(lines) + "\n"


def _fields(view: Any) -> tuple[str, ...]:
    return tuple(view.__dataclass_fields__ if is_dataclass(view) else view._fields)


def _properties(view: type) -> Iterator[tuple[str, Any, str]]:
    for name, value in vars(view).items():
        if isinstance(value, property) and not name.startswith("_") and value.fget is not None:
            kind = get_type_hints(value.fget)["return"]
            yield name, kind, " ".join((getdoc(value) or "").split())


def _is_view(kind: Any) -> bool:
    return isclass(kind) and (is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")))


def _views_in(kind: Any) -> Iterator[type]:
    if _is_view(kind):
        yield kind
    for part in get_args(kind):
        yield from _views_in(part)


def _name(kind: type) -> str:
    return f"[{kind.__name__}](#{kind.__name__.lower()})" if _is_view(kind) else kind.__name__


def _type(kind: Any) -> str:
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(part) for part in parts if part is not type(None)) + (
            "?" if type(None) in parts else ""
        )
    if origin is Literal:
        return " or ".join(f"`{part!r}`" for part in parts)
    if parts and parts[-1] is Ellipsis:
        return f"{_type(parts[0])} …"
    if origin is not None:
        return f"({', '.join(map(_type, parts))})"
    return {"str": "text", "int": "number", "bool": "yes or no", "Markup": "HTML"}.get(kind.__name__, _name(kind))
