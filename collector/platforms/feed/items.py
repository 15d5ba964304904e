"""A document of a feed -> raw items. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ....core.records import PostRef
from ...contract import Raw
from .address import entry_ref, page_ref
from .reading import Document


def raws(
    document: Document,
    scope: str,
    hosts: Collection[str],
    seen_at: datetime,
    *,
    text: str,
    endpoint: str = "feed",
    under: PostRef | None = None,
) -> tuple[Raw, ...]:
    """The entries, one Raw each. `hosts`: those that the feed speaks for; a page elsewhere does not name an entry."""
    pages = Counter(page_ref(entry.get("link")) for entry in document.entries)
    found: list[Raw] = []
    for entry in document.entries:
        page = page_ref(entry.get("link"))
        context: dict[str, Any] = {"scope": scope, "about": dict(document.about), "text": text}
        if page is not None and page.origin in hosts and pages[page] == 1 and _has_path(page.native_id):
            context["page"] = True
        if under is not None:
            context["under"] = list(under)
        seen_as = entry_ref(scope, entry.get("id")) or page or PostRef(scope or "feed", "unnamed")
        found.append(Raw(seen_as, endpoint, entry, seen_at, context))
    return tuple(found)


def _has_path(url: str) -> bool:
    """Whether it is more than a front page, which every entry of some feeds gives as its address."""
    parts = urlsplit(url)
    return bool(parts.path.strip("/") or parts.query)
