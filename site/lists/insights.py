"""What a campaign's discussions add up to: charts, each with its numbers as a table, all of them as one file. Nobody is
ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest

from babel import Locale

from ...presentation.charts import Chart, Kind, Series
from ...presentation.formats import Formats
from ...presentation.spreadsheet import BYTE_ORDER_MARK, harmless, row
from ...presentation.views import Completeness
from ...presentation.words import words
from ..facts import ABOUT, DEEPEST, SHOWN, TOTAL, UNKNOWN, UNTOLD
from ..look.own import Look
from ..pages import Page
from ..plan import campaign_feeds, head, home, interface
from ..settings import CampaignInfo
from ..shipped import LOCALES
from ..tallies import Figures
from ..views import Card, Counted, FigureView, InsightsPage, Link
from .about import became
from .material import Material, card_view, spoken
from .periods import Periods

MOST_ANSWERED = 10
NETWORKS = 5  # with a colour of their own; the rest together
LANGUAGES = 8
LONGEST = 60  # of a link's words
FILE = "figures.csv"

Tell = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart and its name in the page. `what`: the heading of its places."""

    name: str
    what: str
    chart: Chart


def insights(material: Material, campaign: CampaignInfo, formats: Formats) -> Iterator[Page]:
    """In one language of the interface: the page; in the campaign's own the file too, to which all pages lead."""
    figures = material.figures.get(campaign.slug)
    if figures is None or not figures.posts:
        return
    settings, cards = material.settings, material.cards[campaign.slug]
    _ = _words(formats.language, settings.look)
    top = f"{home(settings, formats.language)}{campaign.slug}/insights/"
    own = interface(settings, campaign.language)
    file = f"{home(settings, own)}{campaign.slug}/insights/{FILE}"
    drawn = tuple(charts(figures, formats, _))
    answered = [card for card in nsmallest(MOST_ANSWERED, cards, key=_by_answers) if card.posts > 1]
    told = became(campaign, material.noted[campaign.slug], formats) if campaign.slug in material.noted else None
    page = InsightsPage(
        head=head(
            settings,
            "insights",
            top,
            formats.language,
            f"{_('Insights')} · {campaign.title}",
            "",
            everywhere=f"{campaign.slug}/insights/",
            feeds=campaign_feeds(campaign),
        ),
        campaign=Link(campaign.title, f"{home(settings, formats.language)}{campaign.slug}/"),
        posts=formats.number(sum(figures.posts.values())),
        participants=formats.number(sum(figures.newcomers.values())),
        discussions=formats.number(len(cards)),
        figures=tuple(_figure(one) for one in drawn),
        answered=tuple(card_view(card, formats) for card in answered),
        links=tuple(Counted(_short(address), address, formats.number(n)) for address, n in figures.links),
        tags=tuple(Counted(f"#{tag}", None, formats.number(n)) for tag, n in figures.tags),
        csv=file,
        replies=completeness(figures),
        became=told,
    )
    yield Page(f"{top}index.html", "insights.html", formats.language, page, shown=spoken(answered))
    if formats.language == own:
        yield Page(file, None, formats.language, _csv(drawn, figures, _))


@lru_cache
def _words(language: str, look: Look) -> Tell:
    return words(language, *LOCALES, own=dict(look.words).get(language, b"")).gettext


# --- figures ---------------------------------------------------------------------------------------------------------


