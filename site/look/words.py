"""Own words for what pages say: a gettext catalogue with the few messages that are to be said otherwise."""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO

from babel.messages import Message
from babel.messages.pofile import PoFileError, read_po

from ...core.errors import ConfigError
from ...presentation.words import words
from ..shipped import LOCALES

_LINE = re.compile(r'\s*(?:#.*|(?:(?:msgid|msgid_plural|msgstr|msgstr\[\d\])\s+)?"(?:[^"\\]|\\.)*"\s*)?')
_NAMED = re.compile(r"%\((\w+)\)")
_FORM = "docs/look.md shows its form."


def check(text: str, language: str, where: str) -> None:
    """Raises ConfigError with the line of what is no catalogue, no message of a page, or would break pages."""
    for number, line in enumerate(text.splitlines(), 1):
        if not _LINE.fullmatch(line):
            raise ConfigError("this line belongs to no catalogue of words", _FORM, where=f"{where}:{number}")
    raw = text.encode()
    try:
        catalogue = read_po(BytesIO(raw), locale=language, abort_invalid=True)
        words(language, own=raw)
    except (PoFileError, ValueError, LookupError, SyntaxError) as error:
        line = error.lineno + 1 if isinstance(error, PoFileError) else 1
        raise ConfigError(f"it is no catalogue of words: {error}", _FORM, where=f"{where}:{line}") from None
    for message in catalogue:
        if message.id:
            _check(message, f"{where}:{message.lineno or 1}")


def _check(message: Message, where: str) -> None:
    ids = (message.id,) if isinstance(message.id, str) else message.id
    if ids not in _said():
        raise ConfigError(
            f"no page says {ids[0]!r}", "Write the msgid exactly as the program's own catalogue has it.", where=where
        )
    filled = {name: 1 for each in ids for name in _NAMED.findall(each)}
    for said in message.string if isinstance(message.string, tuple | list) else (message.string or "",):
        if "<" in said or "&" in said:
            raise ConfigError("words hold no HTML", "Take out < and &.", where=where)
        try:
            _ = said % filled
        except (KeyError, ValueError, TypeError):
            known = ", ".join(f"%({name})s" for name in filled) or "nothing"
            raise ConfigError(
                f"{said!r} cannot be filled in", f"It may hold {known}; a plain % is written %%.", where=where
            ) from None


@lru_cache
def _said() -> frozenset[tuple[str, ...]]:
    """Every message of a page, with its plural where it has one."""
    found: set[tuple[str, ...]] = set()
    for folder in LOCALES:
        with (folder / "it.po").open("rb") as file:
            catalogue = read_po(file, locale="it")
        found |= {(one.id,) if isinstance(one.id, str) else tuple(one.id) for one in catalogue if one.id}
    return frozenset(found)
