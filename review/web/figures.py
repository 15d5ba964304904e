"""The record's charts and counts, in the interface's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from ...presentation.charts import Chart, Series
from ...presentation.formats import Formats
from ...presentation.words import words
from ...storage import figures as stored
from ...storage import transparency
from ...storage.store import Connection
from ...storage.transparency import Counts
from .. import figures as drawn
from ..figures import Span
from ..reasons import codes
from .surroundings import Surroundings
from .templating import LOCALES


def span_of(days: int, here: Surroundings) -> Span:
    return Span(days, here.clock.now(), ZoneInfo(here.timezone))


def counted(connection: Connection, campaign_id: int) -> Counts:
    """What became of everything, as it stands now."""
    return transparency.count(connection, campaign_id, codes(connection, campaign_id))


def charts(connection: Connection, campaign_id: int, days: int, here: Surroundings, language: str) -> Sequence[Chart]:
    """How long the queue was, what people decided, how long posts had waited for it."""
    span = span_of(days, here)
    tell = words(language, *LOCALES).gettext
    whole = Formats(language, here.timezone)
    hours = stored.decided_by_hour(connection, campaign_id, span.since)
    queue = drawn.queue_lengths(stored.samples(connection, campaign_id, span.since), span)
    decided = drawn.decided(hours, span)
    ages = drawn.ages(stored.waited(connection, campaign_id, span.since), span)
    labels = tuple(_label(place, span, language) for place in span.places)
    ticks = tuple(_tick(place, span, language) for place in span.places) if span.by_hour else ()
    day_labels = tuple(_label(day, span, language) for day in span.dates)

    def number(value: float) -> str:
        return whole.number(round(value)) if value == round(value) else f"{value:.1f}"

    return (
        Chart(
            tell("How long the queue was"),
            "curves",
            labels,
            (
                Series(tell("waiting"), tuple(one and one[0] for one in queue)),
                Series(tell("held"), tuple(one and one[1] for one in queue)),
            ),
            number,
            ticks,
        ),
        Chart(
            tell("Decisions by people, each hour") if span.by_hour else tell("Decisions by people, each day"),
            "stacked",
            labels,
            (
                Series(tell("approved"), tuple(one[0] for one in decided)),
                Series(tell("rejected"), tuple(one[1] for one in decided)),
                Series(tell("held"), tuple(one[2] for one in decided)),
            ),
            number,
            ticks,
        ),
        Chart(
            tell("How many hours posts had waited when they were decided"),
            "behind",
            day_labels,
            (
                Series(tell("median"), tuple(one and one.median.total_seconds() / 3600 for one in ages)),
                Series(tell("longest"), tuple(one and one.worst.total_seconds() / 3600 for one in ages)),
            ),
            number,
        ),
    )


def _label(place: datetime | date, span: Span, language: str) -> str:
    if isinstance(place, datetime):
        local = place.astimezone(span.zone)
        return f"{format_date(local.date(), 'd MMM', locale=language)} {local:%H:%M}"
    return format_date(place, "d MMM", locale=language)


def _tick(place: datetime | date, span: Span, language: str) -> str:
    """Of hours, each day's first one stands below the axis."""
    if not isinstance(place, datetime) or place.astimezone(span.zone).hour:
        return ""
    return format_date(place.astimezone(span.zone).date(), "d MMM", locale=language)
