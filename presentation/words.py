"""The interface's words in the reader's language. English stands in the code; other languages in `locales/*.po`."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup

HERE = Path(__file__).parent / "locales"
SOURCE_LANGUAGE = "en"


@lru_cache
def words(language: str, *folders: Path, own: bytes = b"") -> gettext.NullTranslations:
    """The catalogue of `language`, joined from the `folders`' `<language>.po`; what `own`, another catalogue, says goes
    before. Compiled in memory: a wheel and a clone work alike, and no compiled file can be older than its source.
    English for a language nobody translated."""
    found = gettext.NullTranslations()
    paths = [] if language == SOURCE_LANGUAGE else [folder / f"{language}.po" for folder in folders]
    for source in [*(path.read_bytes() for path in paths if path.is_file()), own]:
        if source:
            compiled = BytesIO()
            write_mo(compiled, read_po(BytesIO(source), locale=language))
            compiled.seek(0)
            catalogue = gettext.GNUTranslations(compiled)
            catalogue.add_fallback(found)
            found = catalogue
    return found


def translators(language: str, *folders: Path, own: bytes = b"") -> Mapping[str, Callable[..., Markup]]:
    """What templates call for words: `_`, `gettext`, `ngettext`, with what they fill in escaped. They remember: Jinja's
    own would look up and fill in the same words for every page."""
    catalogue = words(language, *folders, own=own)

    @lru_cache(maxsize=10_000, typed=True)
    def gettext(message: str, **named: str | int) -> Markup:
        return Markup(catalogue.gettext(message)) % named

    @lru_cache(maxsize=10_000, typed=True)
    def ngettext(one: str, many: str, num: int, **named: str | int) -> Markup:
        return Markup(catalogue.ngettext(one, many, num)) % {"num": num, **named}

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}
