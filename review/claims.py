"""Opening a post claims it: nobody else decides on it meanwhile. A claim runs out by itself unless the page that holds
it says again and again that it is still open. Each function works inside the caller's writing transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..core.errors import UsageError
from ..core.normalise import clean_line
from ..storage import claims as stored
from ..storage.claims import Claim
from ..storage.decisions import subjects
from ..storage.store import Connection
from .names import person

MAX_WORDS = 500


def open_post(
    connection: Connection, campaign_id: int, post_id: int, by: str, now: datetime, lasts: timedelta
) -> Claim | None:
    """Claims the post for `by` if nobody else has it open. The claim that is in force now, which may be another's;
    None for a post that is not in the campaign."""
    stored.forget_ended(connection, now)
    return next(iter(keep_open(connection, campaign_id, [post_id], by, now, lasts)), None)


def keep_open(
    connection: Connection, campaign_id: int, post_ids: Sequence[int], by: str, now: datetime, lasts: timedelta
) -> list[Claim]:
    """The heartbeat of a page: what is `by`'s goes on, what ran out is claimed anew if it is free. The claims in force
    now: where one is another's whose `taken_from` is `by`, its `note` says why it was taken over."""
    by = person(by)
    held = list(subjects(connection, campaign_id, list(dict.fromkeys(post_ids))))
    there = stored.claims(connection, campaign_id, held, now)
    own = [post_id for post_id in held if post_id in there and there[post_id].by == by]
    free = [Claim(post_id, by, now, now + lasts) for post_id in held if post_id not in there]
    stored.extend(connection, campaign_id, own, now + lasts)
    stored.put(connection, campaign_id, free)
    in_force = there | {post_id: replace(there[post_id], until=now + lasts) for post_id in own}
    in_force |= {one.post_id: one for one in free}
    return [in_force[post_id] for post_id in held]


def take_over(
    connection: Connection, campaign_id: int, post_id: int, note: str, by: str, now: datetime, lasts: timedelta
) -> Claim:
    """The post is `by`'s from now on, and who had it is told `note`. Said twice, it is done once. Raises UsageError
    without a note, or for a post that is not in the campaign."""
    by = person(by)
    said = clean_line(note, MAX_WORDS)
    if said is None:
        raise UsageError("a post is taken over with a note", "Say in a few words why.")
    if not subjects(connection, campaign_id, [post_id]):
        raise UsageError(f"post #{post_id} is not held in this campaign")
    former = stored.claims(connection, campaign_id, [post_id], now).get(post_id)
    if former is None:
        taken = Claim(post_id, by, now, now + lasts)
    elif former.by == by:
        taken = replace(former, until=now + lasts)
    else:
        taken = Claim(post_id, by, now, now + lasts, said, former.by)
    stored.put(connection, campaign_id, [taken])
    return taken


def close_posts(connection: Connection, campaign_id: int, post_ids: Sequence[int], by: str, now: datetime) -> None:
    """What of these posts `by` has open is free again; others' claims stay."""
    there = stored.claims(connection, campaign_id, post_ids, now)
    stored.release(connection, campaign_id, [post_id for post_id, one in there.items() if one.by == person(by)])
