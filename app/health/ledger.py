"""What is told when: each trouble once when it begins, once when it is over, all that lasts once a day. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...storage.troubles import Channel, Line, Notice, Noticed
from .trouble import Severity, Trouble

OVER = timedelta(minutes=10)  # a trouble that is not seen for so long is over
APART = timedelta(minutes=15)  # two notices come at least so far apart: what begins meanwhile goes into the next one
DAILY = timedelta(days=1)
UNDER_WAY = timedelta(minutes=2)  # for so long another process may be sending a notice
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)

Lines = Callable[[Trouble], Line]


def observe(known: Mapping[str, Noticed], seen: Sequence[Trouble], now: datetime) -> dict[str, Noticed]:
    """What is known after a look that found the troubles `seen`."""
    found: dict[str, Noticed] = {}
    for one in seen:
        before = known.get(one.key)
        since = before.since if before else min(one.since or now, now)
        found[one.key] = Noticed(since)
    for key, before in known.items():
        if key not in found:
            gone_at = before.gone_at or now
            if not _passed(OVER, gone_at, now):
                found[key] = replace(before, gone_at=gone_at)
    return found


def next_notice(
    channel: Channel, name: str, known: Mapping[str, Noticed], seen: Sequence[Trouble], line: Lines, now: datetime
) -> Notice | None:
    """What the channel `name` is to be told now, if anything. A channel is not told that it fails itself. A notice that
    was written down and perhaps not sent is sent again as it was."""
    if channel.due is not None and now < channel.due <= now + LONGEST_PAUSE:
        return None
    if channel.notice is not None:
        return channel.notice if _passed(UNDER_WAY, channel.notice.made_at, now) else None
    if channel.sent_at is not None and not _passed(APART, channel.sent_at, now):
        return None
    to_tell = {one.key: one for one in seen if one.severity is not Severity.NOTE and one.kind != f"{name} fails"}
    begun = tuple(line(one) for key, one in to_tell.items() if key not in channel.told)
    ended = tuple(told for key, told in channel.told.items() if key not in known)
    lasting = tuple(line(one) for key, one in to_tell.items() if key in channel.told and one.passes)
    daily = lasting and (channel.sent_at is None or _passed(DAILY, channel.sent_at, now))
    if not begun and not [one for one in ended if one.passes] and not daily:
        return None
    return Notice(channel.number + 1, now, begun, ended, lasting)


def _passed(span: timedelta, since: datetime, now: datetime) -> bool:
    """Whether `span` went by. A moment that lies ahead was told by a clock that was wrong: it keeps nothing waiting."""
    return not timedelta(0) <= now - since < span


def writing_down(channel: Channel, notice: Notice) -> Channel:
    return replace(channel, notice=notice, number=notice.number)


def succeeded(channel: Channel, notice: Notice, now: datetime) -> Channel:
    """The notice was taken."""
    over = {one.key for one in notice.ended}
    told = {key: one for key, one in channel.told.items() if key not in over}
    told |= {one.key: one for one in (*notice.begun, *notice.lasting)}
    return Channel(told, notice.number, now)


def failed(channel: Channel, problem: str, now: datetime, *, sure: bool) -> Channel:
    """Tried again after 1, 2, 4 … 30 minutes: where the notice was surely not taken, with what is to be told then, else
    with the very same. One that was tried before may have been taken then."""
    fresh = channel.notice is not None and channel.notice.made_at == now
    pause = min(FIRST_PAUSE * 2 ** min(channel.attempts, 20), LONGEST_PAUSE)
    return replace(
        channel,
        notice=None if sure and fresh else channel.notice,
        attempts=channel.attempts + 1,
        due=now + pause,
        failing_since=channel.failing_since or now,
        problem=problem,
    )
