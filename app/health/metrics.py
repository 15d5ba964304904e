"""Numbers for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). Names of campaigns and sources
are in it, nothing that anybody wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ...collector.contract import MICROS
from ...storage import builds, running, runs, stats
from ...storage.builds import Built
from ...storage.runs import Totals
from ...storage.store import Connection
from ..workplace import Workplace
from .facts import Facts, gather
from .find import troubles

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Numbers:
    """`statuses`: posts by campaign slug and status. `totals`: of runs, by source id."""

    facts: Facts
    statuses: Mapping[tuple[str, str], int]
    totals: Mapping[int, Totals]
    last_build: Built | None
    at_work: bool


def measured(place: Workplace, connection: Connection) -> Numbers:
    slugs = {ids.campaign_id: slug for slug, ids in place.ids.items()}
    return Numbers(
        gather(place, connection),
        {
            (slugs[campaign_id], status): number
            for (campaign_id, status), number in stats.statuses(connection).items()
            if campaign_id in slugs
        },
        runs.totals(connection),
        builds.last_build(connection),
        running.running(connection, place.clock.now()) is not None,
    )


def exposed(numbers: Numbers) -> bytes:
    """The page that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(_families(numbers)))
    return generate_latest(registry)


class _Once(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        return iter(self._families)

    def describe(self) -> Iterator[Metric]:
        return iter(())


def _families(of: Numbers) -> Iterator[Metric]:
    facts = of.facts
    yield _gauge("tagora_info", "Which program this is.", ["version"], [([version("tagora")], 1)])
    yield _gauge("tagora_run_at_work", "Whether a `tagora run` is at work.", [], [([], int(of.at_work))])
    yield _gauge(
        "tagora_posts", "Posts of a campaign, by status.", ["campaign", "status"],
        [([*key], number) for key, number in sorted(of.statuses.items())],
    )  # fmt: skip
    yield _gauge(
        "tagora_waiting", "Posts that wait for a person.", ["campaign"],
        [([one.slug], one.waiting) for one in facts.campaigns],
    )  # fmt: skip
    yield _gauge(
        "tagora_oldest_waiting_seconds", "For how long the first of them has waited.", ["campaign"],
        [([one.slug], _seconds(facts.now, one.oldest_at)) for one in facts.campaigns],
    )  # fmt: skip
    yield _gauge(
        "tagora_flood_brake", "Whether the flood brake is on.", ["campaign"],
        [([one.slug], int(one.flood_since is not None)) for one in facts.campaigns],
    )  # fmt: skip
    yield _gauge("tagora_reports", "What readers reported and nobody closed yet.", [], [([], facts.reports.number)])
    oldest = _seconds(facts.now, facts.reports.oldest_at)
    yield _gauge("tagora_oldest_report_seconds", "For how long the first of them has waited.", [], [([], oldest)])
    yield from _sources(of)
    yield from _site(of)
    disk_of = [(one.of, one) for one in facts.disks]
    yield _gauge("tagora_disk_free_bytes", "Room left.", ["for"], [([name], one.free) for name, one in disk_of])
    yield _gauge("tagora_disk_bytes", "Room in all.", ["for"], [([name], one.total) for name, one in disk_of])
    counted = Counter((one.kind, one.severity.value) for one in troubles(facts))
    yield _gauge(
        "tagora_troubles", "Troubles of docs/alerts.md that hold now.", ["kind", "severity"],
        [([*key], number) for key, number in sorted(counted.items())],
    )  # fmt: skip


def _sources(of: Numbers) -> Iterator[Metric]:
    sources = of.facts.sources
    totals = [(one.name, of.totals.get(one.source.id, Totals(0, 0, 0, 0, 0))) for one in sources]
    for name, words, value in (
        ("tagora_runs", "How often a source was asked.", lambda one: one.runs),
        ("tagora_run_errors", "How often that failed, at least in part.", lambda one: one.failed),
        ("tagora_posts_collected", "Posts that it brought.", lambda one: one.new),
        ("tagora_requests", "Calls that were made for it.", lambda one: one.requests),
        ("tagora_spent_usd", "Dollars that they cost.", lambda one: one.micros / MICROS),
    ):
        family = CounterMetricFamily(name, words, labels=["source"])
        for source, total in totals:
            family.add_metric([source], value(total))
        yield family
    yield _gauge(
        "tagora_last_success_timestamp_seconds", "When a source answered last.", ["source"],
        [([one.name], one.source.last_ok_at.timestamp()) for one in sources if one.source.last_ok_at],
    )  # fmt: skip
    yield _gauge(
        "tagora_due_timestamp_seconds", "When a source is asked next.", ["source"],
        [([one.name], one.source.due_at.timestamp()) for one in sources],
    )  # fmt: skip
    labels = ["whose", "unit", "period"]
    rows = {
        (one.source.account if ceiling.whose == "account" else one.name, ceiling.unit, ceiling.period): ceiling
        for one in sources
        for ceiling in one.ceilings
    }
    for name, words, number in (
        ("tagora_budget_used", "What is spent or set aside of a ceiling.", lambda ceiling: ceiling.spent),
        ("tagora_budget_ceiling", "The ceiling: dollars, or calls.", lambda ceiling: ceiling.limit),
    ):
        values = [
            ([whose, "usd" if unit == "micros" else unit, period], number(one) / (MICROS if unit == "micros" else 1))
            for (whose, unit, period), one in sorted(rows.items())
        ]
        yield _gauge(name, words, labels, values)


def _site(of: Numbers) -> Iterator[Metric]:
    last = of.last_build
    rows = [([], last.lasted / timedelta(seconds=1))] if last else []
    yield _gauge("tagora_build_seconds", "How long the last build took.", [], rows)
    ended = [([], last.ended_at.timestamp())] if last else []
    yield _gauge("tagora_build_timestamp_seconds", "When it ended.", [], ended)
    behind = _seconds(of.facts.now, of.facts.unshown_since)
    yield _gauge("tagora_site_behind_seconds", "For how long a change has not been on the site.", [], [([], behind)])


def _gauge(name: str, words: str, labels: list[str], rows: Iterable[tuple[list[str], float]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _seconds(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since) / timedelta(seconds=1))
