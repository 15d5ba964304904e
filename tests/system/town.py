"""A discussion in the sandbox and a Tagora that collects it: real wiring, real adapters, client libraries and store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tagora.app.collecting import collect
from tagora.app.workplace import Workplace, open_workplace
from tagora.collector.plan import RunReport
from tagora.core.clock import ManualClock
from tagora.sandbox import Sandbox, Script

DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Town:
    """The networks, and who collects them. Minutes are the script's."""

    box: Sandbox
    place: Workplace
    clock: ManualClock
    openers: tuple[str, ...]

    def collect(self, minute: int | None = None, *, when_due: bool = True) -> list[RunReport]:
        """One round over all sources, at this minute of the script (None: now)."""
        if minute is not None:
            self.clock.set(self.box.set_time(minute))
        return collect(self.place, when_due=when_due)


@contextmanager
def town(
    script: Script,
    folder: Path,
    *,
    openers: Sequence[str] = (),
    store: str = "sqlite:///tagora.db",
    budget: Mapping[str, float] | None = None,
    only: Iterable[str] = (),
    backwards: bool = False,
    at: int = 0,
) -> Iterator[Town]:
    """The script's networks and a workplace in `folder` that collects them (or those in `only`). `openers` are keys of
    the script; `backwards` names the sources in the opposite order."""
    with Sandbox(script, now=at) as box:
        folder.mkdir(parents=True, exist_ok=True)
        written = settings(box, openers, store, dict(budget or {"usd_per_month": 1000}), set(only), backwards)
        (folder / "config.yaml").write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
        for name, key in _keys(box).items():
            (folder / name).write_text(key, encoding="utf-8")
        clock = ManualClock(box.now)
        with open_workplace(folder / "config.yaml", clock) as place:
            yield Town(box, place, clock, tuple(openers))


def settings(
    box: Sandbox, openers: Sequence[str], store: str, budget: Mapping[str, float], only: set[str], backwards: bool
) -> dict[str, object]:
    """What a person would write into config.yaml to collect this sandbox."""
    homes = {server.host: box.fediverse_url(server.host) for server in box.script.servers}
    sources: list[dict[str, object]] = [
        {"platform": "mastodon", "name": host, "base_url": url, "token_file": f"{host}.key", "homes": homes}
        for host, url in homes.items()
    ]
    sources.append({"platform": "x", "account": "x-main"})
    sources += [
        {"platform": "facebook", "page": page.id, "base_url": box.graph_url, "token_file": f"{page.id}.key"}
        for page in box.script.pages
    ]
    sources.append(
        {
            "platform": "bluesky",
            "base_url": box.bluesky_url,
            "public_base_url": box.bluesky_public_url,
            "handle": box.tokens.bluesky.handle,
            "app_password_file": "bluesky.key",
            "session_file": "bluesky.session",
        }
    )
    sources += [
        {"platform": "feed", "url": f"https://{blog.host}/feed/", "homes": box.blog_homes, "every": "10m"}
        for blog in box.script.blogs
    ]
    chosen = [one for one in sources if not only or str(one["platform"]) in only]
    account = {"platform": "x", "base_url": box.x_url, "bearer_token_file": "x.key", "budget": dict(budget)}
    return {
        "store": store,
        "contact": "team@example.org",
        "timezone": "Europe/Rome",
        "accounts": {"x-main": account},
        "campaigns": [
            {
                "slug": "talk",
                "hashtags": [box.script.tag],
                "policy": "publish_first",  # where a look costs money, only what is published is looked up again
                "openers": [box.post_url(key) for key in openers],
                "sources": chosen[::-1] if backwards else chosen,
            }
        ],
    }


def _keys(box: Sandbox) -> dict[str, str]:
    return {
        "x.key": box.tokens.x,
        "bluesky.key": box.tokens.bluesky.app_password,
        **{f"{host}.key": tokens.user for host, tokens in box.tokens.fediverse.items()},
        **{f"{page}.key": token for page, token in box.tokens.facebook.pages.items()},
    }
