"""Fediverse servers asked through Mastodon.py, which is imported nowhere else.

Mastodon.py's public methods make each request; the answer is taken off the wire (wire.py) and judged here. Two of the
library's habits are switched off: before each timeline it asks /api/v2/instance whether there is one (an unbilled
request, repeated for as long as that fails), and by default it sleeps through rate limits.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

from mastodon import Mastodon

from ....core.clock import Clock
from ....core.errors import AuthError, CollectorError, ConfigError, Gone, QueryRefused, RateLimited, Temporary
from ....core.normalise import clean_url
from ...contract import Cost, Fetch, Meter, Quota
from .address import host_of_url, may_be_asked, own_host
from .config import MastodonConfig
from .walks import Conversations, Forbidden
from .wire import Answer, Wire

logging.getLogger("urllib3").setLevel(max(logging.getLogger("urllib3").level, logging.INFO))  # DEBUG prints addresses

PAGE_SIZE = 40  # the most that a server gives
LONGEST_PAUSE = timedelta(days=1)
_NEXT = re.compile(r"""[?&]max_id=([A-Za-z0-9_-]+)[^<>]*>\s*;\s*rel="?next""")


class _Library(Mastodon):
    def timeline_is_available(self, *args: Any, **kwargs: Any) -> bool:
        return True


class Server:
    """One server. Every method is one request, reserved before it is made, and returns the JSON that came in the
    wanted shape. Raises AuthError, QueryRefused, RateLimited, OutOfBudget (from the meter), Temporary, Gone."""

    def __init__(
        self, host: str, base_url: str, wire: Wire, clock: Clock, meter: Meter, user_agent: str, token: str | None
    ) -> None:
        self.host = host
        self.has_token = token is not None
        self.quota: Quota | None = None
        self.refreshing = False  # the last conversation is still being completed (Mastodon 4.5 and later)
        self._next_max_id: str | None = None
        self._wire, self._clock, self._meter = wire, clock, meter
        self._library = _Library(
            api_base_url=base_url,
            access_token=token,
            session=wire,
            user_agent=user_agent,
            ratelimit_method="throw",
            version_check_mode="none",
            feature_set="mainline",
        )

    def timeline(self, tag: str, *, max_id: str | None = None, min_id: str | None = None) -> list[Any]:
        """At most 40 posts with the tag, newest first: those under `max_id`, or those just above `min_id`."""
        return self._list(
            f"the timeline of #{tag}",
            # The library puts the tag into the path as it is.
            lambda: self._library.timeline_hashtag(quote(tag, safe=""), max_id=max_id, min_id=min_id, limit=PAGE_SIZE),
        )

    def status(self, local_id: str) -> dict[str, Any]:
        """One post."""
        return self._object("one post", lambda: self._library.status(local_id))

    def statuses(self, local_ids: list[str]) -> list[Any]:
        """Several posts; those it does not have are left out of the answer."""
        return self._list("several posts", lambda: self._library.statuses(list(local_ids)))

    def context(self, local_id: str) -> tuple[list[Any], list[Any]]:
        """What stands above a post and below it."""
        answer = self._object("a conversation", lambda: self._library.status_context(local_id))
        above, below = answer.get("ancestors"), answer.get("descendants")
        if not isinstance(above, list) or not isinstance(below, list):
            raise self._senseless("a conversation")
        return above, below

    def quotes(self, local_id: str, max_id: str | None) -> tuple[list[Any], str | None]:
        """Posts that quote a post, and the place of the next page (an id of the quote, not of a post)."""
        posts = self._list(
            "the quotes of a post", lambda: self._library.status_quotes(local_id, max_id=max_id, limit=PAGE_SIZE)
        )
        return posts, self._next_max_id

    def search(self, address: str) -> list[Any]:
        """The post at this address, if there is one; the server fetches it where it does not hold it yet."""
        what = "a post by its address"
        answer = self._object(  # exclude_unreviewed: or the library asks for the server's version first
            what,
            lambda: self._library.search_v2(address, resolve=True, result_type="statuses", exclude_unreviewed=False),
        )
        if not isinstance(found := answer.get("statuses"), list):
            raise self._senseless(what)
        return found

    # asking and judging

    def _list(self, what: str, call: Callable[[], object]) -> list[Any]:
        value = self._ask(what, call)
        if not isinstance(value, list) or (value and not any(isinstance(item, dict) for item in value)):
            raise self._senseless(what)
        return value

    def _object(self, what: str, call: Callable[[], object]) -> dict[str, Any]:
        value = self._ask(what, call)
        if not isinstance(value, dict):
            raise self._senseless(what)
        return value

    def _ask(self, what: str, call: Callable[[], object]) -> Any:
        self._meter.reserve(Cost(requests=1))
        self._wire.forget()
        # Whatever the library makes of the answer, it is judged below by what came. (Its texts may quote headers.)
        with contextlib.suppress(Exception):
            call()
        answer = self._wire.answer
        if answer is None:
            if not self._wire.connected:
                self._meter.release()
                raise Temporary(f"{self.host} cannot be reached.", "It is tried again later.")
            raise Temporary(f"{self.host} did not answer fully when asked for {what}.", "It is tried again later.")
        self.quota = _quota(answer, self._clock.now())
        self.refreshing = "Mastodon-Async-Refresh" in answer.headers
        following = _NEXT.search(answer.headers.get("Link", ""))
        self._next_max_id = following[1] if following else None
        if answer.status != 200:
            raise self._refusal(answer, what)
        try:
            return answer.json()
        except ValueError:
            raise self._senseless(what) from None

    def _senseless(self, what: str) -> Temporary:
        return Temporary(
            f"{self.host} gave something else than {what} when asked for it.",
            "If this stays so, the address is not that of a Mastodon-like server: see base_url.",
        )

    def _refusal(self, answer: Answer, what: str) -> CollectorError:
        status = answer.status
        if status == 429:
            return RateLimited(
                f"{self.host} wants a pause.", "Collecting goes on by itself.", until=_pause(answer, self._clock.now())
            )
        if status in (404, 410):
            return Gone(f"{self.host} does not have {what} ({status}).")
        if status == 401:
            hint = (
                "Make a new one there (Preferences, Development) with the scope read:statuses."
                if self.has_token
                else "Make one there (Preferences, Development, scope read:statuses) and name it in token_env."
            )
            key = "no longer accepts the token" if self.has_token else "wants a token"
            return AuthError(f"{self.host} {key} when asked for {what} (401).", hint)
        if status == 403:
            return Forbidden(
                f"{self.host} does not give {what} to us (403).",
                "Its administrators may have closed it, or the token lacks the scope read:statuses.",
            )
        if 400 <= status < 500:
            return QueryRefused(
                f"{self.host} refuses to give {what} ({status}).",
                "Look at the server's own pages for the reason, or write to its administrators.",
            )
        if 300 <= status < 400:
            return Temporary(
                f"{self.host} sends us to another server ({status}).", "Put the server's new address into base_url."
            )
        return Temporary(f"{self.host} has trouble ({status}).", "It is tried again later.")


