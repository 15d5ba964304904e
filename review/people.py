"""The team: who belongs to it, what each may do, the links that let people in. Each function that takes a connection
works inside the caller's transaction; hashing a password takes a while and is done outside of any."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ..core.config import ReviewConfig
from ..core.decisions import NOT_PEOPLE
from ..core.errors import TagoraError, UsageError
from ..core.folding import fold
from ..core.moderators import Moderator, Role
from ..core.normalise import clean_lang, clean_line
from ..storage import moderators, sessions
from ..storage.store import Connection
from .passwords import check_password

INVITE_LASTS = timedelta(days=7)
INTERFACES = ("it", "en")


class LinkEnded(TagoraError):
    """A one-time link that lets nobody in any more."""

    def __init__(self) -> None:
        super().__init__(
            "this link was used already, is past its time, or never was one",
            "Ask whoever looks after the team for a new one.",
        )


def add(
    connection: Connection,
    name: str,
    role: Role | None,
    now: datetime,
    *,
    roles: Mapping[int, Role] | None = None,
    mail: str | None = None,
    languages: Sequence[str] = (),
) -> tuple[Moderator, str]:
    """A new moderator, and the token of the link that lets them in. `role` holds everywhere, `roles` in campaigns (by
    id). Raises UsageError for a name that is taken or cannot be one, and when there is no role at all."""
    name = _name(name)
    if moderators.by_name(connection, name) is not None:
        raise UsageError("there is a moderator of that name already", "Choose one that cannot be taken for it.")
    if role is None and not roles:
        raise UsageError("a moderator needs a role", "Choose admin, moderator or viewer.")
    moderator_id = moderators.add(
        connection, name, role, now, roles=roles, mail=_mail(mail), languages=clean_languages(languages)
    )
    return the(connection, moderator_id), invite(connection, moderator_id, now)


def the(connection: Connection, moderator_id: int) -> Moderator:
    """The moderator with this id. Raises UsageError."""
    found = moderators.by_id(connection, moderator_id)
    if found is None:
        raise UsageError("there is no such moderator")
    return found


def named(connection: Connection, name: str) -> Moderator:
    """The moderator of this name. Raises UsageError."""
    found = moderators.by_name(connection, name)
    if found is None:
        raise UsageError(
            f"there is no moderator {clean_line(name, 80) or 'without a name'!r}", "`tagora moderators list` shows all."
        )
    return found


def set_roles(connection: Connection, moderator_id: int, role: Role | None, roles: Mapping[int, Role]) -> None:
    """What the person may do from now on. Raises UsageError when nobody would be left to look after the team."""
    if role is not Role.ADMIN:
        _keep_an_admin(connection, moderator_id)
    moderators.set_roles(connection, moderator_id, role, roles)


def disable(connection: Connection, moderator_id: int, now: datetime) -> None:
    """The person is out at once: sessions, tokens and links end. Raises UsageError when nobody would be left to look
    after the team."""
    _keep_an_admin(connection, moderator_id)
    moderators.set_disabled(connection, moderator_id, now)
    moderators.end_invites(connection, moderator_id)
    sessions.end_all(connection, moderator_id)
    sessions.end_tokens(connection, moderator_id)


def enable(connection: Connection, moderator_id: int) -> None:
    """The person may sign in again, with the password they had; tokens are to be made anew."""
    moderators.set_disabled(connection, moderator_id, None)


def set_languages(connection: Connection, moderator_id: int, languages: Sequence[str], interface: str | None) -> None:
    """Raises UsageError for what is no language."""
    if interface is not None and interface not in INTERFACES:
        raise UsageError("the interface does not speak this language", "Choose it or en.")
    moderators.set_languages(connection, moderator_id, clean_languages(languages), interface)


def clean_languages(languages: Sequence[str]) -> tuple[str, ...]:
    """Codes like it, en, pt-BR. Raises UsageError for what is none."""
    cleaned: list[str] = []
    for written in languages:
        code = clean_lang(written)
        if code is None:
            raise UsageError("one of the languages is none", "Write codes like it, en, pt.")
        if code not in cleaned:
            cleaned.append(code)
    return tuple(cleaned)


# --- links and passwords ---------------------------------------------------------------------------------------------


def digest_of(token: str) -> bytes:
    """What is kept instead of a token. Tokens are random and long: one plain SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def invite(connection: Connection, moderator_id: int, now: datetime) -> str:
    """The token of a new one-time link by which the person sets a password; earlier links end. Raises UsageError for
    somebody who is disabled."""
    found = the(connection, moderator_id)
    if found.disabled_at is not None:
        raise UsageError("this moderator is disabled", "Enable them first.")
    token = secrets.token_urlsafe(32)
    moderators.add_invite(connection, moderator_id, digest_of(token), now, now + INVITE_LASTS)
    return token


