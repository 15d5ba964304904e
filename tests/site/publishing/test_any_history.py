"""Whatever happened before, the next publication that ends shows the site: builds, withdrawals, kills, refusals, a lost
record and other people's files, in any order."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tagora.site.publishing.publish import Outcome
from tagora.site.publishing.record import OWN, RECORD

from .conftest import Built, send_to

NAMES = [f"talk/{letter}.html" for letter in "abc"]
POSTS = {path: number for number, path in enumerate(NAMES, 1)}


class Killed(BaseException):
    """As if the process ended here."""


class Memory:
    """A place in memory. It can refuse a path, and end the process after so many files."""

    name, at_once, atomic = "memory", 1, False
    faults: tuple[type[Exception], ...] = (OSError,)

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.refuses: frozenset[str] = frozenset()
        self.left: int | None = None
        self.log: list[tuple[str, str]] = []

    def paths(self) -> Mapping[str, int]:
        return {path: len(content) for path, content in self.files.items()}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def exists(self, path: str) -> bool:
        return path in self.files

    def put(self, path: str, content: bytes) -> None:
        self._do("put", path)
        self.files[path] = content

    def create(self, path: str, content: bytes) -> bool:
        if path in self.files:
            return False
        self.files[path] = content
        return True

    def remove(self, path: str) -> None:
        self._do("remove", path)
        self.files.pop(path, None)

    def commit(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _do(self, what: str, path: str) -> None:
        if path in self.refuses:
            raise PermissionError(13, "Access denied")
        if self.left is not None and path != OWN + "lock":
            if self.left == 0:
                raise Killed
            self.left -= 1
        if not path.startswith(OWN):
            self.log.append((what, path))


class History:
    """A site and a place, and what happens to them by chance."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        self.built, self.place = Built(folder), Memory()
        self.foreign: dict[str, bytes] = {}
        self._front()

    def step(self) -> None:
        happens = [self.built_page, self.built_page, self.page_leaves, self.theirs, self.lost]
        happens += [self.refused, self.killed, self.killed, self.killed, self.ends]
        self.random.choice(happens)()
        assert {path: self.place.files.get(path) for path in self.foreign} == self.foreign

    def built_page(self) -> None:
        """New, changed, or back as it was once."""
        path = self.random.choice(NAMES)
        self.built.withdrawn.discard(POSTS[path])
        self.built.page(path, f"edition {self.random.randint(1, 2)}", [POSTS[path]])
        self._front()

    def page_leaves(self) -> None:
        there = sorted(self.built.files.keys() - {"index.html"})
        if there:
            path = self.random.choice(there)
            self.built.drop(path)
            if self.random.random() < 0.5:
                self.built.withdrawn.add(POSTS[path])
            self._front()

    def theirs(self) -> None:
        path = self.random.choice(NAMES)
        if path not in self.place.files:
            self.foreign[path] = self.place.files[path] = b"<h1>theirs</h1>"

    def lost(self) -> None:
        if self.random.random() < 0.2:
            self.place.files.pop(RECORD, None)

    def refused(self) -> None:
        self.place.refuses = frozenset(self.random.sample(NAMES, 1))
        outcome = self.publish()
        assert {failure.partition(":")[0] for failure in outcome.failures} <= self.place.refuses | self.foreign.keys()
        self.place.refuses = frozenset()

    def killed(self) -> None:
        self.place.left = self.random.randint(1, 5)
        with suppress(Killed):
            self.publish()
        self.place.left = None

    def ends(self) -> None:
        self.place.log.clear()
        plan = self.publish().plan
        there = {path: content for path, content in self.place.files.items() if not path.startswith(OWN)}
        assert there == self.built.contents() | self.foreign
        order = [path for _, path in self.place.log]
        first_new = min((order.index(path) for path in plan.discussions if path in order), default=len(order))
        assert all(order.index(path) < first_new for path in plan.withdrawn if path in order)
        assert self.publish().sent == 0

    def publish(self) -> Outcome:
        return send_to(self.place, self.built, max_shrink=1.0)

    def _front(self) -> None:
        shown = [POSTS[path] for path in sorted(self.built.files) if path in POSTS]
        self.built.page("index.html", f"front {shown}", shown)


@pytest.mark.parametrize("seed", range(8))
def test_the_next_publication_that_ends_shows_the_site(tmp_path: Path, seed: int) -> None:
    for number in range(40):
        history = History(tmp_path / str(number), seed * 1_000 + number)
        for _ in range(25):
            history.step()
        history.ends()
