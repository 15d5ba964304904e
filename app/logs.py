"""What the program says of its own work, to stderr: lines for people, or one JSON object a line for machines, each with
the name of its event. No key is ever in it, and nothing that posts say."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

import orjson

from .secrets import hidden

LogFormat = Literal["text", "json"]
NOISY = ("urllib3", "requests", "httpx", "alembic", "apscheduler", "tweepy", "mastodon", "asyncio", "uvicorn")

# Every event's name, and what it is. The names stay; docs/watching.md lists them.
EVENTS = {
    "run.started": "`tagora run` began its work",
    "run.stopped": "it ended cleanly",
    "run.lost": "another `tagora run` took over; this one ends",
    "review.started": "the review app listens",
    "source.asked": "a source was asked, with what came of it",
    "source.failed": "the same, and it failed at least in part",
    "site.built": "pages were written or removed",
    "site.failed": "pages could not be written",
    "pictures.copied": "pictures of approved posts were copied, or let go",
    "site.published": "files were brought to, or removed from, a place that the site is published to",
    "config.changed": "a changed configuration, or key, is in force",
    "config.refused": "a changed configuration was refused; the former stays in force",
    "withdrawal.finished": "a withdrawal that was cut short is finished",
    "budget.reconciled": "a network was asked what it counted",
    "backup.made": "a copy of the store was made and checked",
    "trouble.began": "a trouble of docs/alerts.md began",
    "trouble.ended": "it is over",
    "notice.sent": "people were told of troubles, by mail or webhook",
    "refused": "something did not work, in one sentence",
    "fault": "a fault in the program itself; please report it",
    "log": "anything else",
}


def event(log: logging.Logger, name: str, words: str, level: int = logging.INFO, /, **fields: Any) -> None:
    """Logs `words` for people, and `name` with `fields` (numbers, names, never texts of posts) for machines."""
    assert name in EVENTS, name
    log.log(level, "%s", words, extra={"event": name, "fields": fields})


def prepare(form: LogFormat, level: int = logging.INFO, *, debug: bool = False) -> None:
    """Everything that is logged goes to stderr in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text(debug=debug))
    root = logging.getLogger()
    for former in root.handlers[:]:
        if isinstance(former.formatter, Json | Text):
            root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.ERROR)


class Text(logging.Formatter):
    """A line for people. Without `debug` of a fault only its kind and its place in the program are told: its own words
    may hold what a post says."""

    def __init__(self, *, debug: bool = False) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")
        self._debug = debug

    def formatException(self, ei: Any) -> str:
        return super().formatException(ei) if self._debug else _place(*ei)

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record))


class Json(logging.Formatter):
    """One JSON object a line: at, level, event, words, and the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        name = getattr(record, "event", None)
        if name is None:
            name = "fault" if record.exc_info else "refused" if record.levelno >= logging.ERROR else "log"
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": name,
            "words": hidden(record.getMessage()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            told["place"] = _place(*record.exc_info)
        return hidden(orjson.dumps(told, default=str).decode())


def _place(kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> str:
    """Where a fault arose, without its words."""
    frames = traceback.extract_tb(where)
    lines = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return "\n".join([*lines, kind.__name__ if kind else "?"])