def charts(figures: Figures, formats: Formats, _: Tell) -> Iterator[Drawn]:
    """Pure: the same figures give the same charts."""
    periods = Periods.of(day for day, _ in figures.posts)
    what = {"day": _("Day"), "week": _("Week from"), "month": _("Month")}[periods.every]
    labels, ticks = periods.labels(formats), periods.ticks(formats.language)

    def over_time(name: str, title: str, kind: Kind, series: Sequence[Series]) -> Drawn:
        return Drawn(name, what, Chart(title, kind, labels, tuple(series), _told(formats), ticks))

    by_network: dict[str, Counter[object]] = {}
    for (day, network), number in figures.posts.items():
        by_network.setdefault(network, Counter())[periods.begin(day)] += number
    order = sorted(by_network, key=lambda one: (-by_network[one].total(), one))
    series = [Series(one, tuple(by_network[one][at] for at in periods.first)) for one in order[:NETWORKS]]
    if rest := order[NETWORKS:]:
        together = sum((by_network[one] for one in rest), Counter[object]())
        series.append(Series(_("Others"), tuple(together[at] for at in periods.first)))
    yield over_time("posts", _("Posts over time, by network"), "stacked", series)

    fresh: Counter[object] = Counter()
    for day, number in figures.newcomers.items():
        fresh[periods.begin(day)] += number
    if fresh:
        new = tuple(fresh[at] for at in periods.first)
        so_far = tuple(sum(new[: place + 1]) for place in range(len(new)))
        title = _("Participants: new ones, and all so far")
        yield over_time("participants", title, "curves", [Series(_("New"), new), Series(_("All so far"), so_far)])
    if figures.languages:
        yield _languages(figures, formats, _)
    deepest = max(figures.depths, default=0)
    places = [_depth(at, _) for at in range(deepest + 1)]
    yield Drawn(
        "depth",
        _("Place in the discussion"),
        Chart(
            _("How deep replies go"),
            "stacked",
            tuple(places),
            (Series(_("Posts"), tuple(figures.depths.get(at, 0) for at in range(deepest + 1))),),
            _told(formats),
            tuple(formats.number(at) + ("+" if at == DEEPEST else "") for at in range(deepest + 1)),
        ),
    )


def _languages(figures: Figures, formats: Formats, _: Tell) -> Drawn:
    names = Locale.parse(formats.language).languages
    known = {code: number for code, number in figures.languages.items() if code != UNKNOWN}
    order = sorted(known, key=lambda code: (-known[code], code))
    rows = [(names.get(code, code), code, known[code]) for code in order[:LANGUAGES]]
    for name, number in (
        (_("Others"), sum(known[code] for code in order[LANGUAGES:])),
        (_("Not told"), figures.languages.get(UNKNOWN, 0)),
    ):
        if number:
            rows.append((name, name, number))
    chart = Chart(
        _("Languages"),
        "stacked",
        tuple(name for name, _, _ in rows),
        (Series(_("Posts"), tuple(number for _, _, number in rows)),),
        _told(formats),
        tuple(tick for _, tick, _ in rows),
    )
    return Drawn("languages", _("Language"), chart)


def _depth(at: int, _: Tell) -> str:
    if at == 0:
        return _("Beginnings")
    if at == 1:
        return _("Answers to them")
    pattern = _("%(number)d steps below, or more") if at == DEEPEST else _("%(number)d steps below")
    return pattern % {"number": at}


def completeness(figures: Figures) -> Completeness:
    """Of all discussions together."""
    replies = dict(figures.replies)
    shown, total, about, untold = (replies.pop(name, 0) for name in (SHOWN, TOTAL, ABOUT, UNTOLD))
    absent = tuple(sorted(replies.items(), key=lambda one: (-one[1], one[0])))
    return Completeness(shown, total, bool(about), not untold, absent)


def _by_answers(card: Card) -> tuple[int, int, str]:
    return -card.posts, card.started, card.path


def _told(formats: Formats) -> Callable[[float], str]:
    return lambda value: formats.number(round(value))


# --- as page and as file ---------------------------------------------------------------------------------------------


def _figure(one: Drawn) -> FigureView:
    chart = one.chart
    return FigureView(
        name=one.name,
        title=chart.title,
        what=one.what,
        series=tuple(each.name for each in chart.series),
        svg=chart.svg(),
        rows=tuple(chart.rows),
    )


def _csv(drawn: Sequence[Drawn], figures: Figures, _: Tell) -> bytes:
    """All numbers in one file, a line each, as programs for statistics and pivot tables want them; one file, for with
    each new post all of them change."""
    lines: list[Sequence[str | int]] = [[_("Figure"), _("Place"), _("Series"), _("Number")]]
    for one in drawn:
        for each in one.chart.series:
            for label, value in zip(one.chart.labels, each.values, strict=True):
                lines.append([one.chart.title, label, each.name, round(value or 0)])
    lines += [[_("Links"), address, _("Posts"), number] for address, number in figures.links]
    lines += [[_("Other tags"), f"#{tag}", _("Posts"), number] for tag, number in figures.tags]
    text = "".join(row([harmless(cell) for cell in line]) for line in lines)
    return (BYTE_ORDER_MARK + text).encode("utf-8", "replace")


def _short(address: str) -> str:
    bare = address.partition("://")[2].removeprefix("www.")
    return bare if len(bare) <= LONGEST else f"{bare[: LONGEST - 1]}…"
