"""A campaign's rules as append-only versions, each the YAML text that a person wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, literal_column, select

from .batches import read
from .store import next_ids
from .tables import ruleset


@dataclass(frozen=True, slots=True)
class Ruleset:
    id: int
    campaign_id: int
    version: int
    body: str
    by: str
    at: datetime


def latest(connection: Connection, campaign_id: int) -> Ruleset | None:
    """The version in force; None for a campaign that never had rules."""
    rows = read(connection, _LATEST, campaign=campaign_id)
    return Ruleset(*rows[0]) if rows else None


_LATEST = (
    select(ruleset)
    .where(ruleset.c.campaign_id == bindparam("campaign"))
    .order_by(ruleset.c.version.desc())
    .limit(literal_column("1"))
)


def version(connection: Connection, campaign_id: int, number: int) -> Ruleset | None:
    row = connection.execute(
        select(ruleset).where(ruleset.c.campaign_id == campaign_id, ruleset.c.version == number)
    ).first()
    return Ruleset(*row) if row else None


def versions(connection: Connection, campaign_id: int) -> list[Ruleset]:
    """All versions, the oldest first."""
    query = select(ruleset).where(ruleset.c.campaign_id == campaign_id).order_by(ruleset.c.version)
    return [Ruleset(*row) for row in connection.execute(query)]


def add(connection: Connection, campaign_id: int, body: str, by: str, at: datetime) -> Ruleset:
    """`body` as the version in force from now on. The text that is in force already makes no new version."""
    before = latest(connection, campaign_id)
    if before and before.body == body:
        return before
    number = before.version + 1 if before else 1
    made = Ruleset(next_ids(connection, ruleset, 1)[0], campaign_id, number, body, by, at)
    connection.execute(
        ruleset.insert().values(id=made.id, campaign_id=campaign_id, version=number, body=body, by=by, at=at)
    )
    return made


def seed(connection: Connection, campaign_id: int, body: str, at: datetime) -> Ruleset:
    """The rules of config.yaml as version 1; once a campaign has rules, the config's are only history."""
    return latest(connection, campaign_id) or add(connection, campaign_id, body, "config.yaml", at)
