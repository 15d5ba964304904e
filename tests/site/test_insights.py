"""What discussions add up to: counted by what changed, the same as counted anew, and gone with what is withdrawn."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import update

from tagora.presentation.formats import Formats
from tagora.site.build import build
from tagora.site.facts import DEPTH, LINK, POSTS, REPLIES, SEEN, TAG, Entry, difference
from tagora.site.lists.insights import charts, completeness
from tagora.site.lists.periods import Periods
from tagora.site.manifest import Manifest
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.site.tallies import Figures
from tagora.storage import tables as t
from tagora.storage.changes import touch
from tagora.storage.store import Store

from ..make import NOON
from ..site_store import Filler

CAMPAIGN = CampaignInfo("casnocha", ("mmgCasnocha",))
SPOKEN = Formats("en", "Europe/Rome")

days = some.sampled_from([f"2026-11-{day:02d}" for day in range(1, 9)])
entries = some.one_of(
    some.tuples(some.just(POSTS), some.builds("{} {}".format, days, some.sampled_from(["X", "a b", "Mastodon"]))),
    some.tuples(some.just(SEEN), some.builds("{} {}".format, some.sampled_from([1, 2, 11, 12, 111]), days)),
    some.tuples(some.just(DEPTH), some.sampled_from(["0", "1", "8"])),
    some.tuples(some.sampled_from([LINK, TAG]), some.sampled_from(["a", "b", "=1+1"])),
    some.tuples(some.just(REPLIES), some.sampled_from(["shown", "total", "gone"])),
)
facts = some.dictionaries(entries, some.integers(1, 5), max_size=8)
steps = some.lists(some.tuples(some.integers(1, 4), some.one_of(some.none(), facts)), max_size=12)


def tallied(path: Path, written: Sequence[tuple[int, dict[Entry, int] | None]], *, each: bool) -> Figures:
    """After these threads' facts were written (None: dropped), counted after each, or once."""
    path.unlink(missing_ok=True)
    with Manifest(path) as manifest:
        for thread, said in written:
            if said is None:
                manifest.tallies.drop("talk", [thread])
            else:
                manifest.tallies.put("talk", [(thread, said)])
            if each:
                manifest.tallies.count()
        manifest.tallies.count()
        return manifest.tallies.figures("talk")


@settings(max_examples=60, deadline=None)
@given(steps)
def test_what_is_counted_step_by_step_is_what_is_counted_anew(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[int, dict[Entry, int] | None]]
) -> None:
    path = tmp_path_factory.mktemp("tally") / "m.db"
    last = dict(written)
    anew = [(thread, said) for thread, said in last.items() if said is not None]
    assert tallied(path, written, each=True) == tallied(path, anew, each=False) == tallied(path, written, each=False)
    firsts = Counter[str]()
    by_person: dict[str, set[str]] = {}
    for said in last.values():
        for kind, key in said or {}:
            if kind == SEEN:
                person, _, day = key.partition(" ")
                by_person.setdefault(person, set()).add(day)
    firsts.update(min(of) for of in by_person.values())
    assert tallied(path, anew, each=False).newcomers == firsts


def test_a_difference_names_only_what_changed() -> None:
    before, after = {("a", "x"): 2, ("b", "y"): 1}, {("a", "x"): 2, ("c", "z"): 3}
    assert difference(before, after) == {("b", "y"): -1, ("c", "z"): 3}


@pytest.mark.parametrize(
    ("first", "last", "every", "number"),
    [
        ("2026-11-23", "2026-11-23", "day", 1),
        ("2026-11-01", "2026-11-30", "day", 30),
        ("2026-10-01", "2026-12-31", "week", 14),
        ("2020-01-31", "2026-11-23", "month", 83),
    ],
)
def test_time_is_cut_as_its_length_asks_for_without_holes(first: str, last: str, every: str, number: int) -> None:
    periods = Periods.of([last, first])
    assert (periods.every, len(periods.first)) == (every, number)
    assert periods.begin(first) == periods.first[0] and periods.begin(last) == periods.first[-1]


def test_few_networks_have_their_own_colour_and_none_is_lost() -> None:
    posts = {("2026-11-23", f"blog{n}.example"): n + 1 for n in range(9)}
    figures = Figures(
        posts, {"2026-11-23": 4}, {"it": 3, "": 2}, {0: 40, 8: 5}, {"shown": 3, "total": 5, "gone": 2}, (), ()
    )
    drawn = {one.name: one.chart for one in charts(figures, SPOKEN, lambda words: words)}
    assert list(drawn) == ["posts", "participants", "languages", "depth"]
    assert [one.name for one in drawn["posts"].series][-1] == "Others"
    assert sum(value or 0 for one in drawn["posts"].series for value in one.values) == 45
    assert drawn["languages"].labels == ("Italian", "Not told")
    assert len(drawn["depth"].labels) == 9
    whole = completeness(figures)
    assert (whole.shown, whole.total, whole.absent) == (3, 5, (("gone", 2),))


# --- built -----------------------------------------------------------------------------------------------------------


