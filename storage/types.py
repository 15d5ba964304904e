"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def _microseconds(value: datetime | None) -> int | None:
    return None if value is None else (value - EPOCH) // MICROSECOND


Id = BigInteger().with_variant(Integer, "sqlite")
# Ordered and compared as bytes on both databases, whatever the server's locale.
ByteText = Text().with_variant(Text(collation="C"), "postgresql")


class Moment(TypeDecorator[datetime]):
    """An aware UTC time, kept as whole microseconds since 1970: exact, sortable and equal on both databases."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Instead of `process_bind_param`: a page converts more than a thousand times."""
        return _microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A small JSON value, kept as canonical text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)
