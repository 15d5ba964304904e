"""A record made anew from what stands at the target, after it was lost: what is ours, and what is somebody else's.

Pages, feeds, sitemaps and robots.txt name the site's address; files that pages load are named by their content; the
rest says who wrote it. Everything else is foreign, and so is what lies below another site's record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b

from ..headers import MARK
from ..pages import digest
from .plan import Wanted
from .record import OWN, RECORD, Record, Sent, is_inside
from .target import Target

GENERATOR = b'<meta name="generator" content="Tagora">'
_ASSET = re.compile(r"assets/[a-z]+\.([0-9a-f]{10})\.[a-z]+")
_MARKED = ("_redirects", "_headers")
_NAMED = re.compile(r"(?:.*/)?(?:feed\.atom|feed\.json|robots\.txt|sitemap[a-z0-9-]*\.xml)")


def sha_of(content: bytes) -> str:
    """As the manifest names a file's bytes."""
    return blake2b(content, digest_size=16).hexdigest()


def rebuilt(target: Target, store: str, base_url: str, wanted: Mapping[str, Wanted]) -> Record:
    """Reads every file at the target that could be ours."""
    there = target.paths()
    others = tuple(path.removesuffix(RECORD) for path in there if path.endswith("/" + RECORD))
    record, foreign = Record(store), set[str]()
    for path in there:
        if path.startswith(OWN) or not is_inside(path):
            continue
        content = target.read(path) if _could_be(path) and not path.startswith(others or "\0") else None
        if content is None:
            foreign.add(path)
        elif path in wanted and wanted[path].sha == (sha := sha_of(content)):
            record.files[path] = Sent(sha, len(content), wanted[path].shown)
        elif _is_ours(path, content, base_url.encode()):
            record.files[path] = Sent(sha_of(content), len(content), None)
        else:
            foreign.add(path)
    record.foreign = frozenset(foreign)
    return record


def _could_be(path: str) -> bool:
    return path.endswith(".html") or path in _MARKED or bool(_ASSET.fullmatch(path) or _NAMED.fullmatch(path))


def _is_ours(path: str, content: bytes, base_url: bytes) -> bool:
    if asset := _ASSET.fullmatch(path):
        return digest(content)[:10] == asset[1]
    if path in _MARKED:
        return content.startswith(MARK.encode() + base_url + b"\n")
    if path == "404.html":  # says no address, for it stands in for many
        return GENERATOR in content
    return base_url in content and (not path.endswith(".html") or GENERATOR in content)
