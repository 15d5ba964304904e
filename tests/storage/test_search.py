"""What is found, and that nothing which is typed is an error."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tagora.storage.search import Term, matching, terms
from tagora.storage.store import Connection, Store
from tagora.storage.tables import post

from ..make import sighting
from .incoming import keep

TEXTS = {
    "1": "Perché la città è bella: l'amore per Ivrea",
    "2": "PERCHE no? CITTÀ d'arte, foo-bar e snake_case",
    "3": "networking è una perdita di tempo https://example.org/agora/2026?x=1",
    "4": "tempo di networking, grazie @anna@mastodon.uno!",
    "5": "🎉🎉🎉",
    "6": "",
}


def found(c: Connection, words: str) -> list[str]:
    condition = matching(c, words)
    query = select(post.c.native_id).order_by(post.c.native_id)
    return list(c.execute(query if condition is None else query.where(condition)).scalars())


@pytest.fixture
def filled(store: Store) -> Store:
    titled = sighting("7", text="senza", title="Un titolo", warning="Attenzione")
    keep(store, *(sighting(name, text=text) for name, text in TEXTS.items()), titled)
    return store


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("perche", ["1", "2"]),
        ("PERCHÉ CITTÀ", ["1", "2"]),
        ("citta bella", ["1"]),
        ("networking tempo", ["3", "4"]),
        ('"tempo di networking"', ["4"]),
        ('"networking tempo"', []),
        ("networking -perdita", ["4"]),
        ('networking -"perdita di tempo"', ["4"]),
        ("netw", ["3", "4"]),
        ("netw tempo", []),  # only the last word may be a beginning
        ("tempo netw", ["3", "4"]),
        ("amore", ["1"]),
        ("l'amore", ["1"]),
        ("l’amore", ["1"]),
        ("foo-bar", ["2"]),
        ("bar", ["2"]),
        ("snake", ["2"]),
        ("example.org/agora", ["3"]),
        ("agora", ["3"]),
        ("@anna@mastodon.uno", ["4"]),
        ("titolo attenzione senza", ["7"]),
        ("-tempo -senza -perche", ["5", "6"]),
        ("inesistente", []),
    ],
)
def test_words_find_posts_on_both_databases_alike(filled: Store, words: str, names: list[str]) -> None:
    with filled.reading() as c:
        assert found(c, words) == names


@pytest.mark.parametrize("words", ["", "   ", '"', '""', "-", "!!! ?", "🎉", "\x00"])
def test_where_nothing_is_asked_everything_is_found(filled: Store, words: str) -> None:
    with filled.reading() as c:
        assert found(c, words) == [*TEXTS, "7"]


def test_what_was_edited_or_scrubbed_is_found_no_more(filled: Store) -> None:
    with filled.writing() as c:
        c.execute(post.update().where(post.c.native_id == "1").values(text=None))
        c.execute(post.update().where(post.c.native_id == "2").values(text="altro"))
        assert (found(c, "perche"), found(c, "altro")) == ([], ["2"])


def test_a_search_is_read_into_words_phrases_and_exclusions() -> None:
    assert terms('ciao -spam "due parole" -"tre altre" fin') == (
        Term("ciao"),
        Term("spam", excluded=True),
        Term("due parole"),
        Term("tre altre", excluded=True),
        Term("fin", beginning=True),
    )
    assert terms('"non chiusa') == (Term("non chiusa"),)


SYNTAX = st.lists(
    st.sampled_from(
        ["AND", "OR", "NOT", "NEAR(", ")", "(", "*", '"', "^", ":", "-", "+", "'", "|", "&", "!", "<->", "text:", "{",
         "}", "\\", "%", "$1", ":asked", "post_fts", "--", ";", "a", "È", "\x00", "\ud800", "\u0301", "\u200b", "٣",
         "x" * 400, "\N{KHMER VOWEL SIGN AA}", "ﬁ", "漢字"]
    ),
    max_size=8,
).flatmap(lambda parts: st.sampled_from(["", " "]).map(lambda between: between.join(parts)))  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.one_of(st.text(), SYNTAX))
def test_whatever_is_typed_is_a_search_and_never_an_error(store: Store, words: str) -> None:
    with store.reading() as c:
        assert found(c, words) == []
