"""What a look of one's own begins from: everything that is shipped, as text."""

from __future__ import annotations

from io import BytesIO

from .. import render
from ..shipped import FOLDERS, LOCALES

WORDS = "it.po"


def shipped() -> list[str]:
    """Every template, the style and the words."""
    return [*sorted(path.name for folder in FOLDERS for path in folder.iterdir()), render.STYLE, WORDS]


def text_of(name: str) -> str:
    """One of those. The words are all messages that pages may say, with their Italian."""
    if name == WORDS:
        return _words()
    if name == render.STYLE:
        return render.asset(name).decode()
    (path,) = (path for folder in FOLDERS if (path := folder / name).is_file())
    return path.read_text(encoding="utf-8")


def _words() -> str:
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    whole = Catalog(locale="it")
    for folder in reversed(LOCALES):
        with (folder / WORDS).open("rb") as file:
            for message in read_po(file, locale="it"):
                if message.id:
                    whole[message.id] = message
    written = BytesIO()
    write_po(written, whole, omit_header=True, width=120)
    return written.getvalue().decode()
