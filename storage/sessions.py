"""Who is signed in: sessions of browsers, tokens of programs, sign-ins that failed of late.

Only digests are kept: who reads the store cannot sign in with what is in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from .review_tables import api_token, session, sign_in_failure
from .store import next_ids


@dataclass(frozen=True, slots=True)
class Session:
    """`seen_at` is later than `rotated_at` once the token of the last rotation was used."""

    id: int
    moderator_id: int
    agent: str | None
    made_at: datetime
    rotated_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's key, as its owner knows it again."""

    id: int
    moderator_id: int
    label: str
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None


def start(
    connection: Connection, moderator_id: int, digest: bytes, agent: str | None, now: datetime, ends_at: datetime
) -> Session:
    """A new session. Those past their end are swept out on the way."""
    connection.execute(delete(session).where(session.c.ends_at <= now))
    (session_id,) = next_ids(connection, session, 1)
    made = Session(session_id, moderator_id, agent, now, now, now, ends_at)
    connection.execute(insert(session).values(digest=digest, **asdict(made)))
    return made


def by_digest(connection: Connection, digest: bytes) -> tuple[Session, bool] | None:
    """The session of a token, and whether the token is the one before the last rotation."""
    row = connection.execute(
        select(session.c.digest, *_SESSION).where(or_(session.c.digest == digest, session.c.former == digest))
    ).first()
    return (Session(*row[1:]), row[0] != digest) if row else None


def rotate(connection: Connection, found: Session, presented: bytes, fresh: bytes, now: datetime) -> bool:
    """Gives the session a new token in place of `presented`. False when another request did so meanwhile."""
    done = connection.execute(
        update(session)
        .where(
            session.c.id == found.id,
            session.c.rotated_at == found.rotated_at,
            or_(session.c.digest == presented, session.c.former == presented),
        )
        .values(digest=fresh, former=presented, rotated_at=now, seen_at=now)
    )
    return done.rowcount == 1


def touch(connection: Connection, session_id: int, now: datetime) -> None:
    connection.execute(update(session).where(session.c.id == session_id).values(seen_at=now))


def end(connection: Connection, moderator_id: int, session_id: int) -> bool:
    """Ends a session of this person; False when there is no such one."""
    done = connection.execute(delete(session).where(session.c.id == session_id, session.c.moderator_id == moderator_id))
    return done.rowcount == 1


def end_all(connection: Connection, moderator_id: int, *, but: int | None = None) -> None:
    """Ends the person's sessions, all or all but one."""
    condition = session.c.moderator_id == moderator_id
    connection.execute(delete(session).where(condition if but is None else and_(condition, session.c.id != but)))


def sessions_of(connection: Connection, moderator_id: int) -> list[Session]:
    """The person's sessions, the last used first."""
    query = select(*_SESSION).where(session.c.moderator_id == moderator_id)
    return [Session(*row) for row in connection.execute(query.order_by(session.c.seen_at.desc(), session.c.id))]


_SESSION = (
    session.c.id,
    session.c.moderator_id,
    session.c.agent,
    session.c.made_at,
    session.c.rotated_at,
    session.c.seen_at,
    session.c.ends_at,
)

# --- tokens of programs ----------------------------------------------------------------------------------------------


def add_token(
    connection: Connection, moderator_id: int, digest: bytes, label: str, now: datetime, ends_at: datetime | None
) -> int:
    (token_id,) = next_ids(connection, api_token, 1)
    connection.execute(
        insert(api_token).values(
            id=token_id, digest=digest, moderator_id=moderator_id, label=label, made_at=now, ends_at=ends_at
        )
    )
    return token_id


def token_by_digest(connection: Connection, digest: bytes) -> ApiToken | None:
    row = connection.execute(select(*_TOKEN).where(api_token.c.digest == digest)).first()
    return ApiToken(*row) if row else None


def touch_token(connection: Connection, token_id: int, now: datetime) -> None:
    connection.execute(update(api_token).where(api_token.c.id == token_id).values(used_at=now))


def end_token(connection: Connection, moderator_id: int, token_id: int) -> bool:
    """Ends a token of this person; False when there is no such one."""
    done = connection.execute(
        delete(api_token).where(api_token.c.id == token_id, api_token.c.moderator_id == moderator_id)
    )
    return done.rowcount == 1


def end_tokens(connection: Connection, moderator_id: int) -> None:
    connection.execute(delete(api_token).where(api_token.c.moderator_id == moderator_id))


def tokens_of(connection: Connection, moderator_id: int) -> list[ApiToken]:
    query = select(*_TOKEN).where(api_token.c.moderator_id == moderator_id)
    return [ApiToken(*row) for row in connection.execute(query.order_by(api_token.c.id))]


_TOKEN = (
    api_token.c.id,
    api_token.c.moderator_id,
    api_token.c.label,
    api_token.c.made_at,
    api_token.c.ends_at,
    api_token.c.used_at,
)

# --- sign-ins that failed --------------------------------------------------------------------------------------------


def failures(connection: Connection, buckets: Sequence[bytes], since: datetime) -> dict[bytes, list[datetime]]:
    """When sign-ins failed in each of the buckets, the oldest first."""
    found: dict[bytes, list[datetime]] = {bucket: [] for bucket in buckets}
    query = select(sign_in_failure.c.bucket, sign_in_failure.c.at).where(
        sign_in_failure.c.bucket.in_(list(buckets)), sign_in_failure.c.at > since
    )
    for bucket, at in connection.execute(query.order_by(sign_in_failure.c.at)):
        found[bytes(bucket)].append(at)
    return found


def add_failures(connection: Connection, buckets: Sequence[bytes], now: datetime, keep_since: datetime) -> list[int]:
    """One failure in each of the buckets; their ids. Those before `keep_since` are swept out."""
    connection.execute(delete(sign_in_failure).where(sign_in_failure.c.at <= keep_since))
    ids = list(next_ids(connection, sign_in_failure, len(buckets)))
    rows = [{"id": number, "bucket": bucket, "at": now} for number, bucket in zip(ids, buckets, strict=True)]
    connection.execute(insert(sign_in_failure), rows)
    return ids


def forgive(connection: Connection, ids: Collection[int]) -> None:
    """These were no failures after all."""
    connection.execute(delete(sign_in_failure).where(sign_in_failure.c.id.in_(list(ids))))
