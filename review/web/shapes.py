"""Posts and decisions as JSON."""

from __future__ import annotations

from typing import Any

from ...core.decisions import Decision
from ...storage.claims import Claim
from ...storage.queue import QueueItem


def item_json(item: QueueItem, claim: Claim | None = None) -> dict[str, Any]:
    """A post of the queue; `hash` and `decision` go back with what is decided on it."""
    return {
        "post": item.post_id,
        "hash": item.content_hash,
        "decision": item.decision.id if item.decision else None,
        "thread": item.thread_id,
        "network": item.network,
        "url": item.url,
        "author": {"id": item.author_id, "handle": item.handle, "name": item.display_name},
        "published_at": item.published_at.isoformat(),
        "edited_at": item.edited_at.isoformat() if item.edited_at else None,
        "added_at": item.added_at.isoformat(),
        "status": item.status.value,
        "urgency": item.urgency,
        "featured": item.featured,
        "via": item.via,
        "language": item.language,
        "title": item.title,
        "warning": item.warning,
        "text": item.text,
        "marks": [decision_json(mark) for mark in item.marks],
        "stands": decision_json(item.decision) if item.decision else None,
        "notes": [
            {"id": one.id, "by": one.by, "at": one.at.isoformat(), "text": one.text, "asks": one.open_for}
            for one in item.remarks
        ],
        "claim": {"by": claim.by, "until": claim.until.isoformat()} if claim else None,
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "post": decision.post_id,
        "verdict": decision.verdict.value,
        "by": decision.by,
        "at": decision.at.isoformat(),
        "reason": decision.reason,
        "rule": decision.rule,
        "matched": list(decision.matched) if isinstance(decision.matched, tuple) else decision.matched,
        "reverts": decision.reverts,
        "batch": decision.batch,
    }
