"""Bluesky's services asked through the `atproto` library, which is imported nowhere else.

Its request layer makes the requests; its models are left out (docs/decisions.md): one post that they do not expect
costs the whole page. So the answer is taken off the wire (wire.py) and judged here.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from atproto_client.request import Request

from ....core.clock import Clock
from ....core.errors import AuthError, Temporary
from ...contract import Cost, Fetch, Meter, Quota
from .config import BlueskyConfig
from .problems import error_of, quota_of
from .session import Held, Keeper
from .walks import Conversations
from .wire import Wire

for _name in ("httpx", "httpcore"):  # they print every address
    logging.getLogger(_name).setLevel(max(logging.getLogger(_name).level, logging.WARNING))

HOME_URL = "https://bsky.social"
PAGE_SIZE = 100  # the most that a service gives
DEPTH = 100  # levels below a post; deeper JSON is refused by readers, and conversations are asked on from where it ends
PARENTS = 80


class Services:
    """The account's service and the public one. Every method is one request, reserved before it is made. Raises
    AuthError (SessionSpent where a new session may help), QueryRefused, RateLimited, OutOfBudget (from the meter),
    Temporary, Gone."""

    def __init__(
        self,
        config: BlueskyConfig,
        password: str,
        home_url: str,
        request: Request,
        wire: Wire,
        clock: Clock,
        meter: Meter,
    ) -> None:
        self.quota: Quota | None = None
        self._config, self._password = config, password
        self._home, self._public = home_url.rstrip("/"), config.public_base_url.rstrip("/")
        self._request, self._wire, self._clock, self._meter = request, wire, clock, meter
        self._keeper = Keeper(config.session_file, self._home, config.handle or "", password)
        self._held = self._keeper.read()

    # --- the session ------------------------------------------------------------------------------------------------

    @property
    def signed_in(self) -> bool:
        return self._held.access is not None

    def sign_in(self) -> None:
        """Renews the session, or begins one with the app password. A session that cannot be renewed any more is
        forgotten, and the next call begins one."""
        if not self._config.handle or not self._password:
            raise AuthError(
                "Bluesky's search answers nobody without an account.",
                "Set `handle` and `app_password_env` (or `app_password_file`).",
            )
        try:
            if self._held.refresh:
                self._take(self._post("com.atproto.server.refreshSession", self._held.refresh))
            else:
                self._held.may_log_in(self._config.logins_per_day, self._clock.now())
                self._keep(self._held.logging_in(self._clock.now()))
                named = {"identifier": self._config.handle, "password": self._password}
                self._take(self._post("com.atproto.server.createSession", None, json=named))
        except AuthError:
            if self._held.refresh is None:
                raise
            self._keep(self._held.without_tokens())

    def session_spent(self) -> None:
        """The access token was refused. Another process may have renewed the session meanwhile."""
        stored = self._keeper.read()
        if stored.access and stored.access != self._held.access:
            self._held = stored
        else:
            self._keep(self._held.without_access())

    def _take(self, answer: dict[str, Any]) -> None:
        access, refresh = _token(answer.get("accessJwt")), _token(answer.get("refreshJwt"))
        if access is None or refresh is None:
            raise self._senseless(self._home, "a session")
        self._keep(self._held.renewed(access, refresh))

    def _keep(self, held: Held) -> None:
        self._held = held
        self._keeper.write(held)

    # --- questions --------------------------------------------------------------------------------------------------

    def search(
        self, tag: str, *, since: str | None, until: str | None, cursor: str | None
    ) -> tuple[list[Any], str | None]:
        """Posts with the tag, newest first, and the service's place for the next page."""
        params = {"q": f"#{tag}", "sort": "latest", "limit": PAGE_SIZE, "since": since, "until": until}
        answer = self._get(
            self._home,
            "app.bsky.feed.searchPosts",
            "posts with the tag",
            {**params, "cursor": cursor},
            self._held.access,
        )
        return self._posts(answer, self._home, "posts with the tag"), _cursor(answer)

    def thread(self, uri: str, *, depth: int | None = None, parents: int | None = None) -> dict[str, Any]:
        """A post with what stands above and below it, as a tree."""
        what = "a conversation"
        params = {
            "uri": uri,
            "depth": DEPTH if depth is None else depth,
            "parentHeight": PARENTS if parents is None else parents,
        }
        answer = self._get(self._public, "app.bsky.feed.getPostThread", what, params)
        if not isinstance(tree := answer.get("thread"), dict):
            raise self._senseless(self._public, what)
        return tree

    def quotes(self, uri: str, cursor: str | None) -> tuple[list[Any], str | None]:
        what = "the quotes of a post"
        params = {"uri": uri, "limit": PAGE_SIZE, "cursor": cursor}
        answer = self._get(self._public, "app.bsky.feed.getQuotes", what, params)
        return self._posts(answer, self._public, what), _cursor(answer)

    def posts(self, uris: list[str]) -> list[Any]:
        """Several posts; those it does not have are left out of the answer."""
        answer = self._get(self._public, "app.bsky.feed.getPosts", "known posts", {"uris": uris})
        return self._posts(answer, self._public, "known posts")

    # --- asking and judging -----------------------------------------------------------------------------------------

    def _get(
        self, base: str, method: str, what: str, params: Mapping[str, Any], token: str | None = None
    ) -> dict[str, Any]:
        given = {name: value for name, value in params.items() if value is not None}
        return self._ask("GET", base, method, what, token, params=given)

    def _post(self, method: str, token: str | None, **body: Any) -> dict[str, Any]:
        return self._ask("POST", self._home, method, "a session", token, **body)

    def _ask(self, verb: str, base: str, method: str, what: str, token: str | None, **more: Any) -> dict[str, Any]:
        self._meter.reserve(Cost(requests=1))
        self._wire.forget()
        call = self._request.get if verb == "GET" else self._request.post
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Whatever the library makes of the answer, it is judged below by what came. (Its texts may quote headers.)
        with contextlib.suppress(Exception):
            call(f"{base}/xrpc/{method}", headers=headers, **more)
        host, now, answer = urlsplit(base).netloc, self._clock.now(), self._wire.answer
        if answer is None:
            if not self._wire.connected:
                self._meter.release()
                raise Temporary(f"{host} cannot be reached.", "It is asked again later.")
            raise Temporary(f"{host} did not answer fully when asked for {what}.", "It is asked again later.")
        self.quota = quota_of(answer.headers, now)
        try:
            data = answer.json()
        except ValueError:
            data = None
        if answer.status != 200:
            signing_in = verb == "POST"
            raise error_of(answer.status, answer.headers, data, now, host=host, what=what, signing_in=signing_in)
        if not isinstance(data, dict):
            raise self._senseless(base, what)
        return data

    def _posts(self, answer: dict[str, Any], base: str, what: str) -> list[Any]:
        posts = answer.get("posts")
        if not isinstance(posts, list) or (posts and not any(isinstance(post, dict) for post in posts)):
            raise self._senseless(base, what)
        return posts

    @staticmethod
    def _senseless(base: str, what: str) -> Temporary:
        return Temporary(
            f"{urlsplit(base).netloc} gave something else than {what} when asked for it.",
            "If this stays so, the address is not that of a Bluesky service: see base_url and public_base_url.",
        )


@contextmanager
def connect(
    config: BlueskyConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> Iterator[Fetch]:
    """A session with Bluesky; makes no request."""
    wire = Wire()
    request = Request(transport=wire, trust_env=False)
    request.add_additional_header("User-Agent", user_agent)
    request.add_additional_header("Accept", "application/json")
    password = secrets.get("app_password", "").strip()
    try:
        yield Conversations(
            Services(config, password, base_url or HOME_URL, request, wire, clock, meter), clock, page_size=PAGE_SIZE
        )
    finally:
        request.close()


def _cursor(answer: dict[str, Any]) -> str | None:
    cursor = answer.get("cursor")
    return cursor if isinstance(cursor, str) and 0 < len(cursor) <= 2_000 else None


def _token(value: object) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= 10_000:
        return None
    return value if value.isascii() and value.isprintable() else None
