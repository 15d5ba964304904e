"""What readers ask for or report, and what moderators do about it. Two moderators never do the same twice: whatever is
done closes the report in the same transaction, and who comes second is told who was first. Each function works inside
the caller's writing transaction; those that only read say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from ..core.conditions import Stands
from ..core.config_types import is_mail_address
from ..core.decisions import Verdict
from ..core.errors import TagoraError, UsageError
from ..core.normalise import MAX_URL, clean_line, clean_text, clean_url
from ..core.tongue import said
from ..presentation.posts import anchor_of
from ..storage import reports, sessions
from ..storage.places import find_posts
from ..storage.reports import Act, Kind, Outcome, Report
from ..storage.standing import author_of, posts_of
from ..storage.store import Connection
from . import deciding, moderate, throttle
from .deciding import TakenBack
from .names import person

MAX_WORDS = 4_000
MOST_OPEN = 1_000  # more of them nobody could look at; then mail is the way
CLEANED_AFTER = timedelta(days=30)  # of closing: until then an answer may have to be given again
_PLACE = re.compile(r"/?(?P<slug>[a-z0-9][a-z0-9-]*)/(?P<address>[a-z2-7]+)\b")  # a discussion's page, or a part of it


class TooOften(TagoraError):
    """Reports come too fast, from this address or in all; `seconds` until the next is taken."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, -(-wait // timedelta(seconds=1)))
        super().__init__("too much was reported in a short time", "Wait a minute, then send it again.")


class TooMany(TagoraError):
    """So much waits already that nobody would come to this one."""

    def __init__(self) -> None:
        super().__init__("too many reports wait already", "Write to the address on the page about this collection.")


