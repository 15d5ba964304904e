"""A made-up discussion of any size on three networks: who wrote what, when, in answer to what. The same seed gives the
same discussion, of which posts come one by one, in the order of time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from .words import Vocabulary

TAG = "mmgCasnocha"
BEGINS = datetime(2026, 5, 4, 8, tzinfo=UTC)
LASTS = timedelta(days=200)
LIVELY = 400  # threads that are being answered at one moment
SERVERS = ("mastodon.uno", "mastodon.social", "sociale.network")
DEFAULT_NETWORKS = (("x", 5), ("mastodon", 4), ("facebook", 1))


@dataclass(frozen=True, slots=True)
class Person:
    """`server`: where a Mastodon account lives. `number` is unique."""

    number: int
    network: str
    handle: str
    name: str
    server: str
    joined: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. `kind`: words, hashtag, mention, link; `target`: what it leads to."""

    kind: str
    text: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """One post. `number` counts from 0 in the order of time; `parent`, `root` and `quotes` are other posts' numbers."""

    number: int
    network: str
    author: Person
    at: datetime
    parent: int | None
    root: int
    quotes: int | None
    pieces: tuple[Piece, ...]
    language: str
    images: tuple[str | None, ...]  # what each shows, in words
    warning: str | None
    replies: int
    likes: int

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def tagged(self) -> bool:
        return any(piece.kind == "hashtag" for piece in self.pieces)


class Discussion:
    """`posts` in `threads` by one person for every twelve posts; all threads together hold exactly `posts`. `tagged`:
    the share of replies that carry the tag, as every first post does. `networks`: (name, weight)."""

    def __init__(
        self,
        posts: int,
        threads: int,
        seed: int,
        networks: tuple[tuple[str, int], ...] = DEFAULT_NETWORKS,
        tagged: float = 0.3,
    ) -> None:
        if not 0 < threads <= posts:
            raise ValueError("there must be at least one thread, and at least as many posts as threads")
        self.posts = posts
        self.threads = threads
        self._seed = seed
        self._networks = networks
        self._tagged = tagged
        self._vocabulary = Vocabulary(seed)
        self.people = self._make_people()
        self._shape()

    def __iter__(self) -> Iterator[Written]:
        random = Random(f"{self._seed}/texts")
        step = LASTS / self.posts
        authors: list[Person] = []
        for number in range(self.posts):
            parent, root = self._parents[number], self._roots[number]
            network = self._network_of[root]
            people = self.people[network]
            author = people[int(len(people) * random.random() ** 2.5)]  # some write a lot
            authors.append(author)
            language = "it" if root % 3 else "en"
            yield Written(
                number=number,
                network=network,
                author=author,
                at=BEGINS + step * number + step * (0.9 * random.random()),
                parent=parent,
                root=root,
                quotes=self._quote(random, number, network),
                pieces=tuple(self._text(random, network, language, None if parent is None else authors[parent])),
                language=language,
                images=self._images(random, language),
                warning=" ".join(self._vocabulary.draw(random, language, 2)) if random.random() < 0.01 else None,
                replies=self._replies[number],
                likes=int(random.paretovariate(1.2)) - 1,
            )

    def _make_people(self) -> dict[str, list[Person]]:
        random = Random(f"{self._seed}/people")
        people: dict[str, list[Person]] = {}
        total = sum(weight for _, weight in self._networks)
        number = 0
        for network, weight in self._networks:
            people[network] = []
            for _ in range(max(5, self.posts * weight // total // 12)):
                number += 1
                name = self._vocabulary.name(random)
                handle = "".join(c for c in name.lower() if c.isascii() and c.isalpha())[:9] + str(number)
                joined = BEGINS - timedelta(days=random.randint(1, 4_000))
                people[network].append(Person(number, network, handle, name, random.choice(SERVERS), joined))
        return people

    def _shape(self) -> None:
        """Which post answers which: a reply goes to one of the lively threads, the younger the likelier, and there to
        a recent post or to the first one."""
        random = Random(f"{self._seed}/shape")
        names = [network for network, _ in self._networks]
        weights = [weight for _, weight in self._networks]
        self._parents: list[int | None] = []
        self._roots: list[int] = []
        self._replies = [0] * self.posts
        self._network_of: dict[int, str] = {}
        lively: deque[list[int]] = deque(maxlen=LIVELY)
        begun = 0
        for number in range(self.posts):
            if number * self.threads // self.posts >= begun:
                begun += 1
                self._network_of[number] = random.choices(names, weights)[0]
                lively.append([number])
                self._parents.append(None)
                self._roots.append(number)
                continue
            thread = lively[-1 - int(len(lively) * random.random() ** 1.5)]
            parent = thread[0] if random.random() < 0.35 else thread[-1 - int(len(thread) * random.random() ** 2)]
            thread.append(number)
            self._replies[parent] += 1
            self._parents.append(parent)
            self._roots.append(thread[0])

    def _quote(self, random: Random, number: int, network: str) -> int | None:
        if network == "facebook" or random.random() > 0.02:
            return None
        quoted = random.randrange(max(0, number - 2_000), number + 1)
        return quoted if quoted != number and self._network_of[self._roots[quoted]] == network else None

    def _text(self, random: Random, network: str, language: str, answered: Person | None) -> Iterator[Piece]:
        if answered is not None and network != "facebook":
            yield Piece("mention", f"@{answered.handle}", str(answered.number))
            yield Piece("words", " ")
        words = self._vocabulary.draw(random, language, random.randint(4, 34 if network == "x" else 60))
        words[0] = words[0].capitalize()
        for at in range(7, len(words) - 2, 9):
            words[at] += random.choice((",", ".", " –", ":", "?"))
        text = " ".join(words) + random.choice((".", "!", "?", " 🙂", "…", " & co."))
        if random.random() < 0.08:
            text = text.replace(". ", ".\n\n", 1)
        yield Piece("words", text)
        if random.random() < 0.12:
            host = self._vocabulary.draw(random, "en", 1)[0]
            page = "-".join(self._vocabulary.draw(random, "en", 4))
            yield Piece("words", " ")
            yield Piece("link", f"https://www.{host or 'site'}.example/{page}", page)
        if answered is None or random.random() < self._tagged:
            yield Piece("words", " ")
            yield Piece("hashtag", f"#{TAG}", TAG)

    def _images(self, random: Random, language: str) -> tuple[str | None, ...]:
        if random.random() > 0.1:
            return ()
        return tuple(
            " ".join(self._vocabulary.draw(random, language, 8)) if random.random() < 0.6 else None
            for _ in range(random.randint(1, 3))
        )
