"""What readers find after a build, and what a build leaves alone."""

from __future__ import annotations

import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tagora.core.config import Legal
from tagora.core.errors import BuildError, ConfigError
from tagora.core.invitation import Invitation
from tagora.presentation.posts import Showing
from tagora.site import output, render
from tagora.site.build import Report, build
from tagora.site.explain import explain
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.storage.policy import set_publishing
from tagora.storage.store import Store
from tagora.storage.transparency import Counts, Noted, lacking, note

from ..make import NOON
from ..site_store import Filler

CAMPAIGN = CampaignInfo(
    "casnocha",
    ("mmgCasnocha",),
    Invitation("Che networker sei?", "Raccontate. <script>alert(1)</script>", gurus=("Ben Casnocha",), language="it"),
    sources={"x": Showing(), "facebook": Showing(authors="initials"), "quiet": Showing(show="link")},
)


class Site:
    """A store and its site, filled and looked at."""

    def __init__(self, store: Store, settings: SiteSettings) -> None:
        self.store, self.settings, self.campaigns = store, settings, [CAMPAIGN]
        self._filler: Filler | None = None
        with self.filling() as f:
            f.campaign()
            self.source = {name: f.source(name) for name in CAMPAIGN.sources}

    @contextmanager
    def filling(self) -> Iterator[Filler]:
        with self.store.writing() as connection:
            self._filler = self._filler or Filler(connection)
            self._filler.connection = connection
            yield self._filler
            self._filler.done()

    def build(self, **options: bool) -> Report:
        return build(self.store, self.settings, self.campaigns, now=NOON, **options)

    def files(self) -> dict[str, bytes]:
        out = self.settings.out
        return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}

    def threads(self) -> list[str]:
        return [name for name in self.files() if re.fullmatch(r"casnocha/[a-z0-9]{20}\.html", name)]

    def page(self, containing: str) -> str:
        """The thread page with these words."""
        texts = [self.files()[name].decode() for name in self.threads()]
        return next(text for text in texts if containing in text)

    def everything(self) -> str:
        """All that is said; scripts and styles say nothing of posts."""
        return "\n".join(text.decode() for name, text in self.files().items() if not name.startswith("assets/"))


@pytest.fixture
def settings(tmp_path: Path) -> SiteSettings:
    legal = Legal(controller="Fondazione Esempio", contact="privacy@example.org")
    return SiteSettings(tmp_path / "site", "https://example.org/agora/", "Agorà", ("it", "en"), "Europe/Rome", legal)


@pytest.fixture
def site(sqlite_store: Store, settings: SiteSettings) -> Site:
    return Site(sqlite_store, settings)


