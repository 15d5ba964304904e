"""The real adapters against the networks in a box: what is held is what a perfect collector would hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tagora.collector import registry
from tagora.collector.plan import RunReport, SourcePlan
from tagora.collector.run import run_source
from tagora.core.clock import ManualClock
from tagora.core.wishes import is_refused
from tagora.sandbox import SMALL, FaultKind, Sandbox, load_script, truth
from tagora.storage import campaigns
from tagora.storage.store import Store
from tagora.storage.tables import campaign_post, gap, post

MINUTE = 600


@dataclass(frozen=True)
class Asked:
    name: str
    platform: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str]
    base_url: str | None


def _sources(box: Sandbox, network: str) -> list[Asked]:
    if network == "x":
        return [Asked("x", "x", {}, {"bearer_token": box.tokens.x}, box.x_url)]
    if network == "facebook":
        page = box.script.pages[0].id
        return [Asked("page", "facebook", {"page": page}, {"token": box.tokens.facebook.pages[page]}, box.graph_url)]
    if network == "bluesky":
        config = {"handle": box.tokens.bluesky.handle, "public_base_url": box.bluesky_public_url}
        return [Asked("bluesky", network, config, {"app_password": box.tokens.bluesky.app_password}, box.bluesky_url)]
    if network == "feed":
        told = [{"url": f"https://{blog.host}/feed/", "homes": box.blog_homes} for blog in box.script.blogs]
        return [Asked(one["url"], "feed", one, {}, None) for one in told]
    homes = {server.host: box.fediverse_url(server.host) for server in box.script.servers}
    return [
        Asked(host, "mastodon", {"homes": homes}, {"token": box.tokens.fediverse[host].user}, homes[host])
        for host in homes
    ]


def _run(store: Store, clock: ManualClock, box: Sandbox, asked: list[Asked]) -> list[RunReport]:
    seeds = tuple(campaigns.SourceSeed(one.name, one.platform, one.name, "1") for one in asked)
    with store.writing() as connection:
        ids = campaigns.sync(connection, [campaigns.CampaignSeed("c", "review_first", seeds)], clock.now())["c"]
    reports = []
    for one in asked:
        platform = registry.load(one.platform)
        plan = SourcePlan(
            campaign_id=ids.campaign_id,
            campaign="c",
            source_id=ids.sources[one.name],
            name=one.name,
            platform=one.platform,
            account=one.name,
            config=platform.config(**one.config),
            secrets=one.secrets,
            tags=(box.script.tag,),
            every=timedelta(minutes=10),
            base_url=one.base_url,
        )
        reports.append(run_source(plan, platform, store, clock, lambda *_: None, when_due=False, wait=lambda _: None))
    return reports


def _held(store: Store) -> set[str]:
    with store.reading() as connection:
        members = campaign_post.join(post, post.c.id == campaign_post.c.post_id)
        return set(connection.execute(select(post.c.native_id).select_from(members).where(post.c.held)).scalars())


def _gaps(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.execute(select(post.c.native_id).join(gap, gap.c.post_id == post.c.id)).scalars())


@pytest.mark.parametrize("network", ["x", "mastodon", "facebook", "bluesky", "feed"])
@pytest.mark.parametrize("fault", [None, FaultKind.SERVER_ERROR])
def test_all_that_can_be_had_is_held_all_else_is_a_named_gap_and_nothing_private_is(
    sqlite_store: Store, network: str, fault: FaultKind | None
) -> None:
    script = load_script(SMALL)
    clock = ManualClock(script.time(MINUTE))
    with Sandbox(script, now=MINUTE) as box:
        asked = _sources(box, network)
        if fault is not None:
            box.fault(
                fault,
                network={
                    "facebook": "graph",
                    "mastodon": "mastodon.uno",
                    "bluesky": "bluesky-public",
                    "feed": "quaderno.example",
                }.get(network, network),
                nth=3,
            )
            _run(sqlite_store, clock, box, asked)
            clock.advance(timedelta(hours=1))
            box.advance(60)
        reports = _run(sqlite_store, clock, box, asked)
        assert [report.error for report in reports] == [None] * len(asked)
        expected = truth(script, box.minute, networks=[network])
        held = _held(sqlite_store)
        wanted = {one.native_id for one in expected.posts if not is_refused(one.wishes)}
        perhaps = {box.native_id(key) for key in expected.perhaps}
        assert wanted - held == set()
        assert held - wanted - perhaps == set()
        assert held.isdisjoint({box.native_id(key) for key in expected.forbidden})
        assert {one.native_id for one in expected.gaps if one.needed} <= _gaps(sqlite_store)
