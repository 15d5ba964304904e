from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from tagora.core.decisions import Verdict
from tagora.review.deciding import decide
from tagora.storage.near import groups, of_post
from tagora.storage.store import Connection, Store

from ..agora import arrive, campaign
from ..make import NOON, sighting

SALE = "Offerta imperdibile solo oggi compra adesso le scarpe {} https://shop.example/{} @amico{}"
OTHER = "Che bella serata abbiamo passato insieme agli amici di Ivrea numero {}"


def wave(c: Connection) -> tuple[int, list[int]]:
    """Posts 0, 2, 4 and 6 say nearly the same, and so do 1 and 5; 3 is alone."""
    agora = campaign(c)
    texts = [SALE, OTHER, SALE, "Una domanda sola sul tempo di qualità", SALE, OTHER, SALE]
    seen = [sighting(str(n), text=text.format(n, n, n), minutes=n) for n, text in enumerate(texts)]
    return agora, arrive(c, agora, seen)


def test_what_says_nearly_the_same_is_told_under_the_first_as_asked(store: Store) -> None:
    with store.writing() as c:
        agora, ids = wave(c)
        assert groups(c, agora, ids) == {ids[0]: (ids[2], ids[4], ids[6]), ids[1]: (ids[5],)}
        backwards = groups(c, agora, ids[::-1])
        assert backwards == {ids[6]: (ids[4], ids[2], ids[0]), ids[5]: (ids[1],)}


def test_members_beyond_the_page_are_told_too(store: Store) -> None:
    with store.writing() as c:
        agora, ids = wave(c)
        assert groups(c, agora, [ids[4], ids[3], ids[2]]) == {ids[4]: (ids[2], ids[0], ids[6])}
        assert of_post(c, agora, ids[5]) == (ids[1],)
        assert of_post(c, agora, ids[3]) == ()


def test_only_open_posts_of_the_campaign_are_members(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora, ids = wave(c)
        other = campaign(c, "other")
        arrive(c, other, [sighting("elsewhere", text=SALE.format(9, 9, 9))])
        decide(c, agora, [ids[2]], Verdict.REJECT, "anna", NOON)
        decide(c, agora, [ids[4]], Verdict.HOLD, "anna", NOON + timedelta(hours=1))
        assert of_post(c, agora, ids[0]) == (ids[4], ids[6])
        assert of_post(c, agora, ids[2]) == (ids[0], ids[4], ids[6])


@pytest.mark.parametrize("count", [2, 60])
def test_a_page_of_any_size_takes_the_same_few_queries(sqlite_store: Store, count: int) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting(str(n), text=SALE.format(n, n, n)) for n in range(count)])
    asked: list[str] = []
    event.listen(sqlite_store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with sqlite_store.reading() as c:
        assert len(groups(c, agora, ids)[ids[0]]) == count - 1
    assert len([sql for sql in asked if sql.lstrip().startswith("SELECT")]) <= 2