def invite_link(settings: ReviewConfig, token: str, base: str | None = None) -> str:
    """The address to send to the person. `base`: the review app's address as it was just used, where no proxy's is
    configured."""
    if settings.public_url or not base:
        base = settings.public_url or f"http://{_spoken_host(settings.host)}:{settings.port}"
    return f"{base.rstrip('/')}/invite/{token}"


def invited(connection: Connection, token: str, now: datetime) -> Moderator:
    """Whom a link lets in; looking does not use it up. Raises LinkEnded."""
    found = moderators.invite_by(connection, digest_of(token))
    if found is None or found.used_at is not None or found.ends_at <= now:
        raise LinkEnded
    moderator = moderators.by_id(connection, found.moderator_id)
    if moderator is None or moderator.disabled_at is not None:
        raise LinkEnded
    return moderator


def follow_invite(connection: Connection, token: str, hashed: str, now: datetime) -> Moderator:
    """Uses a link up: the person's password is the one hashed, and whoever is signed in as them is out. Raises
    LinkEnded, also when another request was quicker."""
    moderator = invited(connection, token, now)
    moderators.use_invite(connection, digest_of(token), now)
    set_password(connection, moderator.id, hashed)
    return moderator


def set_password(connection: Connection, moderator_id: int, hashed: str) -> None:
    """A new password ends every session of the person."""
    moderators.set_password(connection, moderator_id, hashed)
    moderators.end_invites(connection, moderator_id)
    sessions.end_all(connection, moderator_id)


def new_password(password: str, again: str, name: str) -> None:
    """Raises UsageError for a password that will not do, or that was written differently the second time."""
    if password != again:
        raise UsageError("the two passwords differ", "Write the same one twice.")
    check_password(password, name)


def _name(written: str) -> str:
    name = clean_line(written, 80) or ""
    strange = any(c == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(c) in ("Cf", "Co", "Cn") for c in name)
    if strange or fold(name) in NOT_PEOPLE or not any(c.isalnum() for c in name):
        raise UsageError("that cannot be a moderator's name", "Write letters that people can see.")
    return name


def _mail(written: str | None) -> str | None:
    mail = clean_line(written, 200)
    if mail is None:
        return None
    local, at, host = mail.rpartition("@")
    if not (local and at and host) or any(c.isspace() or c in "<>,;" for c in mail):
        raise UsageError("that is no mail address", "Write one like anna@example.org, or none.")
    return mail


def _spoken_host(host: str) -> str:
    """The host as a browser takes it: one that means every address of the machine is no address to go to."""
    if host in ("0.0.0.0", "::", ""):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _keep_an_admin(connection: Connection, moderator_id: int) -> None:
    """Raises UsageError when this person is the only one who can sign in and look after the team."""
    able = [m.id for m in moderators.every(connection) if m.role is Role.ADMIN and not m.disabled_at and m.has_password]
    if able == [moderator_id]:
        raise UsageError(
            "nobody else could look after the team then",
            "Make somebody else an admin first, and let them sign in.",
        )
