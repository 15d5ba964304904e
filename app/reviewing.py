"""The review app wired to the rest: what it is handed, and its server."""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import uvicorn

from ..core.errors import BuildError, UsageError
from ..review.web.application import make_app
from ..review.web.surroundings import Added, Campaign, Removal, Surroundings, Trouble, Typed, Version
from ..storage import forget as store_forget
from ..storage.authors import handles
from ..storage.builds import last_build
from ..storage.running import running
from . import adding, forgetting, opting_out
from .building import campaign_infos
from .health.glance import glance
from .health.trouble import Severity
from .health.web import Watched, Watching
from .health.words import Speech
from .rebuilding import LOOK_FOR_CHANGES
from .versions import versions
from .workplace import Workplace

BUILDING = 60  # seconds in which another build of the same site ends
STARTING = 20  # seconds in which the server answers, or never


def surroundings(place: Workplace, *, rebuilding: bool = False) -> Surroundings:
    """What the review app is handed. `rebuilding`: this process builds the site by itself."""
    config = place.loaded.config
    return Surroundings(
        store=place.store,
        clock=place.clock,
        timezone=config.timezone,
        key=hmac.new(place.key, b"review", hashlib.sha256).digest(),
        title=config.site.title,
        languages=config.site.languages,
        settings=config.review,
        campaigns=tuple(
            Campaign(
                place.ids[info.slug].campaign_id,
                info.slug,
                info.title,
                info.hashtags,
                place.loaded.config.campaigns[at].policy,
                info.sources,
            )
            for at, info in enumerate(campaign_infos(place))
        ),
        acts=PlaceActs(place, rebuilding),
        legal=config.legal,
        site=config.site.base_url,
    )


class PlaceActs:
    """review.web.surroundings.Acts over a workplace."""

    def __init__(self, place: Workplace, rebuilding: bool) -> None:
        self._place = place
        self._rebuilding = rebuilding

    def removal(self, target: str) -> Removal:
        plan = forgetting.planned(self._place, target)
        with self._place.store.reading() as connection:
            names = handles(connection, plan.people)
        return Removal(
            target,
            len(plan.posts),
            len(plan.threads),
            len(plan.people) if plan.for_good else 0,
            len(plan.mentions),
            plan.campaigns,
            tuple(names),
        )

    def remove(self, target: str) -> Removal:
        until = time.monotonic() + BUILDING
        receipt = None
        while receipt is None:
            try:
                receipt = forgetting.forget(self._place, target)
            except BuildError:
                # the store is scrubbed by now; another build is at work on the site, and this one is owed
                if time.monotonic() > until or not self._owed():
                    raise
                time.sleep(0.5)
        return Removal(
            target,
            receipt.posts,
            receipt.discussions,
            receipt.people,
            receipt.mentions,
            receipt.campaigns,
            at=receipt.at,
        )

    def _owed(self) -> bool:
        with self._place.store.reading() as connection:
            return store_forget.is_owed(connection)

    def opt_out(self, account: str, by: str) -> None:
        opting_out.opt_out(self._place, account, by)

    def add(self, campaign: str, url: str, by: str, typed: Typed | None = None) -> Added:
        return adding.add(self._place, campaign, url, by, typed)

    def versions(self, post_id: int) -> Sequence[Version]:
        return versions(self._place.store, post_id)

    def troubles(self, language: str) -> Sequence[Trouble]:
        speech = Speech(language, self._place.loaded.config.timezone)
        return [
            Trouble(one.kind, one.severity is Severity.FAULT, speech.told(one).all, one.campaign)
            for one in glance(self._place)
            if one.severity is not Severity.NOTE
        ]

    def until_live(self) -> timedelta | None:
        with self._place.store.reading() as connection:
            if not self._rebuilding and running(connection, self._place.clock.now()) is None:
                return None
            last = last_build(connection)
            return timedelta(seconds=LOOK_FOR_CHANGES) + (last.lasted if last else timedelta())


@contextmanager
def serving_review(
    asked: Callable[[], Surroundings], host: str, port: int, watched: Watched | None = None
) -> Iterator[str]:
    """Serves the review app while inside, and /healthz and /metrics of what is `watched`; its address. `port` 0: any
    that is free. Raises UsageError for a port that cannot be used."""
    place = _listening(host, port)
    settings = asked().settings
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(asked) if watched is None else Watching(make_app(asked), watched),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=settings.public_url is not None,
            timeout_graceful_shutdown=5,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, name="review", daemon=True)
    thread.start()
    until = time.monotonic() + STARTING
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.01)
    try:
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{place.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(10)
        place.close()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    place = socket.socket(family, socket.SOCK_STREAM)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((host, port))
        place.listen(128)
    except OSError as error:
        place.close()
        raise UsageError(
            f"port {port} on {host} cannot be used by the review app: {error.strerror}",
            "Choose another with `review: {port: …}` in the configuration, or --port.",
        ) from None
    return place
