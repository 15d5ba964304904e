"""Full-text search over what posts say: words as people type them into a box, as a condition on `post`.

Words must all occur, "words in quotes" in this order, -words must not; the last word may be the beginning of one.
Capitals and accents do not count. Whatever is typed is a search, never an error: it reaches the database only as
strings between quotes (SQLite, https://www.sqlite.org/fts5.html#fts5_strings) or as text to parse (PostgreSQL).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, bindparam, literal, literal_column, not_, or_, text

from ..core.normalise import clean_line
from .review_tables import SEARCHED_IN_POSTGRES, folded_in_postgres
from .tables import post

MAX_CHARACTERS = 300
MAX_TERMS = 20

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase; `beginning`: it may be the beginning of a longer word."""

    text: str
    excluded: bool = False
    beginning: bool = False


def terms(words: str) -> tuple[Term, ...]:
    """What is asked for; nothing where there is nothing to look for."""
    line = clean_line(words, MAX_CHARACTERS) or ""
    found: list[Term] = []
    for match in _TERM.finditer(line):
        minus, phrase, word = match.groups()
        said = phrase if word is None else word
        if any(character.isalnum() for character in said):
            last = word is not None and not minus and match.end() == len(line)
            found.append(Term(said, bool(minus), last))
    return tuple(found[:MAX_TERMS])


def matching(connection: Connection, words: str) -> ColumnElement[bool] | None:
    """The condition that a row of `post` says what is asked for; None where nothing is."""
    asked = terms(words)
    if not asked:
        return None
    condition = _in_sqlite if connection.dialect.name == "sqlite" else _in_postgres
    return condition([t for t in asked if not t.excluded], [t for t in asked if t.excluded])


def _in_sqlite(wanted: Sequence[Term], unwanted: Sequence[Term]) -> ColumnElement[bool]:
    def found(expression: str) -> ColumnElement[bool]:
        rows = text("SELECT rowid FROM post_fts WHERE post_fts MATCH :asked").columns(post.c.id)
        return post.c.id.in_(rows.bindparams(bindparam("asked", expression, unique=True)))

    conditions: list[ColumnElement[bool]] = []
    if wanted:
        conditions.append(found(" AND ".join(map(_quoted, wanted))))
    if unwanted:
        conditions.append(not_(found(" OR ".join(map(_quoted, unwanted)))))
    return and_(*conditions)


def _quoted(term: Term) -> str:
    return '"' + term.text.replace('"', '""') + '"' + ("*" if term.beginning else "")


def _in_postgres(wanted: Sequence[Term], unwanted: Sequence[Term]) -> ColumnElement[bool]:
    def found(term: Term) -> ColumnElement[bool]:
        phrase = f"phraseto_tsquery('simple', {folded_in_postgres('CAST(:asked AS text)')})"
        query = phrase
        if term.beginning:  # the text of a query is its lexemes in quotes; what has none finds nothing
            query = f"(CASE WHEN numnode({phrase}) = 0 THEN {phrase} ELSE ({phrase}::text || ':*')::tsquery END)"
        asked = text(f"({query})").bindparams(bindparam("asked", term.text, unique=True))
        return literal_column(SEARCHED_IN_POSTGRES).bool_op("@@")(asked)

    return and_(*map(found, wanted), not_(or_(*map(found, unwanted))) if unwanted else literal(True))
