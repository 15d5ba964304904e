"""Moderators, their roles and the one-time links that let them in. Links are kept as digests, never as themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from ..core.folding import fold
from ..core.moderators import Moderator, Role
from .review_tables import invite, moderator, moderator_role
from .store import next_ids


@dataclass(frozen=True, slots=True)
class Invite:
    """A one-time link: whom it lets in, and until when."""

    moderator_id: int
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None


def every(connection: Connection) -> list[Moderator]:
    """Everybody, by name."""
    return _read(connection, None)


def by_id(connection: Connection, moderator_id: int) -> Moderator | None:
    return next(iter(_read(connection, moderator.c.id == moderator_id)), None)


def by_name(connection: Connection, name: str) -> Moderator | None:
    """Who bears this name, in whatever case and with or without its accents."""
    return next(iter(_read(connection, moderator.c.name_folded == fold(name))), None)


def add(
    connection: Connection,
    name: str,
    role: Role | None,
    now: datetime,
    *,
    roles: Mapping[int, Role] | None = None,
    mail: str | None = None,
    languages: Sequence[str] = (),
) -> int:
    """A new moderator without a password; the id. The caller has looked that nobody bears the name."""
    (moderator_id,) = next_ids(connection, moderator, 1)
    connection.execute(
        insert(moderator).values(
            id=moderator_id,
            name=name,
            name_folded=fold(name),
            mail=mail,
            role=role and role.value,
            languages=list(languages) or None,
            made_at=now,
        )
    )
    _put_roles(connection, moderator_id, roles or {})
    return moderator_id


def set_roles(connection: Connection, moderator_id: int, role: Role | None, roles: Mapping[int, Role]) -> None:
    """What the person may do: `role` everywhere, but in the campaigns of `roles` (by id)."""
    _set(connection, moderator_id, role=role and role.value)
    connection.execute(delete(moderator_role).where(moderator_role.c.moderator_id == moderator_id))
    _put_roles(connection, moderator_id, roles)


def set_languages(connection: Connection, moderator_id: int, languages: Sequence[str], interface: str | None) -> None:
    """The languages of the posts on whose queue the person opens (none: all), and that of the interface."""
    _set(connection, moderator_id, languages=list(languages) or None, interface=interface)


def set_keys(connection: Connection, moderator_id: int, keys: Mapping[str, str]) -> None:
    _set(connection, moderator_id, keys=dict(keys) or None)


def set_disabled(connection: Connection, moderator_id: int, at: datetime | None) -> None:
    """Disabled since `at`, or enabled again with None."""
    _set(connection, moderator_id, disabled_at=at)


def set_signed_in(connection: Connection, moderator_id: int, at: datetime) -> None:
    _set(connection, moderator_id, signed_in_at=at)


def set_password(connection: Connection, moderator_id: int, hashed: str) -> None:
    _set(connection, moderator_id, password=hashed)


def password_of(connection: Connection, moderator_id: int) -> str | None:
    """The password's hash; None before the first invitation was followed."""
    return connection.execute(select(moderator.c.password).where(moderator.c.id == moderator_id)).scalar_one_or_none()


# --- one-time links --------------------------------------------------------------------------------------------------


def add_invite(connection: Connection, moderator_id: int, digest: bytes, now: datetime, ends_at: datetime) -> None:
    """A new link for the person; those made before end, so that the newest alone holds."""
    end_invites(connection, moderator_id)
    connection.execute(insert(invite).values(digest=digest, moderator_id=moderator_id, made_at=now, ends_at=ends_at))


def end_invites(connection: Connection, moderator_id: int) -> None:
    """Links of the person that nobody followed yet are gone."""
    connection.execute(delete(invite).where(invite.c.moderator_id == moderator_id, invite.c.used_at.is_(None)))


def invite_by(connection: Connection, digest: bytes) -> Invite | None:
    row = connection.execute(
        select(invite.c.moderator_id, invite.c.made_at, invite.c.ends_at, invite.c.used_at).where(
            invite.c.digest == digest
        )
    ).first()
    return Invite(*row) if row else None


def use_invite(connection: Connection, digest: bytes, now: datetime) -> None:
    connection.execute(update(invite).where(invite.c.digest == digest).values(used_at=now))


# ---------------------------------------------------------------------------------------------------------------------


def _set(connection: Connection, moderator_id: int, **values: Any) -> None:
    connection.execute(update(moderator).where(moderator.c.id == moderator_id).values(**values))


def _put_roles(connection: Connection, moderator_id: int, roles: Mapping[int, Role]) -> None:
    if roles:
        rows = [
            {"moderator_id": moderator_id, "campaign_id": campaign_id, "role": role.value}
            for campaign_id, role in roles.items()
        ]
        connection.execute(insert(moderator_role), rows)


def _read(connection: Connection, condition: ColumnElement[bool] | None) -> list[Moderator]:
    """In one query, whoever is asked for."""
    query = (
        select(
            *(column for column in moderator.c if column is not moderator.c.password),
            moderator.c.password.is_not(None).label("has_password"),
            moderator_role.c.campaign_id,
            moderator_role.c.role.label("own_role"),
        )
        .select_from(moderator.outerjoin(moderator_role, moderator_role.c.moderator_id == moderator.c.id))
        .order_by(moderator.c.name_folded)
    )
    rows = list(connection.execute(query if condition is None else query.where(condition)))
    roles: dict[int, dict[int, Role]] = {}
    for row in rows:
        own = roles.setdefault(row.id, {})
        if row.campaign_id is not None:
            own[row.campaign_id] = Role(row.own_role)
    return [
        Moderator(
            row.id,
            row.name,
            Role(row.role) if row.role else None,
            roles[row.id],
            row.mail,
            tuple(row.languages or ()),
            row.interface,
            row.keys or {},
            row.has_password,
            row.made_at,
            row.signed_in_at,
            row.disabled_at,
        )
        for row in {row.id: row for row in rows}.values()
    ]
