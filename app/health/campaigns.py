"""Troubles with what people have to do: posts and reports that wait, floods, posts that could not be looked up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .facts import CampaignFacts, Facts
from .trouble import N_, Severity, Trouble, say

REPORT_LONG = timedelta(hours=12)  # half of the day that the strictest network gives for a withdrawal


def campaigns(facts: Facts) -> Iterator[Trouble]:
    for one in facts.campaigns:
        if one.flood_since is not None:
            yield _flood(one, one.flood_since)
        if one.oldest_at is not None and facts.now - one.oldest_at >= facts.oldest_pending:
            yield _waiting(one, one.oldest_at, facts.review)
        if one.fallen_back_at is not None:
            yield _fallen_back(one, one.fallen_back_at)


def _fallen_back(one: CampaignFacts, since: datetime) -> Trouble:
    return Trouble(
        "bare links",
        one.slug,
        Severity.WARNING,
        say(
            N_(
                "Of %(campaign)s readers get only the links of %(posts)s published posts: since %(when)s they could "
                "not be looked up in time."
            ),
            campaign=one.title,
            posts=one.fallen_back,
            when=since,
        ),
        since,
        say(N_("They come back by themselves as soon as their networks give them again.")),
        say(N_("See which source fails, or whether its budget suffices: tagora check")),
        one.slug,
    )


def _flood(one: CampaignFacts, since: datetime) -> Trouble:
    return Trouble(
        "flood",
        one.slug,
        Severity.WARNING,
        say(
            N_("Far more posts than usual came into %(campaign)s; the flood brake is on since %(when)s."),
            campaign=one.title,
            when=since,
        ),
        since,
        say(N_("Nothing is published unseen; the source rests and misses nothing that its network still gives.")),
        say(N_("Look at them, then release the brake: tagora publishing release --campaign %(slug)s"), slug=one.slug),
        one.slug,
    )


def _waiting(one: CampaignFacts, since: datetime, review: str | None) -> Trouble:
    queue = f"{review.rstrip('/')}/c/{one.slug}/?order=oldest" if review else ""
    return Trouble(
        "waiting",
        one.slug,
        Severity.WARNING,
        say(
            N_("Posts wait too long for a decision in %(campaign)s: %(posts)s in all, the oldest since %(when)s."),
            campaign=one.title,
            posts=one.waiting,
            when=since,
        ),
        since,
        None,
        say(N_("Decide on them: %(queue)s"), queue=queue)
        if queue
        else say(N_("See them: tagora list --campaign %(slug)s"), slug=one.slug),
        one.slug,
    )


def reports(facts: Facts) -> Iterator[Trouble]:
    number, since = facts.reports
    if since is None or facts.now - since < REPORT_LONG:
        return
    yield Trouble(
        "reports wait",
        "reports",
        Severity.WARNING,
        say(
            N_("What readers asked for or reported waits too long: %(reports)s in all, the oldest since %(when)s."),
            reports=number,
            when=since,
        ),
        since,
        say(N_("Who asks for a withdrawal has a right to it; some networks give a day.")),
        say(N_("Look at them in the review app, under Reports.")),
    )