def structured(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_an_approved_thread_is_on_its_page_in_lists_feeds_and_sitemap(store: Store, settings: SiteSettings) -> None:
    site = Site(store, settings)
    with site.filling() as f:
        root = f.post("1", "Io coltivo poche amicizie", minutes=-60)
        f.post("2", "Anch'io", reply_to=root, by="bruno")
    report = site.build()
    assert report.failures == ()
    files = site.files()
    (path,) = site.threads()
    assert "Io coltivo poche amicizie" in site.page("Anch&#39;io")
    for name in ("casnocha/index.html", "en/casnocha/index.html", "casnocha/2026-11/index.html", "feed.atom"):
        assert "Io coltivo poche amicizie" in files[name].decode()
    assert f"https://example.org/agora/{path}" in files["sitemap.xml"].decode()
    assert b"2 post" in files["index.html"]


@pytest.mark.parametrize("status", ["new", "pending", "held", "rejected"])
def test_only_approved_posts_are_shown(site: Site, status: str) -> None:
    with site.filling() as f:
        root = f.post("1", "shown")
        f.post("2", "secret words", reply_to=root, status=status)
        f.post("3", "secret words too", status=status)
    site.build()
    assert "secret words" not in site.everything()
    assert len(site.threads()) == 1


def test_an_edit_leaves_the_site_until_it_is_approved_and_its_place_says_so(site: Site) -> None:
    with site.filling() as f:
        root = f.post("1", "root")
        reply = f.post("2", "old wording", reply_to=root)
    site.build()
    with site.filling() as f:
        f.change(reply, text="new wording", content_hash="1:other", edited_at=NOON)
        f.decide(reply, "pending")
    site.build()
    assert "wording" not in site.everything()
    assert "Qui manca un post: in revisione" in site.page("root")


@pytest.mark.parametrize(
    "gap, words", [("deleted", "non più disponibile"), ("unreachable", "non ha risposto"), ("limit", "oltre quanto")]
)
def test_a_missing_post_keeps_its_place_with_the_reason(site: Site, gap: str, words: str) -> None:
    with site.filling() as f:
        absent = f.post("1", reply_to=f.post("0", "root"), gap=gap)
        f.post("2", "the answer", reply_to=absent)
    site.build()
    assert words in site.page("the answer")


def test_a_thread_waits_until_its_ancestors_are_held_or_named(site: Site) -> None:
    with site.filling() as f:
        unknown = f.post("1", held=False)
        f.post("2", "an answer to nobody knows what", reply_to=unknown)
    site.build()
    assert site.threads() == []


def test_a_hidden_parent_leaves_its_replies_in_place_without_its_author(site: Site) -> None:
    with site.filling() as f:
        root = f.post("1", "root")
        spam = f.post("2", "buy now", reply_to=root, by="spammer", status="rejected")
        f.post("3", "please do not", reply_to=spam)
    site.build()
    page = site.page("please do not")
    assert "non approvato" in page and "pammer" not in page


def test_facebook_names_are_cut_to_initials(site: Site) -> None:
    with site.filling() as f:
        f.post(
            "1",
            "a comment",
            origin="facebook",
            by="rosa.bianchi",
            author={"display_name": "Rosa Bianchi"},
            source_id=site.source["facebook"],
        )
    site.build()
    assert "R. B." in site.page("a comment")
    assert "Bianchi" not in site.everything() and "rosa" not in site.everything()


def test_where_names_are_cut_the_organisers_page_keeps_its_own(site: Site) -> None:
    site.campaigns = [replace(CAMPAIGN, sources={"facebook": Showing(authors="initials", own=("id-page",))})]
    page, rosa = {"display_name": "Piazza Aperta"}, {"display_name": "Rosa Bianchi"}
    with site.filling() as f:
        there = {"origin": "facebook", "source_id": site.source["facebook"]}
        asked = f.post("1", "the question", by="page", author=page, **there)
        f.post("2", "a comment", by="rosa", author=rosa, reply_to=asked, **there)
    site.build()
    shown = site.page("a comment")
    assert "<bdi>Piazza Aperta</bdi>" in shown and "R. B." in shown
    assert "Rosa Bianchi" not in site.everything()


def test_the_front_page_shows_the_newest_featured_discussion_and_no_other(site: Site) -> None:
    with site.filling() as f:
        older = f.post("1", "an older highlight", featured=True, minutes=-300)
        newest = f.post("2", "the newest highlight", featured=True, minutes=-200)
        f.post("3", "not featured", minutes=-100)
        shy = {"wishes": ["noindex"]}
        f.post("4", "words that want no light", featured=True, by="shy", author=shy, minutes=-50)
    site.build()
    for name in ("index.html", "en/index.html"):
        front = site.files()[name].decode()
        assert "the newest highlight" in front
        assert not any(words in front for words in ("older highlight", "not featured", "no light"))
    with site.filling() as f:
        f.decide(newest, "rejected")
    site.build()
    assert "an older highlight" in site.files()["index.html"].decode()
    with site.filling() as f:
        f.decide(older, "rejected")
    site.build()
    front = site.files()["index.html"].decode()
    assert "highlight" not in front and "in evidenza" not in front


def test_a_source_shown_as_links_shows_no_words(site: Site) -> None:
    with site.filling() as f:
        f.post("1", "not to be copied", warning="nor this", source_id=site.source["quiet"])
    site.build()
    assert "not to be copied" not in site.everything() and "nor this" not in site.everything()
    assert "https://example.net/x/1" in site.files()[site.threads()[0]].decode()


def test_a_post_in_doubt_is_a_bare_link_everywhere_until_it_is_sure_again(site: Site) -> None:
    with site.filling() as f:
        root = f.post(
            "1",
            "words of hers",
            by="rosa.b",
            author={"display_name": "Rosa Bianchi"},
            title="a title",
            url="https://x.com/rosa.b/status/1",
        )
        f.post("2", "quotes her", reply_to=f.post("3", "an answer", reply_to=root), quote_id=root)
    site.build()
    assert "words of hers" in site.everything() and "Rosa Bianchi" in site.everything()
    before = site.files()
    with site.filling() as f:
        f.change(root, doubt="overdue")
    site.build()
    told = site.everything()
    for gone in ("words of hers", "a title", "Rosa", "rosa.b"):
        assert gone not in told
    page = site.page("an answer")
    assert 'href="https://x.com/i/status/1"' in page
    assert "c&#39;è solo il link" in page or "c'è solo il link" in page
    assert len(site.threads()) == 1
    with site.filling() as f:
        f.change(root, doubt=None)
    site.build()
    assert site.files() == before


def test_a_closed_campaign_says_since_when_and_shows_each_network_as_was_chosen(site: Site) -> None:
    with site.filling() as f:
        root = f.post("1", "stays whole", source_id=site.source["x"])
        f.post("2", "becomes a link", reply_to=root, source_id=site.source["quiet"], by="rosa")
        f.post("3", "goes away", reply_to=root, source_id=site.source["facebook"])
    closed = replace(
        CAMPAIGN,
        closed_on=date(2026, 11, 9),
        sources={"x": Showing(), "quiet": Showing(bare="closed"), "facebook": Showing(show="none")},
    )
    site.campaigns = [closed]
    site.build()
    page = site.page("stays whole")
    assert "Questa raccolta è stata chiusa il 9 novembre 2026." in page
    assert "di questo post resta solo il link" in page
    assert "https://example.net/x/2" in page
    told = site.everything()
    assert "becomes a link" not in told and "goes away" not in told and "Rosa" not in told
    assert "Chiuso il 9 novembre 2026" in site.files()["casnocha/index.html"].decode()
    assert "Closed on 9 November 2026" in site.files()["en/casnocha/index.html"].decode()
    assert "https://x.com/intent" not in site.files()["casnocha/index.html"].decode()
    site.campaigns = [CAMPAIGN]
    site.build()
    assert "9 novembre" not in site.everything()


def test_where_names_are_not_shown_a_bare_link_tells_none_either(site: Site) -> None:
    with site.filling() as f:
        own = {"origin": "activitypub", "url": "https://m.example/@rosa.b/1", "source_id": site.source["facebook"]}
        root = f.post("1", "hers", by="rosa.b", doubt="omitted", **own)
        f.post("2", "an answer", reply_to=root)
    site.build()
    assert "rosa.b" not in site.everything()


def test_words_in_doubt_go_even_if_their_page_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.filling() as f:
        root = f.post("1", "in doubt", featured=True)
        f.post("2", "stays", reply_to=root)
    site.build()
    with site.filling() as f:
        f.change(root, doubt="overdue")
    monkeypatch.setattr(render, "render", lambda page, view: 1 / 0)
    assert site.build().failed
    assert "in doubt" not in site.everything()
    monkeypatch.undo()
    assert site.build().failed == 0
    assert "stays" in site.page("stays") and "in doubt" not in site.everything()


def test_who_does_not_want_to_be_indexed_is_not(site: Site) -> None:
    with site.filling() as f:
        f.post("1", "quiet words", by="shy", author={"wishes": ["noindex"]})
    site.build()
    assert '<meta name="robots" content="noindex">' in site.page("quiet words")
    others = [content.decode() for name, content in site.files().items() if name not in site.threads()]
    assert not any("quiet words" in text for text in others)
    assert site.threads()[0] not in site.files()["sitemap.xml"].decode()


def test_warnings_and_sensitive_media_are_folded(site: Site) -> None:
    with site.filling() as f:
        f.post("1", "spoiler inside", warning="About the ending")
        f.post("2", "look", sensitive=True, media=({"kind": "image", "alt": "A long table"},))
    site.build()
    page = site.page("spoiler inside")
    assert re.search(r"<details[^>]*><summary[^>]*>About the ending</summary>.*spoiler inside.*</details>", page, re.S)
    assert "spoiler inside" not in site.files()["casnocha/index.html"].decode()
    assert re.search(r"<details[^>]*><summary>Contenuti sensibili</summary>.*A long table", site.page("look"), re.S)


def test_on_x_the_address_of_a_quoted_post_is_left_out_while_the_post_stands_below(site: Site) -> None:
    text = "look at this https://t.co/abc"
    link = {"start": 13, "end": 29, "kind": "link", "target": "https://x.com/carla/status/1", "display": "x.com/carla…"}
    with site.filling() as f:
        quoted = f.post("1", "the quoted words", by="carla")
        f.post("2", text, quote_id=quoted, entities=(link,))
    site.build()
    page = site.page("look at this")
    assert "the quoted words" in page and "t.co/abc" not in page
    with site.filling() as f:
        f.decide(quoted, "rejected")
    site.build()
    assert 'href="https://t.co/abc"' in site.page("look at this")


def test_a_quote_stands_inside_and_leaves_with_the_quoted_post(site: Site) -> None:
    with site.filling() as f:
        quoted = f.post("1", "the quoted words", by="carla")
        f.post("2", "look at this", quote_id=quoted)
    site.build()
    assert "the quoted words" in site.page("look at this")
    with site.filling() as f:
        f.decide(quoted, "rejected")
    site.build()
    assert "the quoted words" not in site.everything()
    assert "Il post citato non è mostrato qui" in site.page("look at this")


def test_completeness_claims_no_more_than_is_known(site: Site) -> None:
    with site.filling() as f:
        root = f.post("1", "root", replies=5)
        f.post("2", "shown", reply_to=root, replies=0)
        f.post("3", "spam", reply_to=root, replies=0, status="rejected")
    site.build()
    page = site.page("root")
    assert "Risposte pubblicate qui: 1 su circa 5; mancano 4 post: 1 non approvato, 3 non raccolti." in page
    assert "Non tutti i social" not in page


def test_hostile_posts_stay_text(site: Site) -> None:
    with site.filling() as f:
        f.post(
            "1",
            "<img src=x onerror=alert(1)> </script><script>alert(2)</script> click",
            by="eve",
            author={"display_name": "<b>Eve</b>", "url": "javascript:alert(3)"},
            url="javascript:alert(4)",
            entities=(
                {"start": 55, "end": 60, "kind": "link", "target": "javascript:alert(5)"},
                {"start": 0, "end": 999, "kind": "link", "target": "https://example.org"},
                {"start": 5, "end": 3, "kind": "hashtag", "target": "x"},
            ),
        )
    site.build()
    page = site.page("onerror")
    assert "<img" not in page and "<b>Eve" not in page and "javascript:" not in page
    assert page.count("<script") == 1 + page.count('<script type="module" src="../assets/')
    assert structured(page)["text"] == "<img src=x onerror=alert(1)> </script><script>alert(2)</script> click"
    campaign = site.files()["casnocha/index.html"].decode()
    assert campaign.count("<script") == 1 + campaign.count('<script type="module" src="../assets/')


def test_structured_data_nests_replies_and_skips_gaps(site: Site) -> None:
    with site.filling() as f:
        root = f.post("1", "root")
        gone = f.post("2", reply_to=root, gap="deleted")
        f.post("4", "deeper", reply_to=f.post("3", "below the gap", reply_to=gone))
    site.build()
    data = structured(site.page("below the gap"))
    assert data["@type"] == "DiscussionForumPosting" and data["text"] == "root" and data["commentCount"] == 2
    (comment,) = data["comment"]  # type: ignore[misc]
    assert comment["text"] == "below the gap" and comment["comment"][0]["text"] == "deeper"


def test_feeds_and_sitemap_are_well_formed(site: Site) -> None:
    with site.filling() as f:
        f.post("1", "a & b < c \N{REPLACEMENT CHARACTER} ]]>")
    site.build()
    files = site.files()
    for name in ("feed.atom", "casnocha/feed.atom", "sitemap.xml"):
        ET.fromstring(files[name])
    feed = json.loads(files["casnocha/feed.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["items"][0]["content_text"] == "a & b < c \N{REPLACEMENT CHARACTER} ]]>"


def test_every_page_names_an_icon_that_is_there(site: Site) -> None:
    site.build()
    files = site.files()
    for name, root in {"index.html": "./", "en/about/index.html": "../../", "404.html": "/agora/"}.items():
        found = re.search(r'<link rel="icon" type="image/svg\+xml" href="([^"]*)"', files[name].decode())
        assert found and found[1].startswith(root)
        assert found[1].removeprefix(root) in files


def test_pages_load_nothing_from_elsewhere(site: Site) -> None:
    with site.filling() as f:
        f.post("1", "text", media=({"kind": "image", "url": "https://cdn.example/x.png", "alt": "x"},))
    site.build()
    for name, content in site.files().items():
        if name.endswith(".html"):
            loaded = re.findall(
                r"<(?:img|script|iframe|link rel=\"stylesheet\")[^>]*(?:src|href)=\"([^\"]*)", content.decode()
            )
            assert all(not address.startswith(("http", "//")) for address in loaded), name
            assert "cdn.example" not in content.decode()


# --- what a build does -----------------------------------------------------------------------------------------------


def test_a_second_build_writes_nothing(store: Store, settings: SiteSettings) -> None:
    site = Site(store, settings)
    with site.filling() as f:
        f.post("1")
    first = site.build()
    again, full = site.build(), site.build(full=True)
    for report in (again, full):
        assert (report.written, report.same_bytes, report.removed, report.failed) == (0, 0, 0, 0)
        assert report.skipped == first.written


def test_one_reply_touches_few_files(site: Site) -> None:
    with site.filling() as f:
        roots = [f.post(f"r{k}", minutes=-k * 3000) for k in range(60)]
    site.build()
    with site.filling() as f:
        f.post("new", "fresh", reply_to=roots[30], minutes=5)
    assert site.build().written < 20  # of some 140


def test_a_withdrawn_post_goes_even_if_its_page_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.filling() as f:
        root = f.post("1", "stays")
        reply = f.post("2", "to be withdrawn", reply_to=root)
    site.build()
    (path,) = site.threads()
    with site.filling() as f:
        f.change(reply, gone="forgotten", text="")
    whole = render.render

    def failing(page: render.Page, view: render.Site, look: render.Look) -> bytes:
        if page.path == path:
            raise RuntimeError("broken")
        return whole(page, view, look)

    monkeypatch.setattr(render, "render", failing)
    report = site.build()
    assert report.failed == 1 and report.failures[0].startswith(path)
    assert "to be withdrawn" not in site.everything()
    monkeypatch.undo()
    assert site.build().failed == 0
    assert "stays" in site.page("stays")


def test_a_page_that_fails_keeps_its_old_file(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.filling() as f:
        root = f.post("1", "old words")
    site.build()
    (path,) = site.threads()
    with site.filling() as f:
        f.post("2", "more", reply_to=root)
    monkeypatch.setattr(render, "render", lambda page, view: 1 / 0)
    assert site.build().failed > 0
    assert "old words" in site.files()[path].decode()
    monkeypatch.undo()
    assert site.build().failed == 0 and "more" in site.page("old words")


def test_a_rejected_thread_leaves_no_file_and_no_folder(site: Site) -> None:
    with site.filling() as f:
        root = f.post("1", "alone", minutes=-60 * 24 * 90)
    site.build()
    with site.filling() as f:
        f.decide(root, "rejected")
    report = site.build()
    assert report.removed >= 2
    assert "alone" not in site.everything()
    assert not (site.settings.out / "casnocha" / "2026-08").exists()


def test_stopped_publishing_keeps_the_site_and_still_withdraws(site: Site) -> None:
    with site.filling() as f:
        first, second = f.post("1", "first"), f.post("2", "second")
        f.decisions(first, second)
        set_publishing(f.connection, f.campaign_id, False)
    site.build()
    with site.filling() as f:
        f.decisions(f.post("3", "third, approved later"))
        f.decide(second, "rejected")
    site.build()
    everything = site.everything()
    assert "first" in everything and "second" not in everything and "third" not in everything
    with site.filling() as f:
        set_publishing(f.connection, f.campaign_id, True)
    site.build()
    assert "third, approved later" in site.everything()


def test_former_addresses_lead_to_the_present_one(site: Site) -> None:
    from sqlalchemy import update

    from tagora.storage import tables as t

    with site.filling() as f:
        root = f.post("1", "moved")
    site.build()
    (before,) = site.threads()
    with site.filling() as f:
        f.connection.execute(update(t.thread).values(address="b" * 20))
        f.touched(root)
    site.build()
    after = f"casnocha/{'b' * 20}.html"
    files = site.files()
    assert "moved" in files[after].decode()
    assert f'content="0; url=../{after}"' in files[before].decode()
    assert f"/{before} /{after} 301" in files["_redirects"].decode()


def test_a_killed_build_is_repaired_by_the_next(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    with site.filling() as f:
        roots = [f.post(f"{k}", f"thread {k}") for k in range(4)]
    site.build()
    with site.filling() as f:
        for root in roots:
            f.post(f"{root}.1", f"reply to {root}", reply_to=root)
    whole = output.Output._make
    for survive in range(8):
        left = [survive]

        def dying(self: output.Output, *arguments: object, left: list[int] = left) -> bytes:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return whole(self, *arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(output.Output, "_make", dying)
        with suppress(Killed):
            site.build(full=True)
        monkeypatch.undo()
        (site.settings.out / "casnocha" / "half.html.new").unlink(missing_ok=True)
    site.build()
    clean = Site.__new__(Site)
    clean.store, clean.campaigns = site.store, site.campaigns
    clean.settings = replace(site.settings, out=site.settings.out.with_name("clean"))
    clean.build()
    assert site.files() == clean.files()


def test_a_broken_manifest_is_told_and_a_lost_one_is_made_anew(site: Site) -> None:
    with site.filling() as f:
        f.post("1")
    site.build()
    before = site.files()
    for path in site.settings.manifest.parent.glob("site.manifest.db*"):
        path.unlink()
    site.build()
    assert site.files() == before
    for path in site.settings.manifest.parent.glob("site.manifest.db-*"):
        path.unlink()
    site.settings.manifest.write_bytes(b"not a database at all, " * 100)
    with pytest.raises(BuildError, match="no manifest"):
        site.build()


def test_two_builds_at_once_are_refused(site: Site) -> None:
    import fcntl

    with Path(f"{site.settings.manifest}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BuildError, match="another build"):
            site.build()


def test_a_slug_that_the_site_needs_is_refused(site: Site) -> None:
    site.campaigns = [replace(CAMPAIGN, slug="en")]
    with pytest.raises(ConfigError, match="'en'"):
        site.build()


def test_explain_names_what_changed(site: Site) -> None:
    with site.filling() as f:
        root = f.post("1", "root")
    site.build()
    (path,) = site.threads()

    def told(settings: SiteSettings = site.settings) -> tuple[str, ...]:
        return explain(site.store, settings, site.campaigns, path, now=NOON).changed

    assert told() == ()
    with site.filling() as f:
        f.post("2", reply_to=root)
    assert told() == ("data",)
    assert told(replace(site.settings, title="Another")) == ("data", "settings")
    assert explain(site.store, site.settings, site.campaigns, "/casnocha/", now=NOON).changed == ()
    assert not explain(site.store, site.settings, site.campaigns, "nothing.html", now=NOON).planned


def test_readers_are_told_what_became_of_everything(site: Site) -> None:
    site.build()
    about = site.settings.out / "about" / "index.html"
    assert "Raccolti" not in about.read_text()
    counts = Counts(1_200, approved_by_people=1_000, rejected_by_rules=200, reasons={"": 50, "spam": 150})
    with site.store.writing() as connection:
        (campaign_id,) = lacking(connection, NOON.date())
        note(connection, campaign_id, Noted(NOON.date(), counts, {"spam": {"it": "Spam", "en": "Spam"}}))
    assert site.build().written == len(site.settings.languages)
    told = " ".join(re.sub(r"<[^>]+>", " ", about.read_text()).split())
    assert "Che networker sei? · 23 novembre 2026 Raccolti 1.200 Approvati da persone 1.000" in told
    assert "Rifiutati da regole 200 Perché dei post sono stati rifiutati: Spam 150, altro 50." in told
    assert "Ritirati" not in told


def test_a_new_day_closes_the_invitation(site: Site) -> None:
    closes = NOON.date()
    assert CAMPAIGN.invitation
    site.campaigns = [replace(CAMPAIGN, invitation=replace(CAMPAIGN.invitation, closes=closes))]
    site.build()
    assert "Aperto fino al" in site.files()["casnocha/index.html"].decode()
    build(site.store, site.settings, site.campaigns, now=NOON + timedelta(days=1))
    assert "Chiuso il" in site.files()["casnocha/index.html"].decode()


def test_what_another_version_noted_of_threads_is_passed_by(site: Site) -> None:
    with site.filling() as f:
        f.post("1", "root")
    site.build()
    before = site.files()
    with closing(sqlite3.connect(site.settings.manifest)) as manifest, manifest:
        manifest.execute("UPDATE card SET data = ?", (b"[1, 2]",))
        manifest.execute("UPDATE meta SET value = 'of before' WHERE name = 'basis'")
    assert explain(site.store, site.settings, site.campaigns, "/", now=NOON).planned
    assert site.build().failures == ()
    assert site.files() == before


# --- long discussions -------------------------------------------------------------------------------------------------


def test_a_long_discussion_is_several_pages_that_come_and_leave_with_their_posts(site: Site) -> None:
    with site.filling() as f:
        root = f.post("root", "the question")
        replies = [f.post(f"{number}", f"answer {number}.", reply_to=root, minutes=number) for number in range(240)]
    site.build()
    pages = {
        name: text.decode() for name, text in site.files().items() if re.fullmatch(r"casnocha/[a-z0-9]{20}.*html", name)
    }
    assert len(pages) > 3
    for number in range(240):
        (name,) = (name for name, text in pages.items() if f">answer {number}.<" in text)
        (anchor,) = re.findall(rf'<li id="(p\w+)"(?:(?!<li).)*?>answer {number}\.<', pages[name], re.S)
        assert f'{name}#{anchor}"' in json.dumps(structured(pages[name]))
        assert f'href="#{anchor}"' in pages[name]
    (first,) = site.threads()
    assert "241 post" in pages[first] and "numeri riguardano l’intera discussione" in pages[first]
    with site.filling() as f:
        f.post("late", "a late answer", reply_to=root, minutes=500)
    report = site.build()
    assert {"a late answer" in site.files()[name].decode() for name in pages} == {False, True}
    again = {name: text.decode() for name, text in site.files().items() if name in pages or "-p" in name}
    assert sum(again[name] != pages[name] for name in pages) == 2  # its own, and the figures on the first
    assert report.failures == ()
    with site.filling() as f:
        for reply in replies[100:]:
            f.decide(reply, "rejected")
    site.build()
    assert ">answer 120.<" not in site.everything()
    assert all("answer" in site.files()[name].decode() for name in pages if name in site.files())
    assert len([name for name in site.files() if name in pages]) < len(pages)


def test_a_further_page_that_fails_does_not_keep_a_withdrawn_post(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.filling() as f:
        root = f.post("root", "the question")
        replies = [f.post(f"{number}", f"answer {number}.", reply_to=root, minutes=number) for number in range(240)]
    site.build()
    (path,) = (name for name, text in site.files().items() if "-p" in name and b">answer 150.<" in text)
    with site.filling() as f:
        f.change(replies[150], gone="deleted", text="")
    whole = render.render

    def failing(page: render.Page, *others: Any) -> bytes:
        return 1 // 0 * b"" if page.path == path else whole(page, *others)

    monkeypatch.setattr(render, "render", failing)
    assert site.build().failed == 1
    assert ">answer 150.<" not in site.everything()
    monkeypatch.undo()
    assert site.build().failed == 0
    assert ">answer 151.<" in site.files()[path].decode()
