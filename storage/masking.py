"""Making one person unreadable in what other people wrote."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ..core.content_hash import bind, body_hash
from ..core.records import Entity, EntityKind, Media, MediaKind, Post, PostRef
from .batches import chunks, write
from .contents import carry_decisions
from .tables import decision, entity, media, note, post

HIDDEN = "@…"


@dataclass(frozen=True, slots=True)
class Mask:
    """`words`: what a text must contain (in lower case) to have something to hide."""

    words: tuple[str, ...]
    addresses: frozenset[str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, handles: Iterable[str], addresses: Iterable[str]) -> Mask:
        """Hides @handle (with or without its host) and the addresses of an account, with what hangs below them."""
        found = frozenset(address.rstrip("/") for address in addresses)
        names = {handle.lower().lstrip("@") for handle in handles}
        ways: list[str] = [re.escape(address) + r"(?![\w-])" for address in found]
        words = {address.lower() for address in found}
        for handle in names:
            words.add(f"@{handle}")
            ways.append(rf"@{re.escape(handle)}(?![\w@-])")
            if "@" not in handle:  # an address of a network where handles are unique: https://x.com/anna/status/1
                words.add(f"/{handle}")
                ways.append(rf"(?<=\w/){re.escape(handle)}(?![\w-])")
        pattern = re.compile("|".join(sorted(ways, key=len, reverse=True)) or r"(?!)", re.IGNORECASE)
        return cls(tuple(sorted(words)), found, pattern)

    def line(self, value: str | None) -> str | None:
        return None if value is None else self.pattern.sub(HIDDEN, value)

    def post(self, said: Post) -> Post:
        """`said` with the person hidden; the other entities keep to their words."""
        places = self._places(said)
        text, at = "", 0
        for start, end in places:
            text, at = text + said.text[at:start] + HIDDEN, end
        kept = [
            replace(
                part,
                start=_moved(part.start, places),
                end=max(_moved(part.end, places), _moved(part.start, places)),
                display=self.line(part.display),
            )
            for part in said.entities
            if not self._names(part)
        ]
        masked = replace(
            said,
            text=text + said.text[at:],
            title=self.line(said.title),
            warning=self.line(said.warning),
            entities=tuple(kept),
            media=tuple(replace(part, alt=self.line(part.alt)) for part in said.media),
        )
        hidden = masked != said or (said.html and self.pattern.search(said.html))
        return replace(masked, html=None) if hidden else said

    def _places(self, said: Post) -> list[tuple[int, int]]:
        """The stretches of the text to hide: what the pattern finds, and mentions of the account however written."""
        found = [match.span() for match in self.pattern.finditer(said.text)]
        found += [(part.start, part.end) for part in said.entities if self._names(part) and _is_mention(part)]
        places: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if places and start < places[-1][1]:
                places[-1] = (places[-1][0], max(end, places[-1][1]))
            elif start < end:
                places.append((start, end))
        return places

    def _names(self, part: Entity) -> bool:
        return part.target.rstrip("/") in self.addresses or self.pattern.search(part.target) is not None


def _is_mention(part: Entity) -> bool:
    return part.kind is EntityKind.MENTION


def _moved(at: int, places: Sequence[tuple[int, int]]) -> int:
    """Where code point `at` is after every place was replaced by HIDDEN."""
    shift = 0
    for start, end in places:
        if at <= start:
            break
        if at < end:
            return start + shift + min(at - start, len(HIDDEN))
        shift += len(HIDDEN) - (end - start)
    return at + shift


def mask_posts(connection: Connection, post_ids: Collection[int], masks: Sequence[Mask]) -> None:
    """Hides people in these posts. The words around stay, so decisions go over to the new content hash."""
    if not masks:
        return
    hashes: dict[int, tuple[str, str]] = {}
    for said, row in _read(connection, post_ids):
        masked = said
        for mask in masks:
            masked = mask.post(masked)
        if masked == said:
            continue
        body = body_hash(masked)
        hashes[row["id"]] = (row["content_hash"], bind(body, said.reply_to, said.quote_of))
        connection.execute(
            update(post)
            .where(post.c.id == row["id"])
            .values(
                text=masked.text,
                title=masked.title,
                warning=masked.warning,
                html=None,
                body_hash=body,
                content_hash=hashes[row["id"]][1],
            )
        )
        connection.execute(delete(entity).where(entity.c.post_id == row["id"]))
        write(
            connection,
            insert(entity),
            [
                {
                    "post_id": row["id"],
                    "position": position,
                    "start": part.start,
                    "end": part.end,
                    "kind": part.kind.value,
                    "target": part.target,
                    "display": part.display,
                }
                for position, part in enumerate(masked.entities)
            ],
        )
        write(
            connection,
            update(media).where(media.c.post_id == bindparam("b_id"), media.c.position == bindparam("b_at")),
            [{"b_id": row["id"], "b_at": position, "alt": part.alt} for position, part in enumerate(masked.media)],
        )
    carry_decisions(connection, hashes)
    _mask_review(connection, list(hashes), masks)


def _mask_review(connection: Connection, post_ids: Collection[int], masks: Sequence[Mask]) -> None:
    """What moderators and rules noted about these posts: names hidden, matched words (which no longer fit) dropped."""
    for part in chunks(post_ids):
        connection.execute(update(decision).where(decision.c.post_id.in_(part)).values(matched=None))
        for column in (decision.c.reason, note.c.text):
            table = decision if column is decision.c.reason else note
            rows = connection.execute(select(table.c.id, column).where(table.c.post_id.in_(part), column.is_not(None)))
            hidden = [{"b_id": id_, "b_words": hide(words, masks)} for id_, words in rows.all()]
            change = update(table).where(table.c.id == bindparam("b_id")).values({column.name: bindparam("b_words")})
            write(connection, change, hidden)


def hide(words: str, masks: Sequence[Mask]) -> str:
    """`words` with these people's handles and addresses made unreadable."""
    for mask in masks:
        words = mask.line(words) or ""
    return words


