"""What a store holds, in the words of the sandbox's truth."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from sqlalchemy import select

from tagora.core.normalise import CUT
from tagora.core.wishes import is_refused
from tagora.sandbox import Network, Truth, TruthPost
from tagora.storage.store import Store
from tagora.storage.tables import author, campaign_post, gap, metadata, post, thread

_QUOTE_LINE = re.compile(r"^RE: https://\S+\n\n")
_SHORT_LINKS_AT_THE_END = re.compile(r"(\s*https://t\.co/\w+)*")


@dataclass(frozen=True, slots=True)
class Held:
    """`thread` is its address, `parent` a native id."""

    text: str
    author: str | None
    parent: str | None
    thread: str
    via: str
    gone: str | None


def held(store: Store) -> dict[str, Held]:
    """Every held post of the campaign by native id, also those that their networks withdrew (`gone`)."""
    upper = post.alias("upper")
    columns = (post.c.native_id, post.c.text, author.c.native_id, upper.c.native_id, thread.c.address,
               campaign_post.c.via, post.c.gone)  # fmt: skip
    with store.reading() as connection:
        rows = connection.execute(
            select(*columns)
            .select_from(
                campaign_post.join(post, post.c.id == campaign_post.c.post_id)
                .join(thread, thread.c.id == post.c.thread_id)
                .outerjoin(author, author.c.id == post.c.author_id)
                .outerjoin(upper, upper.c.id == post.c.parent_id)
            )
            .where(post.c.held)
        ).all()
    return {row[0]: Held(row[1] or "", *row[2:]) for row in rows}


def gaps(store: Store) -> set[tuple[str, str, str]]:
    """(native id, post | replies, reason)"""
    with store.reading() as connection:
        rows = connection.execute(
            select(post.c.native_id, gap.c.kind, gap.c.reason).join(post, post.c.id == gap.c.post_id)
        ).all()
    return {(row[0], row[1], row[2]) for row in rows}


def wanted(truth: Truth) -> dict[str, TruthPost]:
    """What belongs by native id, without those who ask not to be collected."""
    return {one.native_id: one for one in truth.posts if not is_refused(one.wishes)}


def reads_like(one: Held, true: TruthPost) -> bool:
    """Whether the text is as the network sent it. Of X, short links at the end that stand for pictures are cut; in
    the fediverse the line that stands in for a quote stays where the server does not give the quote. Of a long article
    only the beginning is kept."""
    if true.network == Network.FEED and one.text.endswith(CUT):
        return len(one.text) > 300 and true.sent_text.startswith(one.text.removesuffix(CUT))
    if true.network != Network.X:
        text = _QUOTE_LINE.sub("", one.text) if true.quote_of else one.text
        return text == true.sent_text
    rest = true.sent_text.removeprefix(one.text)
    return true.sent_text.startswith(one.text) and _SHORT_LINKS_AT_THE_END.fullmatch(rest) is not None


def everything(store: Store) -> str:
    """All that stands in any table, payloads unpacked."""
    found: list[str] = []
    with store.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found += [
                    zlib.decompress(value).decode("utf-8") if (table.name, name) == ("payload", "body") else str(value)
                    for name, value in row.items()
                ]
    return "\n".join(found)
