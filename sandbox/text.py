"""What people typed, cut into plain stretches, links, hashtags and mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from .script import Network

_LINK = r"(?P<link>https?://[^\s<>\"]*[^\s<>\".,;:!?)\]»”'])"
_TAG = r"(?<![\w&/])\#(?P<tag>\w*[^\W\d_]\w*)"
_MENTION = {
    Network.X: r"(?<![\w@])@(?P<mention>[A-Za-z0-9_]{1,15})(?![A-Za-z0-9_])",
    Network.MASTODON: r"(?<![\w@/.])@(?P<mention>[A-Za-z0-9_]+(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)?)",
    Network.BLUESKY: r"(?<![\w@/.])@(?P<mention>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)",
    Network.FEED: r"(?P<mention>(?!))",
    Network.FACEBOOK: r"(?P<mention>(?!))",  # Facebook's are names: facebook.py finds them
}
_PATTERNS = {network: re.compile(f"{_LINK}|{_TAG}|{mention}") for network, mention in _MENTION.items()}


class Kind(StrEnum):
    PLAIN = "plain"
    LINK = "link"
    TAG = "tag"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` as typed; `value` is what it means: the address, the tag without #, the handle without @."""

    kind: Kind
    text: str
    value: str


@lru_cache(maxsize=4096)
def pieces(text: str, network: Network) -> tuple[Piece, ...]:
    """The whole text in order; joining every `text` gives it back."""
    return tuple(_pieces(text, network))


def _pieces(text: str, network: Network) -> Iterator[Piece]:
    at = 0
    for match in _PATTERNS[network].finditer(text):
        if match.start() > at:
            yield Piece(Kind.PLAIN, text[at : match.start()], text[at : match.start()])
        kind = Kind(str(match.lastgroup))
        yield Piece(kind, match[0], match[kind])
        at = match.end()
    if at < len(text):
        yield Piece(Kind.PLAIN, text[at:], text[at:])


def tags(text: str, network: Network) -> frozenset[str]:
    """Its hashtags without #, casefolded."""
    return frozenset(piece.value.casefold() for piece in pieces(text, network) if piece.kind == Kind.TAG)


def mentions(text: str, network: Network) -> tuple[str, ...]:
    """The handles it names, without @, in order."""
    return tuple(piece.value for piece in pieces(text, network) if piece.kind == Kind.MENTION)


def display_link(url: str, length: int) -> tuple[str, bool]:
    """The address without scheme and `www.`, cut to `length`; whether it was cut."""
    parts = urlsplit(url)
    shown = url[len(parts.scheme) + 3 :].removeprefix("www.")
    return (shown[:length], True) if len(shown) > length else (shown, False)
