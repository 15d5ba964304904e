"""What stands in the index, document by document. Kept in the manifest, so that a build that changed one discussion
reads no other again.

A document is written here when its thread is planned; which shard holds it is noted when that shard's files stand. A
killed build leaves documents that no shard holds: the next one indexes them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from ..manifest import Manifest
from ..pages import digest
from .documents import Document
from .shards import Standing

SETTLED, ACTIVE = "settled", "active"
_MANY = 500  # values in one query


@dataclass(frozen=True, slots=True)
class _Held:
    owner: str
    path: str
    digest: str
    facets: str
    words: str
    shard: str | None
    fragment: str | None


class Catalogue:
    """Owners are threads, as in the manifest."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    def put(self, made: Mapping[str, Sequence[Document]]) -> None:
        """These are all documents of these owners now; a former version that stands in a shard is buried there."""
        held: dict[str, dict[str, _Held]] = {owner: {} for owner in made}
        for one in self._held(list(made)):
            held[one.owner][one.path] = one
        rows: list[tuple[object, ...]] = []
        gone: list[_Held] = []
        for owner, documents in made.items():
            before = held[owner]
            for document in documents:
                known, now = before.pop(document.path, None), digest(document.html)
                if known is not None and known.digest == now:
                    continue
                if known is not None:
                    gone.append(known)
                facets, words, shown = (
                    orjson.dumps(each).decode() for each in (document.facets, document.words, document.shown)
                )
                rows.append((document.path, owner, now, facets, words, shown, document.html))
            gone += before.values()
        if rows or gone:
            self._write(rows, gone)
        self._look_for_loss({owner: {word for one in made[owner] for word in one.words} for owner in made})

    def drop(self, owners: Collection[str]) -> None:
        """These threads have no documents any more."""
        self.put(dict.fromkeys(owners, ()))

    def keep_only(self, pages: Collection[str]) -> None:
        """There are no other pages than these."""
        rows = self._manifest.ask("SELECT path, owner FROM document")
        self.drop({owner for path, owner in rows if path.partition("/")[2] not in pages})

    def forget(self) -> None:
        """Nothing is indexed, and nothing is kept to be."""
        self._manifest.write(("DELETE FROM document", [()]), ("DELETE FROM buried", [()]))

    def standing(self, whole: bool) -> Standing:
        """`whole`: there is an index, of this program, and its files stand."""
        one = self._one
        return Standing(
            settled=one("SELECT count(*) FROM document WHERE shard = ?", SETTLED),
            others=one("SELECT count(*) FROM document WHERE shard IS NOT ?", SETTLED),
            fresh=bool(
                one("SELECT EXISTS (SELECT 1 FROM document WHERE shard IS NULL)")
                or one("SELECT EXISTS (SELECT 1 FROM buried WHERE shard = ? OR NOT told)", ACTIVE)
            ),
            lost=bool(one("SELECT EXISTS (SELECT 1 FROM buried WHERE shard = ? AND lost)", SETTLED)),
            whole=whole,
        )

    def anything_lost(self) -> bool:
        """Whether a shard holds words that left the site."""
        return bool(self._one("SELECT EXISTS (SELECT 1 FROM buried WHERE lost OR shard = ?)", ACTIVE))

    def documents(self, among: Sequence[str | None]) -> Iterator[tuple[str, bytes]]:
        """(path, content) of those in these shards; None: in none yet."""
        for shard in among:
            yield from self._manifest.ask("SELECT path, body FROM document WHERE shard IS ? ORDER BY path", (shard,))

    def buried(self) -> dict[str, tuple[str, ...]]:
        """The facets of each fragment in the settled shard that is passed over."""
        rows = self._manifest.ask("SELECT fragment, facets FROM buried WHERE shard = ? ORDER BY fragment", (SETTLED,))
        return {fragment: tuple(orjson.loads(facets)) for fragment, facets in rows}

    def shown(self, paths: Collection[str]) -> dict[str, tuple[int, ...]]:
        """The posts of each document."""
        wanted = set(paths)
        rows = self._manifest.ask("SELECT path, shown FROM document")
        return {path: tuple(orjson.loads(shown)) for path, shown in rows if path in wanted}

    def shown_by(self, owner: str) -> tuple[int, ...]:
        """The posts in the owner's documents."""
        rows = self._manifest.ask("SELECT shown FROM document WHERE owner = ?", (owner,))
        return tuple({id_ for (shown,) in rows for id_ in orjson.loads(shown)})

    def stand(self, shard: str, fragments: Mapping[str, str]) -> None:
        """The shard holds these documents and no others: fragments by path."""
        named = [(shard, fragment, path) for path, fragment in fragments.items()]
        self._manifest.write(
            ("UPDATE document SET shard = NULL, fragment = NULL WHERE shard = ?", [(shard,)]),
            ("UPDATE document SET shard = ?, fragment = ? WHERE path = ?", named),
            ("DELETE FROM buried WHERE shard = ?", [(shard,)]),
            ("UPDATE buried SET told = 1", [()]),
        )

    def stand_nowhere(self) -> None:
        """There is no index; the documents wait for the next one."""
        self._manifest.write(("UPDATE document SET shard = NULL, fragment = NULL", [()]), ("DELETE FROM buried", [()]))

    def _held(self, owners: Sequence[str]) -> Iterator[_Held]:
        for marks, some in _in_parts(owners):
            query = f"SELECT owner, path, digest, facets, words, shard, fragment FROM document WHERE owner IN ({marks})"
            for row in self._manifest.ask(query, some):
                yield _Held(*row)

    def _write(self, rows: Sequence[tuple[object, ...]], gone: Sequence[_Held]) -> None:
        buried = [(one.fragment, one.shard, one.owner, one.facets, one.words) for one in gone if one.shard]
        self._manifest.write(
            ("INSERT OR REPLACE INTO buried VALUES (?, ?, ?, ?, ?, 0, 0)", buried),
            ("DELETE FROM document WHERE path = ?", [(one.path,) for one in gone]),
            ("INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)", rows),
        )

    def _look_for_loss(self, kept: Mapping[str, set[str]]) -> None:
        """Words in a former version that none of the owner's documents has any more left the site."""
        lost: list[tuple[str]] = []
        for marks, some in _in_parts(list(kept)):
            query = f"SELECT fragment, owner, words FROM buried WHERE NOT lost AND owner IN ({marks})"
            for fragment, owner, words in self._manifest.ask(query, some):
                if not kept[owner].issuperset(orjson.loads(words)):
                    lost.append((fragment,))
        if lost:
            self._manifest.write(("UPDATE buried SET lost = 1 WHERE fragment = ?", lost))

    def _one(self, query: str, *values: object) -> int:
        return next(iter(self._manifest.ask(query, values)))[0]


def _in_parts(values: Sequence[str]) -> Iterable[tuple[str, Sequence[str]]]:
    for start in range(0, len(values), _MANY):
        some = values[start : start + _MANY]
        yield ",".join("?" * len(some)), some
