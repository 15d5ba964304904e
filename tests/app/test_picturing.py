"""Copies of pictures: fetched once their post is approved, gone with it; and what happens when something fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tagora.app import picturing
from tagora.app.building import build_site
from tagora.app.forgetting import forget
from tagora.app.picture_files import compare
from tagora.app.picturing import GONE_PATIENCE, PATIENCE, Picturer, due_after, look
from tagora.app.workplace import Workplace, open_workplace
from tagora.core.clock import ManualClock
from tagora.core.errors import BadItem, CollectorError, Gone, RateLimited, StoreFull, Temporary
from tagora.core.pictures import Rendition
from tagora.sandbox import Sandbox
from tagora.storage import pictures
from tagora.storage import tables as t

from ..folder import Folder
from ..make import NOON
from ..pictures import copies_of


def making(content: bytes) -> Mapping[Rendition, bytes]:
    return copies_of(content.decode())


def named(url: str) -> bytes:
    return url.rpartition("/")[2].encode()


class Pictured:
    """A folder that asks Mastodon only, where "m9" has two pictures; it was approved."""

    def __init__(self, folder: Folder, box: Sandbox, place: Workplace) -> None:
        self.folder, self.box, self.place = folder, box, place
        self.asked: list[str] = []

    def look(self, fetch: Callable[[str], bytes] = named, **given: object) -> picturing.Outcome:
        def asking(url: str) -> bytes:
            self.asked.append(url)
            return fetch(url)

        return look(self.place, fetch=asking, making=making, pause=0, **given)  # type: ignore[arg-type]

    def decide(self, verb: str) -> None:
        words = ("--reason", "spam") if verb == "reject" else ()
        assert self.folder(verb, self.box.post_url("m9"), "--by", "mara", *words).status == 0

    def copies(self) -> list[str]:
        folder = self.place.pictures_folder
        return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*"))

    def in_site(self) -> list[str]:
        media = self.place.site_folder / "media"
        return sorted(str(path.relative_to(media)) for path in media.glob("*/*"))

    def rows(self) -> list[tuple[int, str | None, object]]:
        with self.place.store.reading() as connection:
            query = select(t.picture.c.attempts, t.picture.c.problem, t.picture.c.due_at).order_by(t.picture.c.position)
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def agora(folder: Callable[..., Folder], box: Sandbox, now: ManualClock) -> Iterator[Pictured]:
    mine = folder(only=("mastodon",), pictures=True, policy="review_first")
    assert mine("collect", "--once").status == 0
    with open_workplace(mine.file, now) as place:
        made = Pictured(mine, box, place)
        made.decide("approve")
        yield made


def test_an_approved_picture_is_fetched_clean_and_shown_and_gone_when_it_is_withdrawn(
    folder: Callable[..., Folder], box: Sandbox
) -> None:
    """All of it, by commands, with real pictures."""
    mine = folder(only=("mastodon",), pictures=True, policy="review_first")
    mine.config["pictures"] = {"homes": {"127.0.0.1": box.url}}
    mine.write()
    mine("collect", "--once")
    assert "media" not in {path.name for path in (mine.path / "site").glob("*")}
    mine("approve", box.post_url("m9"), "--by", "mara")
    told = mine("collect", "--once")
    assert "pictures: 2 copied" in told.out and told.status == 0
    assert mine("pictures").out.startswith("nothing to do; 2 pictures in all")
    assert mine("build").status == 0
    copies = {path.name: path.read_bytes() for path in (mine.path / "var" / "pictures").glob("*/*")}
    shown = {path.name: path.read_bytes() for path in (mine.path / "site" / "media").glob("*/*")}
    assert shown == copies and {name.rpartition(".")[2] for name in shown} == {"webp", "jpg"}
    assert any(content[:3] == b"\xff\xd8\xff" for content in shown.values())
    assert mine("forget", box.post_url("m9"), "--yes").status == 0
    assert not list((mine.path / "var" / "pictures").glob("*/*")) and not (mine.path / "site" / "media").exists()


def test_nothing_leads_into_ones_own_network_unless_one_said_so(agora: Pictured) -> None:
    told = agora.folder("pictures")
    assert told.status == 1 and "2 cannot be copied" in told.out and "no public site uses" in told.err
    told = agora.folder("pictures")
    assert told.status == 0 and "2 pictures given up; `tagora pictures --again` tries once more" in told.err
    assert agora.folder("pictures", "--again", "--json").json["failed"] == 2


def test_a_copy_goes_when_its_post_is_rejected_and_comes_again_when_it_is_not(agora: Pictured) -> None:
    assert agora.look().copied == 2 and len(agora.copies()) == 4
    build_site(agora.place)
    assert agora.in_site() == agora.copies()
    agora.decide("reject")
    build_site(agora.place)
    assert agora.in_site() == [] and len(agora.copies()) == 4
    assert agora.look().dropped == 2 and agora.copies() == []
    agora.decide("approve")
    assert agora.look().copied == 2 and len(agora.asked) == 4


def test_what_fails_is_tried_again_later_and_not_before(agora: Pictured, now: ManualClock) -> None:
    def failing(_: str) -> bytes:
        raise Temporary("its server answered 500")

    for attempt, patience in enumerate(PATIENCE, 1):
        assert agora.look(failing).later == 2
        assert agora.look(failing).is_anything is False, "it is not due"
        assert agora.rows() == [(attempt, "its server answered 500", now.now() + patience)] * 2
        now.advance(patience)
    assert agora.look(failing).failed == 2
    now.advance(timedelta(days=100))
    assert agora.look().is_anything is False, "given up"
    assert len(agora.asked) == 2 * (len(PATIENCE) + 1)


def test_a_host_that_wants_a_pause_is_left_alone_and_nothing_counts_as_failed(
    agora: Pictured, now: ManualClock
) -> None:
    until = now.now() + timedelta(minutes=5)

    def busy(_: str) -> bytes:
        raise RateLimited("its server wants a pause", until=until)

    assert agora.look(busy).later == 2 and len(agora.asked) == 1
    assert agora.rows() == [(0, "its server wants a pause", until)] * 2
    now.set(until)
    assert agora.look().copied == 2


def test_no_picture_is_no_picture_for_ever_until_it_is_another(agora: Pictured) -> None:
    def no_picture(_: bytes) -> Mapping[Rendition, bytes]:
        raise BadItem("is a broken file")

    outcome = look(agora.place, fetch=named, making=no_picture, pause=0)
    assert (outcome.failed, outcome.later) == (2, 0) and all("is a broken file" in one for one in outcome.problems)
    with agora.place.store.writing() as connection:
        connection.execute(t.media.update().where(t.media.c.position == 0).values(stable_id="another"))
    assert agora.look().copied == 1


def test_a_post_that_is_withdrawn_while_its_picture_is_fetched_leaves_nothing(agora: Pictured) -> None:
    def withdrawn(url: str) -> bytes:
        if len(agora.asked) == 1:
            forget(agora.place, agora.box.post_url("m9"))
        return named(url)

    assert agora.look(withdrawn).copied == 0
    assert agora.copies() == [] and agora.rows() == []


def test_a_full_disk_is_told_in_one_sentence_and_nothing_is_half_known(agora: Pictured) -> None:
    agora.place.pictures_folder.parent.mkdir(parents=True, exist_ok=True)
    agora.place.pictures_folder.write_text("a file, where a folder should be")
    with pytest.raises(StoreFull, match="pictures cannot be kept in"):
        agora.look()
    assert agora.rows() == []
    agora.place.pictures_folder.unlink()
    assert agora.look().copied == 2


def test_a_folder_that_was_lost_is_filled_again_and_the_site_is_built_meanwhile(agora: Pictured) -> None:
    agora.look()
    build_site(agora.place)
    before = agora.in_site()
    for path in sorted(agora.place.pictures_folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    agora.place.pictures_folder.rmdir()
    report = build_site(agora.place)
    assert report.failures == () and agora.in_site() == []
    assert agora.look().copied == 2
    build_site(agora.place)
    assert agora.in_site() == before


def test_files_that_a_kill_left_over_go_and_single_ones_that_are_missing_come_again(agora: Pictured) -> None:
    agora.look()
    folder = agora.place.pictures_folder
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / "left-over.webp").write_bytes(b"x")
    victim = next(path for path in folder.glob("*/*.jpg"))
    victim.unlink()
    outcome = agora.look()
    assert (outcome.lost, outcome.copied) == (1, 1) and victim.is_file()
    assert not (folder / "ab" / "left-over.webp").exists()
    assert compare(agora.place) == 0


def test_two_processes_do_not_ask_at_once(agora: Pictured) -> None:
    with picturing.folder_of(agora.place).fetching() as mine:
        assert mine
        assert agora.look().busy and agora.asked == []
    assert agora.look().copied == 2


def test_a_stop_ends_it_between_two_pictures(agora: Pictured) -> None:
    assert agora.look(stopped=lambda: len(agora.asked) > 0).copied == 1
    assert agora.look().copied == 1


def test_under_run_it_looks_when_something_changed_or_is_due(
    agora: Pictured, now: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []

    def watched(_place: Workplace, *, threads: object, **_: object) -> picturing.Outcome:
        looked.append(threads)
        return picturing.Outcome()

    monkeypatch.setattr(picturing, "look", watched)
    picturer = Picturer(lambda: False)
    picturer.look(agora.place)
    assert looked == [None], "all of them at first"
    assert picturer.look(agora.place) is None and len(looked) == 1
    agora.decide("reject")
    picturer.look(agora.place)
    assert len(looked) == 2 and looked[1], "then the threads that changed"
    now.advance(picturing.WHOLE_EVERY)
    picturer.look(agora.place)
    assert looked[2:] == [None]


def test_where_a_source_says_link_nothing_is_asked(agora: Pictured, now: ManualClock) -> None:
    for source in agora.folder.config["campaigns"][0]["sources"]:
        source["pictures"] = "link"
    agora.folder.write()
    with open_workplace(agora.folder.file, now) as place:
        assert Pictured(agora.folder, agora.box, place).look().is_anything is False
        assert not place.pictures_folder.exists()


@pytest.mark.parametrize(
    "error, patience",
    [(Temporary(""), PATIENCE), (Gone(""), GONE_PATIENCE), (BadItem(""), ())],
)
def test_each_failure_has_its_patience(error: CollectorError, patience: tuple[timedelta, ...]) -> None:
    due = [due_after(error, attempts, NOON) for attempts in range(len(patience) + 2)]
    assert due == [*(NOON + wait for wait in patience), None, None]


def test_the_standing_is_told(agora: Pictured) -> None:
    agora.look()
    with agora.place.store.reading() as connection:
        assert pictures.standing(connection) == pictures.Standing(2, 0, 0, ())
    assert Path(agora.folder("pictures").out.rstrip().rpartition(": ")[2]) == agora.place.pictures_folder
