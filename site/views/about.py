"""What readers are told of the site, and how they report."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from .frame import Head


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a campaign's posts up to a day: numbers by kind, and of the rejected ones by reason (None for
    those without words that may be told)."""

    title: str
    day: str
    numbers: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str | None, str], ...]


@dataclass(frozen=True, slots=True)
class AboutPage:
    """`campaigns`: what is collected, as (title, tags)."""

    head: Head
    controller: str | None
    contact: str | None
    mail: bool
    privacy_url: str | None
    keep_years: int | None
    campaigns: tuple[tuple[str, tuple[str, ...]], ...]
    networks: tuple[str, ...]
    became: tuple[Became, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Where readers report and withdraw: a form sent to `form`, a mail to `mail`, else what `contact` says. `policy`
    lets the form be sent there."""

    head: Head
    form: str | None
    mail: str | None
    contact: str | None
    policy: Markup
