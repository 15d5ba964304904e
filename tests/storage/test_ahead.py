"""A clock that stood ahead and was set back keeps nothing from being asked or believed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from tagora.storage import ahead, conversations, runs, sources, windows
from tagora.storage.campaigns import CampaignSeed, SourceSeed, admit, sync
from tagora.storage.store import Store
from tagora.storage.tables import conversation

from .. import make
from ..make import NOON
from .incoming import keep, view

WRONG = NOON + timedelta(days=10)
SOON = timedelta(minutes=10)


def test_what_was_written_under_a_clock_that_stood_ahead_is_due_and_newer_words_are_believed(store: Store) -> None:
    early = make.sighting(make.post("p1", text="as it was"), seen_at=WRONG)
    with store.writing() as connection:
        ids = sync(connection, [CampaignSeed("talk", "publish_first", (SourceSeed("x", "x", "x", "1"),))], WRONG)[
            "talk"
        ]
        source_id = ids.sources["x"]
        sources.take(connection, source_id, "anna", WRONG, WRONG + SOON)
        run_id = runs.begin(connection, source_id, WRONG)
    post_id = keep(store, early, now=WRONG)[0].post_id
    with store.writing() as connection:
        admit(connection, ids.campaign_id, source_id, [(post_id, "tag")], WRONG)
        conversations.follow(connection, source_id, {(post_id, kind): NOON for kind in ("thread", "quotes")})
        asked = update(conversation).values(asked_at=NOON - SOON)
        connection.execute(asked.where(conversation.c.kind == "thread").values(asked_at=WRONG, due_at=WRONG + SOON))
        connection.execute(asked.where(conversation.c.kind == "quotes"))
        conversations.postpone(connection, source_id, {post_id: WRONG + SOON}, "quotes")
        windows.done_at_once(
            connection,
            source_id,
            "tag:a",
            newest="1",
            newest_at=WRONG,
            oldest_at=None,
            exhaustive=True,
            items=1,
            now=WRONG,
        )
        sources.rest(connection, "x", "the network asked for a pause", WRONG + SOON)
        sources.release(
            connection, source_id, "anna", due_at=WRONG + SOON, attempts=0, error=None, ok_at=WRONG, new_at=WRONG
        )
        runs.end(connection, run_id, runs.Counts(), None, WRONG)

    with store.writing() as connection:
        assert sources.due(connection, NOON) == []
        assert not ahead.stands_ahead(connection, WRONG + SOON)
        assert ahead.stands_ahead(connection, NOON)
        ahead.bring_back(connection, NOON)
        assert not ahead.stands_ahead(connection, NOON)
        assert sources.due(connection, NOON) == [source_id]
        for kind in ("thread", "quotes"):
            found = conversations.due(connection, source_id, ids.campaign_id, kind, NOON, 10)
            assert [one.post_id for one in found] == [post_id], kind
        (window,) = windows.of_query(connection, source_id, "tag:a")
        assert (window.newest_at, window.mark) == (NOON, "1")

    keep(store, make.sighting(make.post("p1", text="as it is"), seen_at=NOON + SOON), now=NOON + SOON)
    with store.reading() as connection:
        assert [node["text"] for node in view(connection).values()] == ["as it is"]
