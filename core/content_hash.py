"""The fingerprint of what readers would see of a post. A decision is bound to it: an edit needs a new decision."""

from __future__ import annotations

import hashlib
import unicodedata

from .records import Post, PostRef

VERSION = "1"


def _ref(ref: PostRef | None) -> str:
    return f"{ref.origin}\x1f{ref.native_id}" if ref else ""


def content_hash(post: Post, reply_to: PostRef | None, quote_of: PostRef | None) -> str:
    """A versioned hash, "1:" + 32 hex digits, of NFC text, title, warning, sensitive, entity targets, media
    (stable id or position, kind, alt) and of what is answered and quoted.

    `reply_to` and `quote_of` are the resolved references (the post's global ones), so that two servers' sightings
    of one post agree. HTML, media and avatar addresses, names and metrics change without the post changing:
    they are left out.
    """
    parts = [
        VERSION,
        unicodedata.normalize("NFC", post.text),
        unicodedata.normalize("NFC", post.title or ""),
        unicodedata.normalize("NFC", post.warning or ""),
        "1" if post.sensitive else "0",
        *(f"{e.kind}\x1f{e.target}" for e in post.entities),
        "\x1d",
        *(f"{m.stable_id or i}\x1f{m.kind}\x1f{m.alt or ''}" for i, m in enumerate(post.media)),
        "\x1d",
        _ref(reply_to),
        _ref(quote_of),
    ]
    body = "\x1e".join(parts).encode("utf-8", "replace")
    return f"{VERSION}:{hashlib.blake2b(body, digest_size=16).hexdigest()}"
