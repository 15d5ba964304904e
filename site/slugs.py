"""Names in addresses."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 60
_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_OTHER = re.compile(r"[^a-z0-9]+")


def same(name: str) -> str:
    """What two spellings of one name have in common: case and spaces are none of it."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def slug_of(name: str) -> str:
    """The name in an address: the same whatever other names there are, and never another name's. Letters that an
    address would lose are told by a digest: after two hyphens, which no plain name has."""
    text = same(name)
    if _PLAIN.fullmatch(text) and len(text) <= LONGEST:
        return text.replace(" ", "-")
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    legible = _OTHER.sub("-", bare)[:LONGEST].strip("-") or "x"
    return f"{legible}--{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=5).hexdigest()}"
