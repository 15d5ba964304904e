"""Signing in, staying signed in, and the tokens of programs.

A session's token changes every hour. The one before it stays good for a minute, since a page asks for several things
at once, and for as long as the new one was not used: an answer may have been lost on the way, with the new token in it.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.errors import StoreError, TagoraError, UsageError
from ..core.moderators import Moderator
from ..core.normalise import clean_line
from ..storage import moderators, sessions
from ..storage.sessions import ApiToken, Session
from ..storage.store import Connection, Store
from . import throttle
from .passwords import Passwords
from .people import digest_of

LASTS_AT_MOST = timedelta(days=30)
ROTATES_AFTER = timedelta(hours=1)
FORMER_HOLDS = timedelta(seconds=60)
SEEN_EVERY = timedelta(minutes=1)
TOKEN_MARK = "tagora_"  # so that scanners for lost secrets know one when they see it
MAX_TOKENS = 50
TRY_AGAIN = "Try again in %(seconds)d s. Whoever looks after the team can also make you a new link."


class WrongPassword(TagoraError):
    """Name and password do not belong together; which of them is wrong is nobody's business."""

    def __init__(self) -> None:
        super().__init__("name and password do not belong together", "Look for a slip, or ask for a new link.")


class TooManyTries(TagoraError):
    """Too many failed sign-ins of late; `seconds` until the next is looked at."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, -(-wait // timedelta(seconds=1)))
        super().__init__("there were too many tries with a wrong password", TRY_AGAIN % {"seconds": self.seconds})

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from. `cookie`: by which it is perhaps known; `agent`: its own words for itself."""

    address: str | None
    cookie: str | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, by a session. `fresh`: the token to use from now on, when it is new."""

    moderator: Moderator
    session: Session
    fresh: str | None = None


def check(
    store: Store, passwords: Passwords, key: bytes, name: str, password: str, browser: Browser, now: datetime
) -> Moderator:
    """The person who has this name and password. Raises WrongPassword or TooManyTries.

    The try is counted as failed before the password is looked at: a thousand tries at once get no further than a
    thousand in a row.
    """
    name = clean_line(name, 80) or ""
    with store.reading() as connection:
        moderator = moderators.by_name(connection, name)
        known = throttle.known_browser(key, browser.cookie, moderator.id) if moderator else None
        counted = throttle.buckets(name, browser.address, known)
        _let_through(connection, counted, now)
        hashed = moderators.password_of(connection, moderator.id) if moderator and not moderator.disabled_at else None
    with store.writing() as connection:
        _let_through(connection, counted, now)
        tried = sessions.add_failures(connection, [one.digest for one in counted], now, now - throttle.WINDOW)
    if not passwords.match(hashed, password) or moderator is None or hashed is None:
        raise WrongPassword
    fresh = passwords.hashed(password) if passwords.outdated(hashed) else None
    with store.writing() as connection:
        sessions.forgive(connection, tried)
        if fresh:
            moderators.set_password(connection, moderator.id, fresh)
    return moderator


def start(connection: Connection, moderator_id: int, agent: str | None, now: datetime) -> Asking:
    """A new session of somebody who proved who they are, with its token. Raises WrongPassword when they were disabled
    meanwhile."""
    moderator = moderators.by_id(connection, moderator_id)
    if moderator is None or moderator.disabled_at is not None:
        raise WrongPassword
    token = secrets.token_urlsafe(32)
    session = sessions.start(
        connection, moderator_id, digest_of(token), clean_line(agent, 200), now, now + LASTS_AT_MOST
    )
    moderators.set_signed_in(connection, moderator_id, now)
    return Asking(moderator, session, token)


def stop(connection: Connection, token: str) -> None:
    """Ends the session of this token, if there is one."""
    found = sessions.by_digest(connection, digest_of(token))
    if found is not None:
        sessions.end(connection, found[0].moderator_id, found[0].id)


def asking(store: Store, token: str, unused_for: timedelta, now: datetime) -> Asking | None:
    """Who asks with this session's token; None when it lets nobody in (any more). Sessions unused for `unused_for`
    are over. Writes at most once a minute."""
    digest = digest_of(token)
    with store.reading() as connection:
        found = sessions.by_digest(connection, digest)
        moderator = found and moderators.by_id(connection, found[0].moderator_id)
    if not found or not moderator or moderator.disabled_at is not None:
        return None
    session, former = found
    if now >= session.ends_at or now - session.seen_at >= unused_for:
        return None
    used = session.seen_at > session.rotated_at
    if former:
        if now - session.rotated_at < FORMER_HOLDS:
            return Asking(moderator, session)
        if used:
            return None
        return _rotated(store, moderator, session, digest, now)
    if now - session.rotated_at >= ROTATES_AFTER:
        return _rotated(store, moderator, session, digest, now)
    if not used or now - session.seen_at >= SEEN_EVERY:
        with suppress(StoreError), store.writing() as connection:  # a full disk must not keep anybody from looking
            sessions.touch(connection, session.id, max(now, session.rotated_at + timedelta(microseconds=1)))
    return Asking(moderator, session)


def _rotated(store: Store, moderator: Moderator, session: Session, digest: bytes, now: datetime) -> Asking:
    fresh = secrets.token_urlsafe(32)
    try:
        with store.writing() as connection:
            done = sessions.rotate(connection, session, digest, digest_of(fresh), now)
    except StoreError:
        done = False
    return Asking(moderator, session, fresh if done else None)  # another request was quicker: it tells the browser


# --- tokens of programs ----------------------------------------------------------------------------------------------


def make_token(
    connection: Connection, moderator_id: int, label: str, now: datetime, ends_at: datetime | None
) -> tuple[int, str]:
    """A key for a program that acts as this person: its id, and the key, which is never shown again. Raises
    UsageError."""
    cleaned = clean_line(label, 80)
    if not cleaned:
        raise UsageError("the token needs a name", "Say what it is for, so that you know it again.")
    if ends_at is not None and ends_at <= now:
        raise UsageError("the end date has passed already")
    if len(sessions.tokens_of(connection, moderator_id)) >= MAX_TOKENS:
        raise UsageError("there are 50 tokens already", "End one that is not used any more.")
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    return sessions.add_token(connection, moderator_id, digest_of(token), cleaned, now, ends_at), token


def asking_by_token(store: Store, token: str, now: datetime) -> tuple[Moderator, ApiToken] | None:
    """Whose program asks; None when the token lets nobody in (any more). Writes at most once a minute."""
    with store.reading() as connection:
        found = sessions.token_by_digest(connection, digest_of(token))
        moderator = found and moderators.by_id(connection, found.moderator_id)
    if not found or not moderator or moderator.disabled_at or (found.ends_at is not None and found.ends_at <= now):
        return None
    if found.used_at is None or now - found.used_at >= SEEN_EVERY:
        with suppress(StoreError), store.writing() as connection:
            sessions.touch_token(connection, found.id, now)
    return moderator, found


def _let_through(connection: Connection, counted: tuple[throttle.Bucket, ...], now: datetime) -> None:
    failures = sessions.failures(connection, [one.digest for one in counted], now - throttle.WINDOW)
    wait = throttle.wait(counted, failures, now)
    if wait > throttle.NOTHING:
        raise TooManyTries(wait)
