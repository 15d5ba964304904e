"""X's query language, as far as a collector uses it: parsed into one predicate over posts.

Space is AND, `OR` in capitals, `-` is NOT, parentheses group, AND binds before OR; a group cannot be negated, and a
query needs at least one operator that stands alone (platforms: "Query syntax").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

RECENT_LENGTH = 512
ALL_LENGTH = 1024


class QueryError(ValueError):
    """The query is refused; the message is worded as X words it."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What a query can ask of one post. Words, tags and handles are folded (see `fold`)."""

    text: str
    tags: frozenset[str]
    author: str
    author_id: str
    conversation_id: str
    chain: tuple[str, ...]
    replied_to: tuple[str, ...] = ()  # all ids of the chain of what it answers
    replied_to_author: str | None = None
    quoted: tuple[str, ...] = ()
    mentioned: frozenset[str] = frozenset()
    links: tuple[str, ...] = ()
    lang: str | None = None
    media: bool = False
    likes: int = 0
    replies: int = 0
    reposts: int = 0


Predicate = Callable[[Searched], bool]


@dataclass(frozen=True, slots=True)
class Query:
    matches: Predicate


def fold(word: str) -> str:
    """Search ignores case and accents."""
    bare = "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
    return bare.casefold()


_TOKEN = re.compile(r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<term>-?(?:[a-z_]+:)?(?:"[^"]*"|[^\s()"]+)))')

_STANDALONE: dict[str, Callable[[str], Predicate]] = {
    "from": lambda value: lambda post: value.removeprefix("@") in (post.author, post.author_id),
    "to": lambda value: lambda post: post.replied_to_author == value.removeprefix("@"),
    "conversation_id": lambda value: lambda post: post.conversation_id == value,
    "in_reply_to_tweet_id": lambda value: lambda post: value in post.replied_to,
    "in_reply_to_status_id": lambda value: lambda post: value in post.replied_to,
    "quotes_of_tweet_id": lambda value: lambda post: value in post.quoted,
    "retweets_of_tweet_id": lambda value: lambda post: False,  # keyword search no longer returns reposts
    "retweets_of": lambda value: lambda post: False,
    "url": lambda value: lambda post: any(value in link for link in post.links),
    "context": lambda value: lambda post: False,
}
_IS: dict[str, Predicate] = {
    "reply": lambda post: bool(post.replied_to),
    "quote": lambda post: bool(post.quoted),
    "retweet": lambda post: False,
    "nullcast": lambda post: False,
    "verified": lambda post: False,
}
_HAS: dict[str, Predicate] = {
    "media": lambda post: post.media,
    "images": lambda post: post.media,
    "video_link": lambda post: False,
    "videos": lambda post: False,
    "links": lambda post: bool(post.links),
    "hashtags": lambda post: bool(post.tags),
    "mentions": lambda post: bool(post.mentioned),
}
_LEAST: dict[str, Callable[[Searched], int]] = {
    "min_likes": lambda post: post.likes,
    "min_replies": lambda post: post.replies,
    "min_reposts": lambda post: post.reposts,
}


@dataclass(frozen=True, slots=True)
class _Part:
    matches: Predicate
    standalone: bool


def parse(query: str, longest: int) -> Query:
    """Raises QueryError."""
    if not query.strip():
        raise QueryError("Rule must contain at least one operator or keyword (at position 1)")
    if len(query) > longest:
        raise QueryError(
            f"Rule length exceeds the maximum: {len(query)} characters given, {longest} characters allowed"
        )
    part = _Parser(query).parse()
    if not part.standalone:
        raise QueryError("Rules must contain at least one positive, non-stopword clause (at position 1)")
    return Query(part.matches)


class _Parser:
    def __init__(self, query: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        at = 0
        query = query.rstrip()
        while at < len(query):
            match = _TOKEN.match(query, at)
            if match is None:
                raise QueryError(f"mismatched character {query[at]!r} (at position {at + 1})")
            kind = str(match.lastgroup)
            self.tokens.append((kind, match[kind], match.start(kind) + 1))
            at = match.end()
        self.at = 0

    def parse(self) -> _Part:
        part = self._either()
        if self.at < len(self.tokens):
            raise self._unexpected()
        return part

    def _unexpected(self) -> QueryError:
        if self.at >= len(self.tokens):
            return QueryError("missing EOF: the query ends too early")
        _, word, position = self.tokens[self.at]
        return QueryError(f"no viable alternative at input '{word}' (at position {position})")

    def _next(self) -> tuple[str, str]:
        return self.tokens[self.at][:2] if self.at < len(self.tokens) else ("end", "")

    def _either(self) -> _Part:
        parts = [self._all()]
        while self._next() == ("term", "OR"):
            self.at += 1
            parts.append(self._all())
        if len(parts) == 1:
            return parts[0]
        predicates = [part.matches for part in parts]
        return _Part(lambda post: any(matches(post) for matches in predicates), all(part.standalone for part in parts))

    def _all(self) -> _Part:
        parts: list[_Part] = []
        while True:
            kind, word = self._next()
            if kind == "open":
                self.at += 1
                parts.append(self._either())
                if self._next()[0] != "close":
                    raise self._unexpected()
                self.at += 1
            elif kind == "term" and word == "-" and self.tokens[self.at + 1 : self.at + 2]:
                raise QueryError(f"a group cannot be negated (at position {self.tokens[self.at][2]})")
            elif kind == "term" and word != "OR":
                parts.append(self._term(word))
                self.at += 1
            else:
                break
        if not parts:
            raise self._unexpected()
        predicates = [part.matches for part in parts]
        return _Part(lambda post: all(matches(post) for matches in predicates), any(part.standalone for part in parts))

    def _term(self, word: str) -> _Part:
        if word.startswith("-") and len(word) > 1:
            denied = self._term(word[1:])
            return _Part(lambda post: not denied.matches(post), standalone=False)
        return self._operator(word)

    def _operator(self, word: str) -> _Part:
        name, colon, value = word.partition(":")
        value = fold(value.strip('"'))
        if colon and name.islower() and not word.startswith('"'):
            if not value:
                raise QueryError(f"{name}: needs a value (at position {self.tokens[self.at][2]})")
            if name in _STANDALONE:
                return _Part(_STANDALONE[name](value), standalone=True)
            if name == "lang":
                return _Part(lambda post: post.lang == value, standalone=False)
            if name in _LEAST and value.isdigit():
                return _Part(lambda post: _LEAST[name](post) >= int(value), standalone=False)
            choices = {"is": _IS, "has": _HAS}.get(name, {})
            if value in choices:
                return _Part(choices[value], standalone=False)
            raise QueryError(
                f"Reference to invalid operator '{name}:{value}'. Operator is not available in current product or "
                f"product packaging. Please refer to complete available operator list at "
                f"http://t.co/operators. (at position {self.tokens[self.at][2]})"
            )
        if word.startswith("#"):
            tag = fold(word[1:])
            return _Part(lambda post: tag in post.tags, standalone=True)
        if word.startswith("@"):
            handle = fold(word[1:])
            return _Part(lambda post: handle in post.mentioned, standalone=True)
        words = fold(word.strip('"'))
        whole = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
        return _Part(lambda post: whole.search(post.text) is not None, standalone=True)
