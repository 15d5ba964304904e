"""From stored posts to what readers see of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from ..core.picture_terms import Pictures
from ..core.pictures import MODERN, Rendition
from .entities import Span, safe_url, text_html, without_link_to
from .formats import Formats
from .networks import network_of, x_post_id
from .views import AuthorView, MediaView, PictureView, PostView, QuoteView


@dataclass(frozen=True, slots=True)
class Showing:
    """How a source's posts may be shown. `own`: the organiser's accounts (a Facebook Page), which are no private
    persons: where others are shown by their initials they keep their names. `pictures`: whether copies of pictures are
    shown, links to the originals, or nothing of them. `bare`: a bare link, without
    author and words, stands in its place: its network could not be asked in time whether it is still there (doubt), or
    the campaign is over (closed)."""

    show: Literal["full", "link", "none"] = "full"
    authors: Literal["full", "initials", "hidden"] = "full"
    pictures: Pictures = "link"
    own: tuple[str, ...] = ()
    bare: Literal["doubt", "closed"] | None = None

    @property
    def with_copies(self) -> bool:
        """Whether readers see copies of pictures."""
        return self.pictures == "copy" and self.show == "full" and not self.bare

    def named(self, writer: Writer) -> bool:
        """Whether readers see the author's name and profile."""
        return self.authors == "full" or (self.authors == "initials" and writer.native_id in self.own)


class Writer(Protocol):
    @property
    def native_id(self) -> str: ...
    @property
    def handle(self) -> str | None: ...
    @property
    def display_name(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...


class Attachment(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def alt(self) -> str | None: ...
    @property
    def copies(self) -> Sequence[Rendition]: ...


class Shown(Protocol):
    """A held post, as storage hands it out: times in microseconds since 1970."""

    @property
    def origin(self) -> str: ...
    @property
    def native_id(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def published_at(self) -> int | None: ...
    @property
    def edited_at(self) -> int | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def lang(self) -> str | None: ...
    @property
    def warning(self) -> str | None: ...
    @property
    def sensitive(self) -> bool: ...
    @property
    def featured(self) -> bool: ...
    @property
    def writer(self) -> Writer | None: ...
    @property
    def marks(self) -> Sequence[Span]: ...
    @property
    def media(self) -> Sequence[Attachment]: ...


def anchor_of(origin: str, native_id: str) -> str:
    """The post's place on its page: the same in every store that holds it, and safe in addresses."""
    return "p" + hashlib.blake2b(f"{origin}\x1f{native_id}".encode("utf-8", "replace"), digest_size=8).hexdigest()


def author_view(writer: Writer | None, showing: Showing) -> AuthorView | None:
    """The author, as far as `showing` lets readers know; None for nobody to be named."""
    if writer is None or showing.authors == "hidden" or showing.bare:
        return None
    name = writer.display_name or writer.handle
    if not name:
        return None
    return _author(name, writer.handle, writer.url, showing.named(writer))


@lru_cache(maxsize=8192)
def _author(name: str, handle: str | None, url: str | None, full: bool) -> AuthorView:
    letters = _initials(name)
    if not full:
        return AuthorView(" ".join(f"{letter}." for letter in letters), None, None, letters)
    return AuthorView(name, handle, safe_url(url), letters)


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words[:1]]
    return "".join(letters).upper() or "•"


def post_view(
    post: Shown, showing: Showing, formats: Formats, quote: QuoteView | None = None, quoted: Shown | None = None
) -> PostView:
    """The post, ready to print. With `show: link` nothing of it but its author, time and address. `quote`: what is
    shown of `quoted`, the post it quotes."""
    url = safe_url(post.url)
    if url and post.writer and not showing.named(post.writer):
        handle = post.writer.handle
        if handle and handle.casefold() in url.casefold():
            url = None  # the address would give the name away
    if showing.bare and (number := x_post_id(url)):
        url = f"https://x.com/i/status/{number}"  # the address without the name
    full = showing.show == "full" and not showing.bare
    media = post.media if full and showing.pictures != "none" else ()
    text, marks = (post.text, post.marks) if full else ("", ())
    if marks and quote and quote.post and not quote.post.only_link and quoted and quoted.origin == "x":
        text, marks = without_link_to(_x_ids(quoted), text, marks)
    return PostView(
        anchor=anchor_of(post.origin, post.native_id),
        network=network_of(post.origin, url),
        url=url,
        author=author_view(post.writer, showing),
        published=formats.moment(post.published_at or 0),
        edited=formats.moment(post.edited_at) if post.edited_at is not None and not showing.bare else None,
        title=post.title if full else None,
        text=text,
        body=text_html(text, marks, post.origin, url),
        lang=post.lang,
        warning=post.warning if full else None,
        sensitive=post.sensitive and full,
        media=tuple([_media(item, showing) for item in media]) if media else (),
        featured=post.featured,
        only_link=not full,
        bare=showing.bare,
        quote=quote if full else None,
    )


def _media(item: Attachment, showing: Showing) -> MediaView:
    picture = picture_view(item.copies) if item.copies and showing.pictures == "copy" else None
    return MediaView(item.kind, item.alt, picture)


def picture_view(copies: Sequence[Rendition]) -> PictureView | None:
    """The copies as a page offers them; None where there is none for old browsers, or none for new ones."""
    modern = sorted((one for one in copies if one.kind == MODERN), key=lambda one: one.width)
    plain = next((one for one in copies if one.kind != MODERN), None)
    if not modern or plain is None:
        return None
    widest = modern[-1]
    return PictureView(
        tuple((one.path, one.width) for one in modern), plain.path, widest.path, widest.width, widest.height
    )


def _x_ids(post: Shown) -> set[str]:
    """The numbers under which the post was quoted: each version of an edited one has its own, the first and the newest
    are known here."""
    return {post.native_id, x_post_id(post.url) or post.native_id}
