"""The fingerprint of what readers would see of a post. A decision is bound to it: an edit needs a new decision."""

from __future__ import annotations

import hashlib
import unicodedata

from .records import Post, PostRef

VERSION = "1"


def content_hash(post: Post, reply_to: PostRef | None, quote_of: PostRef | None) -> str:
    """A versioned hash, "1:" + 32 hex digits, of NFC text, title, warning, sensitive, entity targets, media
    (stable id or position, kind, alt) and of what is answered and quoted.

    `reply_to` and `quote_of` are the resolved references (the post's global ones), so that two servers' sightings
    of one post agree. HTML, media and avatar addresses, names and metrics change without the post changing:
    they are left out.
    """
    return bind(body_hash(post), reply_to, quote_of)


def body_hash(post: Post) -> str:
    """The part that the post alone decides, 32 hex digits. Kept beside the whole: when a reference becomes known
    under its global id, the whole is made anew without the text."""
    parts = [
        VERSION,
        unicodedata.normalize("NFC", post.text),
        unicodedata.normalize("NFC", post.title or ""),
        unicodedata.normalize("NFC", post.warning or ""),
        "1" if post.sensitive else "0",
        *(f"{e.kind}\x1f{e.target}" for e in post.entities),
        "\x1d",
        *(f"{m.stable_id or i}\x1f{m.kind}\x1f{m.alt or ''}" for i, m in enumerate(post.media)),
    ]
    return _digest("\x1e".join(parts))


def bind(body: str, reply_to: PostRef | None, quote_of: PostRef | None) -> str:
    """The content hash from the body's and the resolved references."""
    whole = "\x1e".join((body, _ref(reply_to), _ref(quote_of)))
    return f"{VERSION}:{_digest(whole)}"


def _ref(ref: PostRef | None) -> str:
    return f"{ref.origin}\x1f{ref.native_id}" if ref else ""


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
