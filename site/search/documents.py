"""What Pagefind is fed: lean documents instead of pages. Pure.

A document holds the posts of one page that share network, language and month, so that counts beside these are exact.
Each post stands behind an empty element whose id says where its words are: anchor, time, words of the author, words of
the warning. A lone · between the parts is a word that nobody searches: no phrase is found across it.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...presentation.networks import family_of
from ...presentation.views import NodeView, PostView
from ...storage.snapshot import Node
from ..slugs import slug_of

FACETS = ("campaign", "network", "language", "month")
UNKNOWN = "und"  # the language of a post of which none is known
APART = "·"
_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*")
# Pagefind marks places in a text with words of its own, which must not come from a post
_MARKS = re.compile(r"_{3,}(?=(?:END_)?PAGEFIND)")


class Document(NamedTuple):
    """`path`: its file in the folder that Pagefind reads: what its posts share, then the page's path. `facets`: a value
    for each of FACETS. `words`: a digest for each post's words. `shown`: the posts' ids."""

    path: str
    facets: tuple[str, ...]
    words: tuple[str, ...]
    shown: tuple[int, ...]
    html: bytes


def _tongue(code: str | None) -> str:
    lower = (code or "").lower()
    return lower if _CODE.fullmatch(lower) else UNKNOWN


def documents(
    page: str, campaign: str, nodes: Sequence[NodeView], behind: Mapping[str, Node], hidden: Collection[str] = ()
) -> list[Document]:
    """Those of the page at the path `page`. `behind`: what the store says of the posts, by anchor; `hidden`: the
    anchors of posts that are not to be found."""
    grouped: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for node in nodes:
        post = node.post
        if post is None or post.only_link or node.anchor in hidden or node.anchor not in behind:
            continue
        stored = behind[node.anchor]
        shared = (slug_of(family_of(stored.origin)), _tongue(post.lang), post.published.iso[:7])
        grouped.setdefault(shared, []).append((stored.id, _piece(node.anchor, post)))
    made: list[Document] = []
    for shared, pieces in sorted(grouped.items()):
        facets = (campaign, *shared)
        told = "".join(
            f'<i data-pagefind-filter="{name}:{value}"></i>' for name, value in zip(FACETS, facets, strict=True)
        )
        text = "\n".join(piece for _, piece in pieces)
        content = f"<!doctype html><html><main data-pagefind-body>{told}{text}</main></html>"
        made.append(
            Document(
                f"{'-'.join(shared)}/{page}",
                facets,
                tuple(hashlib.blake2b(piece.encode(), digest_size=8).hexdigest() for _, piece in pieces),
                tuple(sorted(id_ for id_, _ in pieces)),
                content.encode(),
            )
        )
    return made


def _piece(anchor: str, post: PostView) -> str:
    who = _words(f"{post.author.name} @{post.author.handle or ''}".removesuffix(" @") if post.author else "")
    warning = _words(post.warning or "")
    said = [_words(part) for part in _said(post)]
    place = ";".join((anchor, post.published.iso, str(len(who)), str(len(warning))))
    parts = (" ".join(words) for words in (who, warning, *(words for words in said if words)))
    return f'<a id="{place}"></a> {html.escape(f" {APART} ".join(parts))} {APART}'


def _said(post: PostView) -> Iterator[str]:
    yield post.title or ""
    yield post.text
    for medium in post.media:
        yield medium.alt or ""


def _words(text: str) -> list[str]:
    """As Pagefind counts them."""
    whole = text.encode("utf-8", "replace").decode().replace("\u200b", "").replace("\0", "")
    return _MARKS.sub("__", whole).split()