class AlreadyClosed(TagoraError):
    """Somebody else was quicker."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as a reader sent it, not looked at yet."""

    kind: str
    target: str
    words: str
    contact: str
    language: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where readers read: the site's address, with a slash at its end, and its campaigns' ids by slug."""

    address: str
    campaigns: Mapping[str, int]


# --- readers ---------------------------------------------------------------------------------------------------------


def count_try(connection: Connection, address: str | None, now: datetime) -> None:
    """Counts a report that is about to be taken. Raises TooOften."""
    counted = throttle.report_buckets(address)
    tried = sessions.failures(connection, [one.digest for one in counted], now - throttle.WINDOW)
    wait = throttle.wait(counted, tried, now)
    if wait > throttle.NOTHING:
        raise TooOften(wait)
    sessions.add_failures(connection, [one.digest for one in counted], now, now - throttle.WINDOW)


def file(connection: Connection, filed: Filed, site: Site, now: datetime) -> int:
    """Keeps the report for the moderators; its number. Raises UsageError for one that says too little, TooMany."""
    kind = next((one for one in Kind if one.value == filed.kind), None)
    if kind is None:
        raise UsageError("it is not said what this is about", "Choose one of the kinds.")
    target = clean_line(filed.target, MAX_URL)
    if target is None:
        raise UsageError("the address of the post is missing", "Paste it, or the address of your account.")
    words = clean_text(filed.words, MAX_WORDS).strip() or None
    if kind is Kind.OTHER and words is None:
        raise UsageError("it is not said what is wrong", "Say it in a few words.")
    contact = clean_line(filed.contact, 320)
    if contact is not None and not is_mail_address(contact):
        raise UsageError("that is no mail address", "Write one like anna@example.org, or none.")
    if reports.waiting(connection).number >= MOST_OPEN:
        raise TooMany
    campaign_id, post_id = about(connection, target, site)
    return reports.add(
        connection,
        kind,
        now,
        language=filed.language,
        target=target,
        words=words,
        contact=contact,
        campaign_id=campaign_id,
        post_id=post_id,
    )


def about(connection: Connection, target: str, site: Site) -> tuple[int | None, int | None]:
    """Reads only. Which campaign and post are meant by an address: the post's place on the site, or where it was
    written; None for what cannot be told. Of a discussion without a place in it, its first post."""
    if clean_url(target) is None:
        return None, None
    inside = within(target, site.address)
    if inside is None:
        wanted = set(site.campaigns.values())
        found = [place for place in find_posts(connection, target) if place.campaign_id in wanted]
        return (found[0].campaign_id, found[0].post_id) if found else (None, None)
    path, anchor = inside
    place = _PLACE.match(path)
    campaign_id = site.campaigns.get(place["slug"]) if place else None
    if place is None or campaign_id is None:
        return None, None
    posts = reports.thread_posts(connection, campaign_id, place["address"])
    if anchor:
        posts = [one for one in posts if anchor_of(one[1], one[2]) == anchor]
    return campaign_id, (posts[0][0] if posts else None)


def within(target: str, site: str) -> tuple[str, str] | None:
    """Pure. An address of the site, as the path below it and the place on the page; None for another."""
    if clean_url(target) is None:
        return None
    ours, given = urlsplit(site), urlsplit(target.strip())
    if (given.netloc.lower(), given.scheme.lower()[:4]) != (ours.netloc.lower(), "http"):
        return None
    if not given.path.startswith(ours.path):
        return None
    return unquote(given.path[len(ours.path) :]), unquote(given.fragment)


# --- moderators ------------------------------------------------------------------------------------------------------


def reject(
    connection: Connection, campaign_id: int, found: Report, by: str, now: datetime, *, reason: str | None
) -> None:
    """The post leaves the site; that can be taken back. Raises UsageError where there is none or a colleague has it
    open, AlreadyClosed."""
    decided = deciding.decide(connection, campaign_id, [_post(found)], Verdict.REJECT, by, now, reason=reason)
    _close(connection, campaign_id, found, Outcome.REJECTED, by, now, stroke=decided[0].decision_id)


def block(
    connection: Connection, campaign_id: int, found: Report, by: str, now: datetime, *, reason: str | None
) -> int:
    """Everything by the post's author leaves the campaign's pages, and what they write later is rejected unseen; how
    many posts left. Raises UsageError, AlreadyClosed."""
    author = author_of(connection, _post(found))
    if author is None:
        raise UsageError("it is not known who wrote the post", "Reject it, or withdraw it.")
    posts = posts_of(connection, campaign_id, author.id)
    decided = deciding.decide(connection, campaign_id, posts, Verdict.REJECT, by, now, reason=reason) if posts else []
    moderate.set_standing(connection, campaign_id, author.id, Stands.BLOCKED, by, now)
    stroke = next((one.decision_id for one in decided if one.decision_id is not None), None)
    _close(connection, campaign_id, found, Outcome.BLOCKED, by, now, stroke=stroke)
    return len(decided)


def dismiss(connection: Connection, campaign_id: int, found: Report, by: str, now: datetime, *, why: str) -> None:
    """Nothing is done about the post. Raises UsageError without a reason, AlreadyClosed."""
    words = clean_line(why, deciding.MAX_REASON)
    if words is None:
        raise UsageError("a reason is missing", "Say in a few words why nothing is done; only the team reads it.")
    _close(connection, campaign_id, found, Outcome.DISMISSED, by, now, words=words)


def settled(connection: Connection, campaign_id: int, found: Report, outcome: Outcome, by: str, now: datetime) -> None:
    """What was asked for was done for good (a withdrawal, or somebody is not collected). What the report says goes with
    it; whom to answer stays for a while. Raises AlreadyClosed."""
    _close(connection, campaign_id, found, outcome, by, now)
    reports.forget_words(connection, found.id)


def reopen(connection: Connection, campaign_id: int, found: Report, by: str, now: datetime) -> TakenBack:
    """What was done is taken back, and the report waits again; what others decided on the posts since then stays.
    Raises UsageError for what was done for good."""
    if found.outcome is None:
        raise UsageError("this report is open")
    if found.outcome is Outcome.WITHDRAWN:
        raise UsageError("a withdrawal cannot be taken back")
    if found.outcome is Outcome.NOT_COLLECTED:
        raise UsageError("this is taken back where it is known who it was", "tagora optout --take-back ACCOUNT")
    taken = TakenBack((), ())
    if found.stroke is not None:
        ids = deciding.stroke(connection, found.stroke)
        taken = deciding.take_back(connection, ids, by, now, campaign_id=campaign_id)
    author = author_of(connection, found.post_id) if found.post_id and found.outcome is Outcome.BLOCKED else None
    if author is not None:
        moderate.set_standing(connection, campaign_id, author.id, None, by, now)
    if not reports.reopen(connection, found.id, person(by), now):
        raise UsageError("this report is open")
    return taken


def place(
    connection: Connection, campaign_id: int, found: Report, target: str, site: Site, by: str, now: datetime
) -> None:
    """A moderator says which post is meant. Raises UsageError where none of the campaign's is there."""
    of, post_id = about(connection, clean_line(target, MAX_URL) or "", site)
    if of != campaign_id or post_id is None:
        raise UsageError(
            "no post of this campaign is held at this address", "Paste it as its network or our site shows it."
        )
    reports.place(connection, found.id, campaign_id, post_id, person(by), now)


def must_be_open(found: Report) -> None:
    """Before what cannot be done in the transaction that closes it. Raises UsageError."""
    if found.closed_at is not None:
        raise UsageError("this report is closed", "Nothing was done.")


def to_withdraw(target: str | None) -> str:
    """What is to be withdrawn. Raises UsageError where there is nothing."""
    if target is None:
        raise UsageError("no post was found for this report", "Say first which one is meant.")
    return target


def _post(found: Report) -> int:
    if found.post_id is None:
        raise UsageError("no post was found for this report", "Say first which one is meant.")
    return found.post_id


def _close(
    connection: Connection,
    campaign_id: int,
    found: Report,
    outcome: Outcome,
    by: str,
    now: datetime,
    *,
    words: str | None = None,
    stroke: int | None = None,
) -> None:
    by = person(by)
    if reports.close(connection, found.id, campaign_id, outcome, by, now, words=words, stroke=stroke):
        return
    last: Act = reports.acts(connection, found.id)[-1]
    raise AlreadyClosed(
        said("%(name)s was quicker: this report is closed", name=last.by), "Nothing was done a second time."
    )