def _moment(value: str | None, now: datetime) -> datetime | None:
    """A reset time: ISO 8601 (Mastodon, GoToSocial) or Unix seconds; None where it makes no sense."""
    if not value:
        return None
    try:
        moment = datetime.fromtimestamp(int(value), UTC) if value.isdigit() else datetime.fromisoformat(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if abs(moment - now) <= LONGEST_PAUSE else None


def _pause(answer: Answer, now: datetime) -> datetime | None:
    seconds = answer.headers.get("Retry-After", "")
    if seconds.isdigit() and len(seconds) < 6:
        return now + timedelta(seconds=int(seconds))
    return _moment(answer.headers.get("X-RateLimit-Reset"), now)


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() and len(value) < 10 else None


def _quota(answer: Answer, now: datetime) -> Quota | None:
    limit = _number(answer.headers.get("X-RateLimit-Limit"))
    remaining = _number(answer.headers.get("X-RateLimit-Remaining"))
    if limit is None and remaining is None:
        return None
    return Quota(limit, remaining, _moment(answer.headers.get("X-RateLimit-Reset"), now))


class Servers:
    """The source's own server, and others' by name. The token goes to the own one alone."""

    def __init__(
        self,
        config: MastodonConfig,
        token: str | None,
        clock: Clock,
        base_url: str,
        wire: Wire,
        meter: Meter,
        user_agent: str,
    ) -> None:
        self._config = config
        self._make: Callable[[str, str, str | None], Server] = lambda host, url, token: Server(
            host, url, wire, clock, meter, user_agent, token
        )
        self.own = self._make(own_host(base_url, config.homes), base_url, token)
        self._homes = {host.lower(): url for host, url in config.homes.items()}
        self._known: dict[str, Server | None] = {self.own.host: self.own}

    def by_host(self, host: str) -> Server | None:
        """The server of that name; None where it may not be asked (config says no, or it is no public server)."""
        if host not in self._known:
            self._known[host] = self._open(host)
        return self._known[host]

    def _open(self, host: str) -> Server | None:
        if not self._config.ask_homes:
            return None
        if host in self._homes:
            return self._make(host, self._homes[host], None)
        return self._make(host, f"https://{host}", None) if may_be_asked(host) and _is_public(host) else None


def _is_public(host: str) -> bool:
    """Whether the name leads to the open internet only: what a post names must not make us knock inside our network."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except OSError:
        return False
    return bool(found) and all(ip_address(address.split("%")[0]).is_global for address in found)


@contextlib.contextmanager
def connect(
    config: MastodonConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> Iterator[Fetch]:
    """A session with one server (and its neighbours). Raises ConfigError without a usable `base_url`, AuthError for a
    GoToSocial server without a token."""
    if clean_url(base_url) is None or base_url is None:
        raise ConfigError(
            "a mastodon source needs the address of its server", "Add for example: base_url: https://mastodon.uno"
        )
    token = secrets.get("token") or None
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise AuthError(
            f"The token for {host_of_url(base_url)} holds characters that no token has.",
            "Copy it again, without quotation marks or line ends.",
        )
    if config.family == "gotosocial" and token is None:
        raise AuthError(
            f"{host_of_url(base_url)} runs GoToSocial, which gives nothing without a token.",
            "Make one there (Settings, Applications, scope read:statuses) and name it in token_env.",
        )
    with Wire() as wire:
        servers = Servers(config, token, clock, base_url, wire, meter, user_agent)
        yield Conversations(servers, clock, only_mastodon_calls=config.family in ("auto", "mastodon"))
