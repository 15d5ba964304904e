"""How a discussion went: its posts by day, by week or by month, whichever its length asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from ...presentation.charts import Chart, Series
from ...presentation.formats import Formats
from ..look.own import SHIPPED, Look
from ..views import Activity
from .titles import activity_titles

MOST = 62  # columns, of days or weeks


def activity(days: Mapping[str, int], formats: Formats, look: Look = SHIPPED) -> Activity | None:
    """Of posts by day; None where there is nothing to compare yet."""
    counted = {date.fromisoformat(day): posts for day, posts in days.items()}
    if len(counted) < 2:
        return None
    first, last = min(counted), max(counted)
    span = (last - first).days + 1
    every = "day" if span <= MOST else "week" if span <= 7 * MOST else "month"
    columns = dict.fromkeys(_columns(every, first, last), 0)
    for day, posts in counted.items():
        columns[_begin(every, day)] += posts
    title, name = activity_titles(formats.language, look, every)
    labels = tuple(formats.month(f"{day:%Y-%m}") if every == "month" else formats.day(day) for day in columns)
    chart = Chart(
        title,
        "stacked",
        labels,
        (Series(name, tuple(columns.values())),),
        told=lambda value: formats.number(round(value)),
        ticks=_ticks(every, list(columns), formats),
    )
    return Activity(title, name, chart.svg(), tuple((label, values[0]) for label, values in chart.rows))


def _begin(every: str, day: date) -> date:
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


def _columns(every: str, first: date, last: date) -> Iterator[date]:
    at = _begin(every, first)
    while at <= last:
        yield at
        at = _begin(every, at + timedelta(days={"day": 1, "week": 7, "month": 31}[every]))


def _ticks(every: str, columns: list[date], formats: Formats) -> tuple[str, ...]:
    """Some of the columns, in few words."""
    apart = max(len(columns) // 5, 1)
    short = formats.short_month if every == "month" else formats.short_day
    return tuple(short(day) if place % apart == 0 else "" for place, day in enumerate(columns))
