"""A source of the fake network, ready to run in a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from tagora.collector.plan import RunReport, SourcePlan
from tagora.collector.run import run_source
from tagora.core.clock import ManualClock
from tagora.core.recheck import NEVER, Recheck
from tagora.storage import campaigns, windows
from tagora.storage.store import Connection, Store
from tagora.storage.tables import campaign_post, conversation, gap, payload, post

from .fake_platform import FakeConfig, FakeNetwork


@dataclass
class Bench:
    store: Store
    clock: ManualClock
    network: FakeNetwork
    plan: SourcePlan
    decided: list[tuple[int, ...]] = field(default_factory=list)

    @classmethod
    def of(cls, store: Store, clock: ManualClock, network: FakeNetwork, **changes: Any) -> Bench:
        """A campaign "c" with one source "fake", asked every ten minutes."""
        with store.writing() as connection:
            seed = campaigns.SourceSeed("fake", "fake", "fake", "1")
            ids = campaigns.sync(connection, [campaigns.CampaignSeed("c", "review_first", (seed,))], clock.now())["c"]
        plan = SourcePlan(
            campaign_id=ids.campaign_id,
            campaign="c",
            source_id=ids.sources["fake"],
            name="fake",
            platform="fake",
            account="fake",
            config=FakeConfig(),
            secrets={},
            tags=("mmgCasnocha",),
            every=timedelta(minutes=10),
            recheck=Recheck(NEVER),
        )
        return cls(store, clock, network, replace(plan, **changes))

    def run(self, **more: Any) -> RunReport:
        more = {"when_due": False, "wait": lambda _: None, **more}
        return run_source(self.plan, self.network.platform(), self.store, self.clock, self.decide, **more)

    def decide(self, connection: Connection, campaign_id: int, post_ids: Sequence[int], now: datetime) -> None:
        self.decided.append(tuple(post_ids))

    def later(self, **step: float) -> None:
        self.clock.advance(timedelta(**step))

    # --- what the store holds ---------------------------------------------------------------------------------------

    def held(self) -> dict[int, str]:
        """Post number -> why it belongs."""
        with self.store.reading() as connection:
            rows = connection.execute(
                select(post.c.native_id, campaign_post.c.via)
                .select_from(campaign_post.join(post, post.c.id == campaign_post.c.post_id))
                .where(post.c.held)
            )
            return {int(native_id): via for native_id, via in rows}

    def all_posts(self) -> set[int]:
        """Every held post, belonging or not."""
        with self.store.reading() as connection:
            return {int(one) for one in connection.execute(select(post.c.native_id).where(post.c.held)).scalars()}

    def bodies(self) -> int:
        with self.store.reading() as connection:
            return len(connection.execute(select(payload.c.id)).all())

    def gaps(self) -> dict[tuple[int, str], str]:
        with self.store.reading() as connection:
            rows = connection.execute(
                select(post.c.native_id, gap.c.kind, gap.c.reason).select_from(
                    gap.join(post, post.c.id == gap.c.post_id)
                )
            )
            return {(int(native_id), kind): reason for native_id, kind, reason in rows}

    def windows(self) -> list[windows.Window]:
        with self.store.reading() as connection:
            return windows.of_source(connection, self.plan.source_id)

    def followed(self) -> list[tuple[str, int]]:
        with self.store.reading() as connection:
            rows = connection.execute(
                select(conversation.c.kind, post.c.native_id).select_from(
                    conversation.join(post, post.c.id == conversation.c.post_id)
                )
            )
            return sorted((kind, int(native_id)) for kind, native_id in rows)
