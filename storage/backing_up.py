"""Why the last backup failed, as the store keeps it: the backups' own disk may be full."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from .tables import meta

KEY = "backup failed"


def note_problem(connection: Connection, words: str | None) -> None:
    """None: the last one went well."""
    connection.execute(delete(meta).where(meta.c.key == KEY))
    if words is not None:
        connection.execute(insert(meta).values(key=KEY, value=words))


def problem(connection: Connection) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar()
