"""How the site's files are handed out: their types, and how long a reader's browser may keep them."""

from __future__ import annotations

from ..core.pictures import FOLDER

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "png": "image/png",
    "xml": "application/xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",  # of feeds; the others only our scripts read
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "gz": "application/gzip",
}
ASSETS = "assets/"  # their names change with their content
PICTURES = FOLDER  # and so do those of pictures
SEARCH = "search/"  # of the index: their names do, too, but they hold what may be withdrawn
SEARCH_ENTRY = f"{SEARCH}shards.pf_entry"
FOR_EVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=60, must-revalidate"  # a withdrawn post is gone from caches within a minute
NEVER = "no-store"


def content_type(path: str) -> str:
    name = path.rpartition("/")[2]
    return TYPES.get(name.rpartition(".")[2] if "." in name else "txt", "application/octet-stream")


def cache_control(path: str) -> str:
    if path.startswith((ASSETS, PICTURES)):
        return FOR_EVER
    return NEVER if path.startswith(".") else SHORT
