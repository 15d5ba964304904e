"""Words cut to what a list, a title or a preview has room for."""

from __future__ import annotations

import re

# Addresses say nothing on a card, and X's are https://t.co/…; "RE:" stands before a quoted post's address on servers
# whose readers may not know quotes: https://codeberg.org/fediverse/fep/src/branch/main/fep/e232/fep-e232.md
LINKS = re.compile(r"(?:\bRE: ?)?https?://\S+")


def shorten(text: str, length: int) -> str:
    """The text on one line, without links, cut at a word."""
    line = " ".join(LINKS.sub("", text[: length * 4]).split())
    if len(line) <= length:
        return line
    cut = line[:length].rsplit(" ", 1)[0] if " " in line[:length] else line[:length]
    return f"{cut.rstrip(' ,;:.–-')}…"
