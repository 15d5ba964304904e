"""What a build left behind: every path it owns, what each was made from, which thread shows which picture, and each
thread as lists show it.

A small SQLite file beside the output, outside what is served. A path is claimed here before its file is written, so
that a killed build leaves no file nobody knows: a claimed page without a key is made again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ..core.errors import BuildError
from . import tallies
from .pages import PICTURES, SEARCH_OWNER
from .transaction import transaction
from .views import Card, PartCard

SCHEMA = """
CREATE TABLE IF NOT EXISTS page (
  path TEXT PRIMARY KEY, owner TEXT NOT NULL, key TEXT, sha BLOB, shown TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS page_owner ON page (owner);
CREATE INDEX IF NOT EXISTS page_unfinished ON page (path) WHERE key IS NULL;
CREATE TABLE IF NOT EXISTS card (
  campaign TEXT NOT NULL, thread_id INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (campaign, thread_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS use (
  owner TEXT NOT NULL, path TEXT NOT NULL, shown TEXT NOT NULL, PRIMARY KEY (owner, path)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS use_path ON use (path);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS document (
  path TEXT PRIMARY KEY, owner TEXT NOT NULL, digest TEXT NOT NULL, facets TEXT NOT NULL, words TEXT NOT NULL,
  shown TEXT NOT NULL, body BLOB NOT NULL, shard TEXT, fragment TEXT
);
CREATE INDEX IF NOT EXISTS document_owner ON document (owner);
CREATE INDEX IF NOT EXISTS document_shard ON document (shard);
CREATE TABLE IF NOT EXISTS buried (
  fragment TEXT PRIMARY KEY, shard TEXT NOT NULL, owner TEXT NOT NULL, facets TEXT NOT NULL, words TEXT NOT NULL,
  lost INTEGER NOT NULL, told INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS buried_owner ON buried (owner);
"""
BUSY_SECONDS = 60
_LISTS = ("families", "former", "parts", "languages")  # in JSON
_TUPLES = [at for at, name in enumerate(Card._fields) if name in _LISTS]


Uses = Mapping[str, tuple[int, ...]]  # the path of a picture -> the posts that it belongs to


@dataclass(frozen=True, slots=True)
class Known:
    """A page of the last build. `key` is None while it is being made; `sha` names the bytes of its last whole file."""

    key: str | None
    sha: bytes | None
    owner: str


@dataclass(frozen=True, slots=True)
class Made:
    """A page as it stands now."""

    path: str
    owner: str
    key: str
    sha: bytes
    shown: tuple[int, ...]


class Manifest:
    """Open it with `with`. Raises BuildError when the file is no manifest."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            # a manifest is derived: losing the last moments of it to a power cut costs a rebuild, no more
            for pragma in ("journal_mode=WAL", "synchronous=OFF", "secure_delete=ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(SCHEMA + tallies.SCHEMA)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise BuildError(
                f"the file {path} is no manifest of a site ({error})", "Delete it; the next build makes it anew."
            ) from error

        self.tallies = tallies.Tallies(self._connection)

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def meta(self) -> dict[str, str]:
        return dict(self._connection.execute("SELECT name, value FROM meta"))

    def set_meta(self, values: Mapping[str, str]) -> None:
        self._write(("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items())))

    def count(self) -> int:
        """Of the pages."""
        query = "SELECT count(*) FROM page WHERE owner NOT IN (?, ?)"
        return self._connection.execute(query, (PICTURES, SEARCH_OWNER)).fetchone()[0]

    def known(self, paths: Sequence[str]) -> dict[str, Known]:
        """Those of the paths that the last build owned."""
        found: dict[str, Known] = {}
        for start in range(0, len(paths), 500):
            some = paths[start : start + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT path, key, sha, owner FROM page WHERE path IN ({marks})"
            for path, key, sha, owner in self._connection.execute(query, some):
                found[path] = Known(key, sha, owner)
        return found

    def owned_by(self, owners: Iterable[str]) -> dict[str, list[str]]:
        """The paths of each owner that has any."""
        found: dict[str, list[str]] = {}
        for owner in owners:
            paths = [row[0] for row in self._connection.execute("SELECT path FROM page WHERE owner = ?", (owner,))]
            if paths:
                found[owner] = paths
        return found

    def paths(self) -> list[str]:
        """Of the pages."""
        return [row[0] for row in self._connection.execute("SELECT path FROM page WHERE owner != ?", (PICTURES,))]

    def standing(self) -> Iterator[tuple[str, str, bytes, tuple[int, ...]]]:
        """(path, owner, sha, posts shown) of every file that stands whole in the output."""
        pictured: dict[str, set[int]] = {}
        for path, shown in self._connection.execute("SELECT path, shown FROM use"):
            pictured.setdefault(path, set()).update(orjson.loads(shown))
        for path, owner, sha, shown in self._connection.execute(
            "SELECT path, owner, sha, shown FROM page WHERE sha IS NOT NULL"
        ):
            posts = sorted(pictured.get(path, ())) if owner == PICTURES else orjson.loads(shown)
            yield path, owner, sha, tuple(posts)

    def unfinished(self) -> list[tuple[str, str]]:
        """(path, owner) of the pages that were claimed and not made, or failed."""
        return list(self._connection.execute("SELECT path, owner FROM page WHERE key IS NULL"))

    def shown(self, path: str) -> tuple[int, ...]:
        """The posts whose words stand in the file as it is now."""
        row = self._connection.execute("SELECT shown FROM page WHERE path = ?", (path,)).fetchone()
        return tuple(orjson.loads(row[0])) if row else ()

    def claim(self, pages: Sequence[tuple[str, str]]) -> None:
        """These (path, owner) are about to be written."""
        insert = "INSERT INTO page (path, owner) VALUES (?, ?)"
        self._write((f"{insert} ON CONFLICT (path) DO UPDATE SET owner = excluded.owner, key = NULL", pages))

    def record(self, pages: Sequence[Made]) -> None:
        """These stand in the output, whole."""
        rows = [(page.owner, page.key, page.sha, orjson.dumps(page.shown).decode(), page.path) for page in pages]
        self._write(("UPDATE page SET owner = ?, key = ?, sha = ?, shown = ? WHERE path = ?", rows))

    def forget(self, paths: Sequence[str]) -> None:
        """These no longer stand in the output."""
        self._write(("DELETE FROM page WHERE path = ?", [(path,) for path in paths]))

    def uses(self, owners: Sequence[str]) -> Mapping[str, Uses]:
        """Which pictures each of these owners shows, and the posts they belong to; of those that show any."""
        found: dict[str, dict[str, tuple[int, ...]]] = {}
        for start in range(0, len(owners), 500):
            some = owners[start : start + 500]
            query = f"SELECT owner, path, shown FROM use WHERE owner IN ({','.join('?' * len(some))})"
            for owner, path, shown in self._connection.execute(query, some):
                found.setdefault(owner, {})[path] = tuple(orjson.loads(shown))
        return found

    def use(self, now: Mapping[str, Uses]) -> None:
        """These owners show these pictures from now on. What one of them no longer shows is marked as unfinished: it is
        looked at before the build ends, or by the next one."""
        before = self.uses(list(now))
        changed = {owner: uses for owner, uses in now.items() if uses != before.get(owner, {})}
        if not changed:
            return
        left = [(path,) for owner, uses in changed.items() for path in before.get(owner, {}) if path not in uses]
        rows = [
            (owner, path, orjson.dumps(shown).decode())
            for owner, uses in changed.items()
            for path, shown in uses.items()
        ]
        self._write(
            ("DELETE FROM use WHERE owner = ?", [(owner,) for owner in changed]),
            ("INSERT INTO use VALUES (?, ?, ?)", rows),
            ("UPDATE page SET key = NULL WHERE path = ?", left),
        )

    def users(self) -> list[str]:
        """The owners that show pictures."""
        return [row[0] for row in self._connection.execute("SELECT DISTINCT owner FROM use")]

    def pictures(self, *, whole: bool) -> tuple[list[str], list[str]]:
        """Of the pictures in the output, or of the unfinished ones: those that are shown, those that nobody shows."""
        query = "SELECT path, EXISTS (SELECT 1 FROM use WHERE use.path = page.path) FROM page WHERE owner = ?"
        rows = self._connection.execute(query if whole else f"{query} AND key IS NULL", (PICTURES,)).fetchall()
        return [path for path, shown in rows if shown], [path for path, shown in rows if not shown]

    def put_cards(self, campaign: str, cards: Sequence[Card]) -> None:
        rows = [(campaign, card.thread_id, orjson.dumps(tuple(card), default=tuple)) for card in cards]
        self._write(("INSERT OR REPLACE INTO card VALUES (?, ?, ?)", rows))

    def drop_cards(self, campaign: str, thread_ids: Iterable[int]) -> None:
        rows = [(campaign, thread_id) for thread_id in thread_ids]
        self._write(("DELETE FROM card WHERE campaign = ? AND thread_id = ?", rows))

    def card_ids(self, campaign: str, among: Collection[int] | None) -> set[int]:
        """The campaign's threads on lists: all, or those `among` these."""
        query = "SELECT thread_id FROM card WHERE campaign = ?"
        if among is None:
            return {row[0] for row in self._connection.execute(query, (campaign,))}
        one = f"{query} AND thread_id = ?"
        return {id_ for id_ in among if self._connection.execute(one, (campaign, id_)).fetchone()}

    def cards(self, campaign: str) -> Iterator[Card]:
        """The campaign's threads as lists show them, in no order."""
        for (data,) in self._connection.execute("SELECT data FROM card WHERE campaign = ?", (campaign,)):
            values = orjson.loads(data)
            if len(values) != len(Card._fields):
                continue  # another version's, of a thread that this one has not planned yet
            for at in _TUPLES:
                values[at] = tuple(values[at])
            card = Card._make(values)
            yield card._replace(parts=tuple(map(PartCard._make, card.parts))) if card.parts else card

    def ask(self, query: str, values: Sequence[object] = ()) -> Iterable[Any]:
        """For what keeps tables of its own here."""
        return self._connection.execute(query, values)

    def write(self, *statements: tuple[str, Sequence[Sequence[object]]]) -> None:
        """In one transaction, for the same."""
        self._write(*statements)

    def _write(self, *statements: tuple[str, Sequence[Sequence[object]]]) -> None:
        with transaction(self._connection):
            for statement, rows in statements:
                self._connection.executemany(statement, rows)
