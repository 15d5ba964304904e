"""A record made anew from what stands at the target, after it was lost: what is ours, and what is somebody else's.

Pages, feeds, sitemaps and robots.txt name the site's address; files that pages load are named by their content; the
rest says who wrote it. Everything else is foreign, and so is what lies below another site's record.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

from ..embedding import SCRIPT
from ..headers import MARK
from ..kinds import SEARCH_ENTRY
from ..pages import digest
from .plan import Wanted
from .record import RECORD, Record, Sent, is_inside
from .target import Target

GENERATOR = b'<meta name="generator" content="Tagora">'
_ASSET = re.compile(r"assets/[a-z-]+\.([0-9a-f]{10})\.[a-z]+")
_PICTURE = re.compile(r"media/([0-9a-f]{2})/([0-9a-f]{30})-\d+\.[a-z]+")
_MARKED = ("_redirects", "_headers")
_EMBED = b"// Tagora: a discussion under an article"  # how the script begins, in every version
_INDEX = re.compile(r"search/(?:(?:fragment|index|filter)/|pagefind\.)qa[ab]_[0-9a-f]+\.pf_[a-z]+")
_NAMED = re.compile(
    r"(?:.*/)?(?:feed\.atom|[a-z0-9]+\.replies\.atom|feed\.json|wall/qr\.svg|robots\.txt|sitemap[a-z0-9-]*\.xml)"
)


def sha_of(content: bytes) -> str:
    """As the manifest names a file's bytes."""
    return blake2b(content, digest_size=16).hexdigest()


def rebuilt(target: Target, store: str, base_url: str, wanted: Mapping[str, Wanted]) -> Record:
    """Reads every file at the target that could be ours, as many at once as the target takes."""
    there = [path for path in target.paths() if is_inside(path) or path.endswith("/" + RECORD)]
    others = tuple(path.removesuffix(RECORD) for path in there if path.endswith("/" + RECORD))

    def look(path: str) -> Sent | None:
        content = target.read(path) if _could_be(path) and not path.startswith(others or "\0") else None
        if content is None:
            return None
        sha, one = sha_of(content), wanted.get(path)
        if one is not None and one.sha == sha:
            return Sent(sha, len(content), one.shown)
        return Sent(sha, len(content), None) if _is_ours(path, content, base_url.encode()) else None

    with ThreadPoolExecutor(target.at_once, thread_name_prefix="publish") as pool:
        found = dict(zip(there, pool.map(look, there), strict=True))
    files = {path: sent for path, sent in found.items() if sent is not None}
    return Record(store, files, frozenset(found.keys() - files.keys()))


def _could_be(path: str) -> bool:
    return (
        path.endswith(".html")
        or path in (*_MARKED, SCRIPT, SEARCH_ENTRY)
        or any(pattern.fullmatch(path) for pattern in (_ASSET, _PICTURE, _INDEX, _NAMED))
    )


def _is_ours(path: str, content: bytes, base_url: bytes) -> bool:
    if asset := _ASSET.fullmatch(path):
        return digest(content)[:10] == asset[1]
    if picture := _PICTURE.fullmatch(path):
        return digest(content) == picture[1] + picture[2]
    if _INDEX.fullmatch(path):
        return _begins_as_index(content)
    if path in _MARKED:
        return content.startswith(MARK.encode() + base_url + b"\n")
    if path == SCRIPT:
        return content.startswith(_EMBED)
    if path == "404.html":  # says no address, for it stands in for many
        return GENERATOR in content
    return base_url in content and (not path.endswith(".html") or GENERATOR in content)


def _begins_as_index(content: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(content, 12) == b"pagefind_dcd"
    except zlib.error:
        return False
