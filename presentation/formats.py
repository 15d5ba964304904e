"""Times, dates and numbers as readers write them. Never relative: a page must not depend on the hour."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal


class Stamp(NamedTuple):
    """A moment for machines and for people."""

    iso: str
    text: str


class Formats:
    """How one language, in one time zone, writes what people read."""

    def __init__(self, language: str, timezone: str) -> None:
        self.language = language
        self.zone = ZoneInfo(timezone)

    def local(self, micros: int) -> datetime:
        return datetime.fromtimestamp(micros // 1_000_000, self.zone)

    def moment(self, micros: int) -> Stamp:
        """ "2026-11-23T13:00:00+01:00" and "23 Nov 2026, 13:00"."""
        iso = self.local(micros).isoformat()
        return Stamp(iso, f"{_day(iso[:10], self.language)}, {iso[11:16]}")

    def lately(self, micros: int) -> str:
        """ "Tue 24 Nov, 14:02": a moment of these weeks, said aloud."""
        local = self.local(micros)
        return f"{format_date(local.date(), 'EEE d MMM', locale=self.language)}, {local:%H:%M}"

    def day(self, day: date) -> str:
        return _long_day(day, self.language)

    def month(self, month: str) -> str:
        """ "2026-11" as "November 2026"."""
        return _month(month, self.language)

    def short_day(self, day: date) -> str:
        """ "24 Nov"."""
        return format_date(day, "d MMM", locale=self.language)

    def short_month(self, day: date) -> str:
        """ "Nov 2026"."""
        return format_date(day, "LLL y", locale=self.language)

    def tongue(self, code: str) -> str | None:
        """ "it" as "Italian"; None for what no language is called by."""
        return _tongue(code, self.language)

    def number(self, number: int) -> str:
        return format_decimal(number, locale=self.language)


@lru_cache(maxsize=5_000)
def _tongue(code: str, language: str) -> str | None:
    return Locale.parse(language).languages.get(code)


@lru_cache(maxsize=20_000)
def _day(day: str, language: str) -> str:
    return format_date(date.fromisoformat(day), "d MMM y", locale=language)


@lru_cache(maxsize=5_000)
def _long_day(day: date, language: str) -> str:
    return format_date(day, "d MMMM y", locale=language)


@lru_cache(maxsize=5_000)
def _month(month: str, language: str) -> str:
    return format_date(date.fromisoformat(f"{month}-01"), "LLLL y", locale=language)