def _read(connection: Connection, post_ids: Collection[int]) -> list[tuple[Post, Any]]:
    """These posts as far as their body hash and masks need them."""
    parent, quote = post.alias(), post.alias()
    read: list[tuple[Post, Any]] = []
    for part in chunks(post_ids):
        entities = _by_post(connection, entity, part)
        medias = _by_post(connection, media, part)
        rows = connection.execute(
            select(
                post,
                parent.c.origin.label("parent_origin"),
                parent.c.native_id.label("parent_native_id"),
                quote.c.origin.label("quote_origin"),
                quote.c.native_id.label("quote_native_id"),
            )
            .select_from(
                post.outerjoin(parent, parent.c.id == post.c.parent_id).outerjoin(quote, quote.c.id == post.c.quote_id)
            )
            .where(post.c.id.in_(part), post.c.held, post.c.text.is_not(None))
        ).mappings()
        for row in rows:
            said = Post(
                ref=PostRef(row["origin"], row["native_id"]),
                url=row["url"],
                author=None,
                published_at=row["published_at"],
                text=row["text"],
                title=row["title"],
                html=row["html"],
                warning=row["warning"],
                sensitive=row["sensitive"],
                reply_to=_ref(row["parent_origin"], row["parent_native_id"]),
                quote_of=_ref(row["quote_origin"], row["quote_native_id"]),
                entities=tuple(
                    Entity(e["start"], e["end"], EntityKind(e["kind"]), e["target"], e["display"])
                    for e in entities.get(row["id"], ())
                ),
                media=tuple(
                    Media(MediaKind(m["kind"]), m["url"], alt=m["alt"], stable_id=m["stable_id"])
                    for m in medias.get(row["id"], ())
                ),
            )
            read.append((said, row))
    return read


def _ref(origin: str | None, native_id: str | None) -> PostRef | None:
    return PostRef(origin, native_id) if origin is not None and native_id is not None else None


def _by_post(connection: Connection, table: Any, post_ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    rows = connection.execute(
        select(table).where(table.c.post_id.in_(post_ids)).order_by(table.c.post_id, table.c.position)
    ).mappings()
    for row in rows:
        found.setdefault(row["post_id"], []).append(row)
    return found
