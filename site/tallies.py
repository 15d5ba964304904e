"""A campaign's tally in the manifest: what all its threads' facts (facts.py) add up to, kept by adding what changed.

Each thread's facts stand beside what was counted of them. Where the two differ the thread is due; counting brings its
difference into the tally and makes them equal, in one transaction. So a build may be killed anywhere, and whoever
writes facts (a worker, perhaps) need not know what was counted.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from .facts import DEPTH, LANGUAGE, LINK, POSTS, REPLIES, SEEN, TAG, Entry, difference
from .transaction import transaction

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS facts (
  campaign TEXT NOT NULL, thread_id INTEGER NOT NULL, data BLOB, counted BLOB, due INTEGER NOT NULL,
  PRIMARY KEY (campaign, thread_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS facts_due ON facts (campaign, thread_id) WHERE due = 1;
CREATE TABLE IF NOT EXISTS tally (
  campaign TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (campaign, kind, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tally_most ON tally (campaign, kind, number DESC, key) WHERE kind IN ('{LINK}', '{TAG}');
"""
NEWCOMER = "newcomer"  # key: the day on which so many wrote for the first time
MOST_SHARED = 15  # links, and tags
AT_ONCE = 2_000  # threads counted in one transaction


@dataclass(frozen=True, slots=True)
class Figures:
    """What a campaign's threads add up to. `posts`: by day and network; `newcomers`: by the day of their first post;
    `languages`, `depths`, `replies` as facts.py names them; `links`, `tags`: the most frequent, those of one post
    alone left out. Days are the site's, 2026-11-23."""

    posts: Mapping[tuple[str, str], int]
    newcomers: Mapping[str, int]
    languages: Mapping[str, int]
    depths: Mapping[int, int]
    replies: Mapping[str, int]
    links: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()


class Tallies:
    """Over the manifest's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, campaign: str, facts: Iterable[tuple[int, Mapping[Entry, int]]]) -> None:
        """These threads' facts as they are now."""
        rows = [(campaign, thread_id, _packed(entries)) for thread_id, entries in facts]
        with transaction(self._connection):
            self._connection.executemany(
                "INSERT INTO facts VALUES (?, ?, ?, NULL, 1) ON CONFLICT (campaign, thread_id) DO UPDATE SET "
                "data = excluded.data, due = excluded.data IS NOT counted",
                rows,
            )

    def drop(self, campaign: str, thread_ids: Collection[int]) -> None:
        """These threads are not published any more."""
        if thread_ids:
            with transaction(self._connection):
                self._connection.executemany(
                    "UPDATE facts SET data = NULL, due = 1 WHERE campaign = ? AND thread_id = ?",
                    [(campaign, thread_id) for thread_id in thread_ids],
                )

    def count(self) -> None:
        """Brings every tally up to date."""
        query = "SELECT campaign, thread_id, data, counted FROM facts WHERE due = 1 LIMIT ?"
        while rows := self._connection.execute(query, (AT_ONCE,)).fetchall():
            changes: dict[str, Counter[Entry]] = defaultdict(Counter)
            for campaign, _, data, counted in rows:
                for entry, number in difference(_unpacked(counted), _unpacked(data)).items():
                    changes[campaign][entry] += number
            with transaction(self._connection):
                for campaign, change in changes.items():
                    self._add(campaign, {entry: number for entry, number in change.items() if number})
                self._connection.executemany(
                    "UPDATE facts SET counted = data, due = 0 WHERE campaign = ? AND thread_id = ?",
                    [(campaign, thread_id) for campaign, thread_id, data, _ in rows if data is not None],
                )
                self._connection.executemany(
                    "DELETE FROM facts WHERE campaign = ? AND thread_id = ?",
                    [(campaign, thread_id) for campaign, thread_id, data, _ in rows if data is None],
                )

    def figures(self, campaign: str, most: int = MOST_SHARED) -> Figures:
        """What the tally says. `most`: so many links and tags."""
        posts = {tuple(key.split(" ", 1)): number for key, number in self._all(campaign, POSTS)}
        return Figures(
            posts={(day, network): number for (day, network), number in posts.items()},
            newcomers=dict(self._all(campaign, NEWCOMER)),
            languages=dict(self._all(campaign, LANGUAGE)),
            depths={int(key): number for key, number in self._all(campaign, DEPTH)},
            replies=dict(self._all(campaign, REPLIES)),
            links=self._most(campaign, LINK, most),
            tags=self._most(campaign, TAG, most),
        )

    # --- parts

    def _add(self, campaign: str, change: Mapping[Entry, int]) -> None:
        people = sorted({key.partition(" ")[0] for kind, key in change if kind == SEEN})
        before = self._first_days(campaign, people)
        self._upsert(campaign, change)
        after = self._first_days(campaign, people)
        moved: Counter[Entry] = Counter()
        for person in people:
            if before.get(person) != after.get(person):
                for day, number in ((before.get(person), -1), (after.get(person), 1)):
                    if day is not None:
                        moved[NEWCOMER, day] += number
        self._upsert(campaign, {entry: number for entry, number in moved.items() if number})

    def _upsert(self, campaign: str, change: Mapping[Entry, int]) -> None:
        self._connection.executemany(
            "INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT (campaign, kind, key) "
            "DO UPDATE SET number = number + excluded.number",
            [(campaign, kind, key, number) for (kind, key), number in change.items()],
        )
        self._connection.executemany(
            "DELETE FROM tally WHERE campaign = ? AND kind = ? AND key = ? AND number = 0",
            [(campaign, kind, key) for (kind, key), number in change.items() if number < 0],
        )

    def _first_days(self, campaign: str, people: Sequence[str]) -> dict[str, str]:
        """The day of each one's first post. Keys are "person day": the first in their order is the earliest."""
        query = "SELECT key FROM tally WHERE campaign = ? AND kind = ? AND key > ? AND key < ? ORDER BY key LIMIT 1"
        found: dict[str, str] = {}
        for person in people:
            row = self._connection.execute(query, (campaign, SEEN, f"{person} ", f"{person}!")).fetchone()
            if row:
                found[person] = row[0].partition(" ")[2]
        return found

    def _all(self, campaign: str, kind: str) -> Iterator[tuple[str, int]]:
        query = "SELECT key, number FROM tally WHERE campaign = ? AND kind = ? ORDER BY key"
        yield from self._connection.execute(query, (campaign, kind))

    def _most(self, campaign: str, kind: str, most: int) -> tuple[tuple[str, int], ...]:
        query = (
            f"SELECT key, number FROM tally WHERE campaign = ? AND kind = '{kind}' AND number > 1 "
            "ORDER BY number DESC, key LIMIT ?"
        )
        return tuple(self._connection.execute(query, (campaign, most)))


def _packed(entries: Mapping[Entry, int]) -> bytes:
    return orjson.dumps([[kind, key, number] for (kind, key), number in sorted(entries.items())])


def _unpacked(data: bytes | None) -> dict[Entry, int]:
    return {} if data is None else {(kind, key): number for kind, key, number in orjson.loads(data)}