class Site:
    def __init__(self, store: Store, told: SiteSettings) -> None:
        self.store, self.settings = store, told
        self._filler: Filler | None = None
        with self.filling() as filler:
            filler.campaign()

    @contextmanager
    def filling(self) -> Iterator[Filler]:
        with self.store.writing() as connection:
            self._filler = self._filler or Filler(connection)
            self._filler.connection = connection
            yield self._filler
            self._filler.done()

    def build(self, **given: Any) -> dict[str, bytes]:
        report = build(self.store, given.pop("settings", self.settings), [CAMPAIGN], now=NOON, **given)
        assert report.failures == ()
        return self.files(self.settings)

    def files(self, told: SiteSettings) -> dict[str, bytes]:
        return {str(p.relative_to(told.out)): p.read_bytes() for p in sorted(told.out.rglob("*")) if p.is_file()}


def link(text: str, address: str) -> dict[str, Any]:
    return {"start": 0, "end": len(text), "kind": "link", "target": address, "display": None}


def tag(word: str) -> dict[str, Any]:
    return {"start": 0, "end": len(word), "kind": "hashtag", "target": word, "display": None}


@pytest.fixture
def told(tmp_path: Path) -> SiteSettings:
    return SiteSettings(tmp_path / "site", "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")


def test_a_page_tells_what_is_published_and_a_withdrawn_post_leaves_it(store: Store, told: SiteSettings) -> None:
    site = Site(store, told)
    shared = link("see", "https://article.example/?utm_source=x#top")
    with site.filling() as f:
        root = f.post("1", "see", entities=(shared, tag("Prugne")), lang="it")
        f.post("2", "see", reply_to=root, by="bo", entities=(shared, tag("prugne"), tag("mmgCasnocha")), minutes=1)
        f.post("3", "=cmd", by="cy", minutes=2, entities=(tag("=cmd"), link("=cmd", "https://one.example/")))
        gone = f.post("4", "=cmd", by="di", minutes=24 * 60, entities=(tag("=cmd"),), lang="ar")
    files = site.build()
    page = files["en/casnocha/insights/index.html"].decode()
    assert "4 posts by 4 participants in 3 discussions" in page
    assert 'href="https://article.example"' in page and "one.example" not in page
    assert "#prugne" in page and "#=cmd" in page and "mmgCasnocha</" not in page.partition("Other tags")[2]
    assert "Arabic" in page and "Anna" not in page.partition("Most answered")[0]
    assert "id-anna" not in "".join(each.decode("utf-8", "replace") for each in files.values())
    rows = list(csv.reader(io.StringIO(files["casnocha/insights/figures.csv"].decode("utf-8-sig"))))
    by_network = "I post nel tempo, per rete"
    assert rows[:3] == [
        ["Grafico", "Voce", "Serie", "Numero"],
        [by_network, "23 novembre 2026", "X", "3"],
        [by_network, "24 novembre 2026", "X", "1"],
    ]
    assert ["Link", "https://article.example", "Post", "2"] in rows
    assert 'href="../casnocha/insights/"' in files["casnocha/index.html"].decode()

    with store.writing() as connection:
        connection.execute(update(t.post).where(t.post.c.id == gone).values(gone="deleted"))
        thread = connection.execute(t.post.select().where(t.post.c.id == gone)).one().thread_id
        touch(connection, {thread}, NOON + timedelta(hours=1))
    after = site.build()
    page = after["en/casnocha/insights/index.html"].decode()
    assert "3 posts by 3 participants in 2 discussions" in page
    assert "=cmd" not in page and "Arabic" not in page
    assert "=cmd" not in after["casnocha/insights/figures.csv"].decode()
    elsewhere = replace(told, out=told.out.with_name("clean"))
    build(store, elsewhere, [CAMPAIGN], now=NOON)
    assert site.files(elsewhere) == after, "as a clean build makes it"


def test_no_cell_is_taken_for_a_formula(sqlite_store: Store, told: SiteSettings) -> None:
    site = Site(sqlite_store, told)
    with site.filling() as f:
        for number, origin in enumerate(["=1+1.example", "@sum.example"]):
            f.post(str(number), "a", origin=origin, entities=(tag("+1"),), minutes=number)
    files = site.build()
    text = files["casnocha/insights/figures.csv"].decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert "#+1" in cells and "'=1+1.example" in cells
    assert not [cell for cell in cells if re.match(r"[=+@-]", cell)], cells


def test_an_empty_campaign_has_no_insights(sqlite_store: Store, told: SiteSettings) -> None:
    files = Site(sqlite_store, told).build()
    assert not [path for path in files if "insights" in path]
    assert b"insights" not in files["casnocha/index.html"]


def test_one_is_not_spoken_of_in_the_plural(sqlite_store: Store, told: SiteSettings) -> None:
    site = Site(sqlite_store, told)
    with site.filling() as f:
        f.post("1", "alone")
    files = site.build()
    assert b"1 post di 1 partecipante in 1 discussione, come si legge qui." in files["casnocha/insights/index.html"]
    assert b"1 post by 1 participant in 1 discussion, as published here." in files["en/casnocha/insights/index.html"]
