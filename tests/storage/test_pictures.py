"""Which pictures are wanted, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tagora.core.pictures import PER_POST, Rendition
from tagora.storage import pictures, publishable, snapshot
from tagora.storage import tables as t
from tagora.storage.changes import newest
from tagora.storage.store import Store

from ..make import NOON
from ..pictures import address, copies_of, medium
from ..site_store import Filler

COPIES = tuple(copies_of("sea"))


class Agora:
    """A store with a campaign whose source "x" is copied from, and "quiet" not."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.filler: Filler | None = None
        with self.filling() as f:
            f.campaign()
            self.sources = {name: f.source(name) for name in ("x", "quiet")}

    @contextmanager
    def filling(self) -> Iterator[Filler]:
        with self.store.writing() as connection:
            self.filler = self.filler or Filler(connection)
            self.filler.connection = connection
            yield self.filler
            self.filler.done()

    def post(self, name: str, *media: dict[str, object], source: str = "x", **changes: object) -> int:
        with self.filling() as f:
            return f.post(name, media=media or (medium(name),), source_id=self.sources[source], **changes)  # type: ignore[arg-type]

    def wish(self, threads: set[int] | None = None, days: int = 0) -> pictures.Wish:
        with self.store.reading() as connection:
            now = NOON + timedelta(days=days)
            return pictures.wish(connection, {"casnocha": [self.sources["x"]], "no such": [1]}, now, threads)

    def wanted(self, threads: set[int] | None = None, days: int = 0) -> list[int]:
        return [one.post_id for one in self.wish(threads, days).wanted]

    def copied(self, one: pictures.Wanted) -> bool:
        with self.store.writing() as connection:
            return pictures.copied(connection, one, COPIES, NOON)

    def shown(self, post_id: int) -> tuple[Rendition, ...]:
        with self.store.reading() as connection:
            (node,) = snapshot.nodes(connection, publishable.campaigns(connection)["casnocha"], [post_id])
            return node.media[0].copies


@pytest.fixture
def agora(store: Store) -> Agora:
    return Agora(store)


def test_pictures_of_publishable_posts_are_wanted_and_no_others(agora: Agora) -> None:
    approved = agora.post("1")
    agora.post("2", status="pending")
    agora.post("3", status=None)
    agora.post("4", source="quiet")
    agora.post("5", gone="deleted")
    agora.post("6", medium("6", url=None))
    assert agora.wanted() == [approved]
    assert agora.wish().wanted[0].url == address("1")


def test_a_picture_that_is_copied_is_shown_and_not_wanted_again(agora: Agora) -> None:
    id_ = agora.post("1")
    with agora.store.reading() as connection:
        before = newest(connection)
    assert agora.copied(agora.wish().wanted[0]) is False
    assert agora.wish() == pictures.Wish((), ())
    assert agora.shown(id_) == COPIES
    with agora.store.reading() as connection:
        assert newest(connection) == before + 1, "its page is another"


def test_another_picture_is_fetched_anew_and_the_former_not_shown(agora: Agora) -> None:
    id_ = agora.post("1")
    agora.copied(agora.wish().wanted[0])
    with agora.filling() as f:
        f.connection.execute(update(t.media).values(url=address("other")))
    assert agora.shown(id_) == ()
    assert [one.url for one in agora.wish().wanted] == [address("other")]
    assert agora.copied(agora.wish().wanted[0]) is True, "copies of the former are left over"


def test_an_address_that_is_signed_anew_is_the_same_picture(agora: Agora) -> None:
    id_ = agora.post("1", medium("1", stable_id="77"))
    agora.copied(agora.wish().wanted[0])
    with agora.filling() as f:
        f.connection.execute(update(t.media).values(url=address("1") + "?signed=again"))
    assert agora.shown(id_) == COPIES and agora.wanted() == []


