"""The log as files: a spreadsheet's CSV and JSON Lines, written as they are read, so that any length fits in memory."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from ..presentation.spreadsheet import BYTE_ORDER_MARK, harmless, row
from ..storage.history import Entry, LogFilter, log
from ..storage.store import Store

PAGE = 1_000
COLUMNS = (
    "number",
    "at",
    "by",
    "verdict",
    "post",
    "author",
    "address",
    "reason",
    "rule",
    "matched",
    "takes_back",
    "taken_back_by",
    "stroke",
    "content",
)


def entries(store: Store, wanted: LogFilter) -> Iterator[list[Entry]]:
    """The newest first, page by page, each in a transaction of its own: the log only grows, so nothing is missed or
    told twice, and no writer is kept waiting for a slow reader."""
    before: int | None = None
    while True:
        with store.reading() as connection:
            page = log(connection, wanted, before=before, limit=PAGE)
        yield list(page.entries)
        if page.before is None:
            return
        before = page.before


def as_csv(store: Store, wanted: LogFilter) -> Iterator[bytes]:
    yield (BYTE_ORDER_MARK + row(COLUMNS)).encode()
    for page in entries(store, wanted):
        yield "".join(row([harmless(value) for value in told(entry).values()]) for entry in page).encode(
            "utf-8", "replace"
        )


def as_json_lines(store: Store, wanted: LogFilter) -> Iterator[bytes]:
    for page in entries(store, wanted):
        yield b"".join(orjson.dumps(told(entry), option=orjson.OPT_APPEND_NEWLINE) for entry in page)


def told(entry: Entry) -> dict[str, str | int | None]:
    """One entry under the names of COLUMNS. Times are UTC; `matched` is "12-16" for a stretch of the text."""
    one = entry.decision
    matched = f"{one.matched[0]}-{one.matched[1]}" if isinstance(one.matched, tuple) else one.matched
    values = (
        one.id,
        one.at.isoformat(),
        one.by,
        one.verdict.value,
        one.post_id,
        entry.handle or entry.display_name,
        entry.url,
        one.reason,
        one.rule,
        matched,
        one.reverts,
        entry.undone_by,
        one.batch,
        one.content_hash,
    )
    return dict(zip(COLUMNS, values, strict=True))
