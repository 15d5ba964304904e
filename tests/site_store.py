"""A store filled by hand, row by row: what the site reads, without collecting or deciding anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from tagora.core.records import PostRef
from tagora.core.threads import address
from tagora.storage import tables as t
from tagora.storage.changes import touch

from .make import NOON


@dataclass
class Filler:
    """Writes posts straight into the tables, each thread's root first."""

    connection: Connection
    now: datetime = NOON
    campaign_id: int = 1
    _ids: count[int] = field(default_factory=lambda: count(1))
    _authors: dict[tuple[str, str], int] = field(default_factory=dict)
    _touched: set[int] = field(default_factory=set)

    def campaign(self, slug: str = "casnocha") -> int:
        self.campaign_id = next(self._ids)
        self.connection.execute(insert(t.campaign).values(id=self.campaign_id, slug=slug, created_at=self.now))
        return self.campaign_id

    def source(self, name: str, platform: str = "x") -> int:
        id_ = next(self._ids)
        self.connection.execute(
            insert(t.source).values(
                id=id_, campaign_id=self.campaign_id, name=name, platform=platform, account=name, due_at=self.now
            )
        )
        return id_

    def author(self, handle: str, origin: str = "x", **changes: Any) -> int:
        if (origin, handle) not in self._authors:
            id_ = next(self._ids)
            values = {
                "id": id_,
                "origin": origin,
                "native_id": f"id-{handle}",
                "handle": handle,
                "display_name": handle.capitalize(),
                "url": f"https://example.net/@{handle}",
                "seen_at": self.now,
            }
            self.connection.execute(insert(t.author).values(**{**values, **changes}))
            self._authors[origin, handle] = id_
        return self._authors[origin, handle]

    def post(
        self,
        name: str,
        text: str = "",
        *,
        reply_to: int | None = None,
        by: str = "anna",
        origin: str = "x",
        minutes: float = 0,
        held: bool = True,
        status: str | None = "approved",
        entities: tuple[dict[str, Any], ...] = (),
        media: tuple[dict[str, Any], ...] = (),
        replies: int | None = None,
        gap: str | None = None,
        source_id: int | None = None,
        featured: bool = False,
        author: dict[str, Any] | None = None,
        **changes: Any,
    ) -> int:
        """A post and its place; its id. `gap` makes it a placeholder with a reason."""
        connection = self.connection
        held = held and gap is None
        id_ = next(self._ids)
        if reply_to is None:
            thread_id = next(self._ids)
            connection.execute(
                insert(t.thread).values(id=thread_id, root_id=id_, address=address(PostRef(origin, name)), size=1)
            )
        else:
            thread_id = connection.execute(select(t.post.c.thread_id).where(t.post.c.id == reply_to)).scalar_one()
        values: dict[str, Any] = {
            "id": id_,
            "origin": origin,
            "native_id": name,
            "held": held,
            "thread_id": thread_id,
            "parent_id": reply_to,
            "link_id": reply_to,
        }
        if held:
            values |= {
                "author_id": self.author(by, origin, **(author or {})),
                "url": f"https://example.net/{origin}/{name}",
                "published_at": self.now + timedelta(minutes=minutes),
                "text": text or f"text of {name}",
                "content_hash": f"1:{name}",
                "authority": 3,
                "visibility": "public",
            }
        connection.execute(insert(t.post).values(**{**values, **changes}))
        if held:
            sighting_id = next(self._ids)
            connection.execute(
                insert(t.sighting).values(
                    id=sighting_id, origin=origin, native_id=name, post_id=id_, authority=3, seen_at=self.now
                )
            )
            if replies is not None:
                connection.execute(insert(t.metrics).values(sighting_id=sighting_id, seen_at=self.now, replies=replies))
        if gap:
            connection.execute(insert(t.gap).values(post_id=id_, kind="post", reason=gap, seen_at=self.now))
        for position, entity in enumerate(entities):
            connection.execute(insert(t.entity).values(post_id=id_, position=position, **entity))
        for position, medium in enumerate(media):
            connection.execute(insert(t.media).values(post_id=id_, position=position, **medium))
        if held and status is not None:
            connection.execute(
                insert(t.campaign_post).values(
                    campaign_id=self.campaign_id,
                    post_id=id_,
                    via="tag",
                    source_id=source_id,
                    status=status,
                    decided_hash=f"1:{name}",
                    decision_id=id_,
                    featured=featured,
                    added_at=self.now,
                )
            )
        self._touched.add(thread_id)
        return id_

    def decide(self, post_id: int, status: str, campaign_id: int | None = None) -> None:
        self.connection.execute(
            update(t.campaign_post)
            .where(
                t.campaign_post.c.post_id == post_id,
                t.campaign_post.c.campaign_id == (campaign_id or self.campaign_id),
            )
            .values(status=status)
        )
        self.touched(post_id)

    def decisions(self, *post_ids: int) -> None:
        """Logs the approval that stands for each of these."""
        for post_id in post_ids:
            id_ = (self.connection.execute(select(func.max(t.decision.c.id))).scalar() or 0) + 1
            self.connection.execute(
                insert(t.decision).values(
                    id=id_,
                    campaign_id=self.campaign_id,
                    post_id=post_id,
                    content_hash="1:",
                    verdict="approve",
                    by="anna",
                    at=self.now,
                )
            )
            self.connection.execute(
                update(t.campaign_post).where(t.campaign_post.c.post_id == post_id).values(decision_id=id_)
            )

    def change(self, post_id: int, **values: Any) -> None:
        self.connection.execute(update(t.post).where(t.post.c.id == post_id).values(**values))
        self.touched(post_id)

    def touched(self, post_id: int) -> None:
        query = select(t.post.c.thread_id).where(t.post.c.id == post_id)
        self._touched.add(self.connection.execute(query).scalar_one())

    def done(self) -> None:
        """Writes the change log."""
        touch(self.connection, self._touched, self.now)
        self._touched.clear()
