"""What is told outside: new posts that wait, to another program; troubles (health/telling.py). Each look ends soon and
can be cut short anywhere: what was told is noted after it was told, so that it is told again rather than lost."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.errors import TagoraError
from ..review import telling
from ..storage import figures
from ..storage import telling as told
from ..storage.running import running
from ..storage.telling import Progress
from .health.telling import tell_troubles
from .sending import TIMEOUT, NotTaken, NotTold, Post, deliver, key_of, post_by_http
from .ticking import ticking
from .workplace import Workplace

log = logging.getLogger("tagora.alerts")
EVERY = 30  # seconds between two looks
DELIVERIES = 10  # of one campaign in one look


class Teller:
    """Measures and tells, look by look; one that fails keeps the others from nothing, and is told once."""

    def __init__(self) -> None:
        self._failing: dict[str, str] = {}

    def look(self, place: Workplace) -> None:
        for act in (measure, tell_webhook, tell_troubles):
            try:
                act(place)
            except TagoraError as error:
                if self._failing.get(act.__name__) != error.message:
                    log.error("%s", error)
                self._failing[act.__name__] = error.message
            else:
                self._failing.pop(act.__name__, None)


@contextmanager
def looking(place: Workplace) -> Iterator[None]:
    """While inside, queues are measured and alerts are told, as under `tagora run`; where that runs, it does so."""
    teller = Teller()

    def look() -> None:
        with place.store.reading() as connection:
            elsewhere = running(connection, place.clock.now())
        if elsewhere is None:
            teller.look(place)

    with ticking("alerts", look, EVERY, log, patience=TIMEOUT[1]):
        yield


def measure(place: Workplace) -> None:
    """How long the queues are, once an hour."""
    now = place.clock.now()
    with place.store.reading() as connection:
        if not figures.due(connection, now):
            return
    with place.store.writing() as connection:
        figures.sample(connection, now)


# --- the webhook -----------------------------------------------------------------------------------------------------


def tell_webhook(place: Workplace, post: Post | None = None) -> int:
    """Tells of every new post that waits; how many were told. A receiver that is new is told of what comes from now on.
    Raises NotTold for the first campaign of which it could not be told, after the others had their turn; ConfigError
    when its secret cannot be read."""
    webhook = place.loaded.config.review.webhook
    if webhook is None:
        return 0
    secret = key_of(place, "secret", webhook.places_of("secret"), ("review", "webhook")) or ""
    number, problem = 0, None
    for slug, ids in place.ids.items():
        try:
            number += _tell_campaign(place, slug, ids.campaign_id, webhook.url, secret, post or post_by_http)
        except NotTold as error:
            problem = problem or error
    if problem:
        raise problem
    return number


def _tell_campaign(place: Workplace, slug: str, campaign_id: int, url: str, secret: str, post: Post) -> int:
    key, number = f"told by webhook: {slug}", 0
    for _ in range(DELIVERIES):
        now = place.clock.now()
        with place.store.reading() as connection:
            so_far = told.progress(connection, key)
            if so_far is not None and not telling.is_due(so_far, now):
                return number
            since = told.newest_decision(connection) if so_far is None else so_far.told
            posts, up_to = told.new_pending(connection, campaign_id, since, telling.AT_ONCE)
        if so_far is None:
            _note(place, key, Progress(since))
        if up_to == since:
            return number
        if posts:
            body = telling.delivery(slug, posts, up_to, place.loaded.config.review.public_url)
            try:
                deliver(url, body, telling.headers(secret, body, now), post)
            except NotTaken as error:
                paused = telling.failed(so_far or Progress(since), now)
                _note(place, key, paused)
                raise NotTold(
                    f"the webhook could not be told of new posts in {slug}: {error}",
                    f"It is tried again at {paused.due:%H:%M} UTC." if paused.due else "",
                ) from error
        _note(place, key, telling.succeeded(so_far or Progress(), up_to, now))
        number += len(posts)
    return number


def _note(place: Workplace, key: str, now: Progress) -> None:
    with place.store.writing() as connection:
        told.set_progress(connection, key, now)