@pytest.mark.parametrize(
    "kind, url, preview, asked",
    [
        ("image", "https://a/1", "https://a/small", "https://a/1"),
        ("image", None, "https://a/small", "https://a/small"),
        ("gif", "https://a/1.mp4", "https://a/still", "https://a/still"),
        ("gif", "https://a/1.gif", None, "https://a/1.gif"),
        ("video", "https://a/1.mp4", "https://a/still", "https://a/still"),
        ("video", "https://a/1.mp4", None, None),
        ("audio", "https://a/1.mp3", None, None),
        ("other", "https://a/1.pdf", None, None),
    ],
)
def test_of_films_the_still_is_asked_for_and_never_the_film(
    sqlite_store: Store, kind: str, url: str | None, preview: str | None, asked: str | None
) -> None:
    agora = Agora(sqlite_store)
    agora.post("1", medium("1", kind=kind, url=url, preview_url=preview))
    assert [one.url for one in agora.wish().wanted] == ([asked] if asked else [])


def test_so_many_pictures_of_a_post_are_copied_and_no_more(sqlite_store: Store) -> None:
    agora = Agora(sqlite_store)
    agora.post("1", *(medium(f"1-{number}") for number in range(PER_POST + 5)))
    assert [one.position for one in agora.wish().wanted] == list(range(PER_POST))


def test_what_failed_is_due_when_it_was_said_and_what_was_given_up_never(agora: Agora) -> None:
    later, never = agora.post("1"), agora.post("2")
    with agora.store.writing() as connection:
        first, second = pictures.wish(connection, {"casnocha": [agora.sources["x"]]}, NOON).wanted
        pictures.failed(connection, first, "did not answer", 1, NOON + timedelta(days=1))
        pictures.failed(connection, second, "is no picture", 1, None)
        assert pictures.next_due(connection) == NOON + timedelta(days=1)
        assert pictures.standing(connection) == pictures.Standing(
            0, 1, 1, (("did not answer", 1), ("is no picture", 1))
        )
    assert agora.wanted() == [] and agora.wish().unwanted == ()
    assert agora.wanted(days=2) == [later] and agora.wish(days=2).wanted[0].attempts == 1
    assert agora.wanted(threads=set(), days=2) == [later], "whichever threads are looked at"
    with agora.store.writing() as connection:
        assert pictures.again(connection, NOON) == 1
    assert agora.wanted() == [never]


def test_what_nobody_may_see_any_more_is_let_go(agora: Agora) -> None:
    kept, gone = agora.post("1"), agora.post("2")
    for one in agora.wish().wanted:
        agora.copied(one)
    with agora.filling() as f:
        f.decide(gone, "rejected")
    assert agora.wish().unwanted == ((gone, 0),)
    with agora.store.writing() as connection:
        pictures.drop(connection, agora.wish().unwanted)
        assert [key for key, _ in pictures.copies(connection)] == [(kept, 0)]
    with agora.store.reading() as connection:  # no source is copied from any more
        assert pictures.wish(connection, {"casnocha": []}, NOON).unwanted == ((kept, 0),)


def test_only_the_threads_that_changed_are_looked_at(agora: Agora) -> None:
    first, second = agora.post("1"), agora.post("2")
    with agora.store.reading() as connection:
        of = dict(tuple(row) for row in connection.execute(select(t.post.c.id, t.post.c.thread_id)))
    assert agora.wanted({of[first]}) == [first] and agora.wanted({of[second]}) == [second] and agora.wanted(set()) == []


def test_a_post_that_was_withdrawn_meanwhile_is_noticed(agora: Agora) -> None:
    id_ = agora.post("1")
    (one,) = agora.wish().wanted
    with agora.filling() as f:
        assert pictures.is_still_there(f.connection, one)
        f.connection.execute(t.media.delete().where(t.media.c.post_id == id_))
        assert not pictures.is_still_there(f.connection, one)


def test_copies_whose_files_were_lost_are_wanted_again_and_not_shown(agora: Agora) -> None:
    id_ = agora.post("1")
    agora.copied(agora.wish().wanted[0])
    with agora.store.writing() as connection:
        pictures.lost(connection, [(id_, 0)], NOON)
    assert agora.shown(id_) == () and agora.wanted() == [id_]
