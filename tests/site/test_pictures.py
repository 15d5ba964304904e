"""Copies of pictures among the site's files: with the pages that show them, and no longer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete

from tagora.core.errors import ConfigError
from tagora.presentation.posts import Showing
from tagora.site.build import Report
from tagora.site.kinds import FOR_EVER, cache_control, content_type
from tagora.site.manifest import Manifest
from tagora.site.output import Output
from tagora.site.pictures.folder import PictureFolder
from tagora.site.publishing.publish import built_site
from tagora.site.settings import SiteSettings
from tagora.storage import tables as t
from tagora.storage.store import Store

from ..pictures import copied, copies_of, medium
from .test_build import CAMPAIGN, Site

SEA, HILL = ({one.path for one in copies_of(name)} for name in ("sea", "hill"))


class Pictured(Site):
    """A site whose sources are copied from."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.copies = PictureFolder(folder / "pictures")
        settings = SiteSettings(folder / "site", "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")
        super().__init__(store, replace(settings, pictures=folder / "pictures"))
        self.campaigns = [replace(CAMPAIGN, sources={"x": Showing(pictures="copy"), "quiet": Showing()})]

    def post(self, name: str, *pictures: str, source: str = "x", **changes: object) -> int:
        """A post with these pictures, all copied."""
        with self.filling() as f:
            media = tuple(medium(picture) for picture in pictures)
            id_ = f.post(name, f"words {name}", media=media, source_id=self.source[source], **changes)  # type: ignore[arg-type]
            for position, picture in enumerate(pictures):
                copied(f.connection, self.copies, id_, picture, position)
        return id_

    def decide(self, post_id: int, status: str) -> Report:
        with self.filling() as f:
            f.decide(post_id, status)
        return self.build()

    def media(self) -> set[str]:
        return {path for path in self.files() if path.startswith("media/")}


@pytest.fixture
def site(sqlite_store: Store, tmp_path: Path) -> Pictured:
    return Pictured(sqlite_store, tmp_path)


def test_a_copied_picture_stands_on_its_page_in_all_its_sizes(store: Store, tmp_path: Path) -> None:
    site = Pictured(store, tmp_path)
    site.post("1", "sea")
    assert site.build().failures == ()
    assert site.media() == SEA
    page = site.page("words 1")
    webp, jpeg = sorted(SEA, key=lambda path: not path.endswith("webp"))
    assert f'<source type="image/webp" srcset="../{webp} 480w"' in page
    image = re.search(r"<img [^>]*>", page)
    assert image and f'src="../{jpeg}"' in image[0]
    for part in ('width="480"', 'height="320"', 'alt="A long table"', 'loading="lazy"', 'decoding="async"'):
        assert part in image[0]
    assert "pictures.example" not in page


def test_a_picture_without_words_says_so_to_everybody(site: Pictured) -> None:
    with site.filling() as f:
        id_ = f.post("1", "look", media=(medium("sea", None),), source_id=site.source["x"])
        copied(f.connection, site.copies, id_, "sea")
    site.build()
    page = site.page("look")
    assert 'alt="Immagine, senza descrizione"' in page
    assert '<span class="undescribed" aria-hidden="true">senza descrizione</span>' in page


def test_a_film_is_shown_by_its_still_which_leads_to_its_network(site: Pictured) -> None:
    with site.filling() as f:
        film = medium("sea", kind="video", url="https://films.example/1.mp4", preview_url=medium("sea")["url"])
        id_ = f.post("1", "look", media=(film,), source_id=site.source["x"])
        copied(f.connection, site.copies, id_, "sea")
    site.build()
    page = site.page("look")
    assert re.search(r'<a href="https://example.net/x/1"[^>]*><picture>.*?<span class="plays">Video', page, re.S)
    assert "films.example" not in page and site.media() == SEA


def test_sensitive_pictures_and_those_behind_a_warning_are_folded(site: Pictured) -> None:
    site.post("1", "sea", sensitive=True)
    site.post("2", "hill", warning="Heights")
    site.build()
    assert re.search(
        r"<details class=\"fold\"><summary>Contenuti sensibili</summary>\s*<ul class=\"gallery", site.page("words 1")
    )
    assert re.search(
        r"<details class=\"fold\"><summary[^>]*>Heights</summary>.*<img .*</details>", site.page("words 2"), re.S
    )


def test_where_a_source_says_link_its_pictures_are_words_that_lead_to_the_post(site: Pictured) -> None:
    site.post("1", "sea", source="quiet")
    site.build()
    assert site.media() == set()
    assert re.search(
        r'<li><a href="https://example.net/x/1"[^>]*><span class="kind">.*A long table', site.page("words 1")
    )
    site.campaigns = [replace(CAMPAIGN, sources={"quiet": Showing(pictures="none")})]
    site.build()
    assert "A long table" not in site.everything()


def test_a_picture_goes_with_its_post(site: Pictured) -> None:
    first = site.post("1", "sea")
    second = site.post("2", "hill", reply_to=first)
    site.build()
    assert site.media() == SEA | HILL
    report = site.decide(second, "rejected")
    assert site.media() == SEA and report.failures == ()
    site.decide(first, "rejected")
    assert site.media() == set() and not (site.settings.out / "media").exists()


def test_a_picture_stays_while_another_post_shows_it(site: Pictured) -> None:
    first, second = site.post("1", "sea", "hill"), site.post("2", "sea")
    site.build()
    site.decide(first, "pending")
    assert site.media() == SEA
    assert site.build().written == 0
    site.decide(second, "pending")
    assert site.media() == set()


def test_an_edited_post_no_longer_shows_its_former_picture(site: Pictured) -> None:
    id_ = site.post("1", "sea")
    site.build()
    with site.filling() as f:
        f.connection.execute(t.media.update().values(url="https://pictures.example/other.jpg"))
        f.touched(id_)
    site.build()
    assert site.media() == set() and "A long table" in site.page("words 1")


def test_a_quoted_post_brings_its_pictures_along(site: Pictured) -> None:
    quoted = site.post("1", "sea")
    quoting = site.post("2", quote_id=quoted)
    site.build()
    assert site.page("words 2").count("<img ") == 1
    with Manifest(site.settings.manifest) as manifest:
        shown = {path: posts for path, _, _, posts in manifest.standing() if path in SEA}
    assert set(shown.values()) == {(quoted,)}
    site.decide(quoting, "rejected")
    assert site.media() == SEA
    site.decide(quoted, "rejected")
    assert site.media() == set()


def test_a_picture_whose_page_fails_goes_all_the_same(site: Pictured, monkeypatch: pytest.MonkeyPatch) -> None:
    first = site.post("1", "sea")
    second = site.post("2", "hill", reply_to=first)
    site.build()

    def broken(*_: object) -> None:
        raise ValueError("a fault")

    monkeypatch.setattr("tagora.site.plan.arrange", broken)
    report = site.decide(second, "rejected")
    assert report.failed == 1 and site.media() == SEA
    monkeypatch.undo()
    assert site.build().failures == () and site.media() == SEA


def test_a_build_that_was_killed_is_made_good_by_the_next(site: Pictured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two steps that pictures take."""

    class Killed(BaseException):
        pass

    def dying(after: int) -> None:
        left = iter(range(after))

        def step(name: str) -> None:
            whole = getattr(Output, name)

            def guarded(self: Output, pages: Sequence[object], tally: object) -> None:
                if next(left, None) is None:
                    raise Killed
                whole(self, pages, tally)

            monkeypatch.setattr(Output, name, guarded)

        step("put")
        step("remove")

    first, second = site.post("1", "sea", "hill"), site.post("2", "sea")
    for after in range(14):
        status = "rejected" if after % 2 else "approved"
        with site.filling() as f:
            f.decide(first, status)
        dying(after // 2)
        with pytest.MonkeyPatch.context(), suppress_killed(Killed):
            site.build()
        monkeypatch.undo()
        assert site.build().failures == ()
        assert site.media() == (SEA if after % 2 else SEA | HILL), after
    site.decide(second, "rejected")
    assert site.media() == set()


class suppress_killed:
    def __init__(self, kind: type[BaseException]) -> None:
        self.kind = kind

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, self.kind)


def test_pictures_that_stand_are_not_read_again(site: Pictured, monkeypatch: pytest.MonkeyPatch) -> None:
    first = site.post("1", "sea", "hill")
    site.build()
    read: list[str] = []
    whole = PictureFolder.read
    monkeypatch.setattr(PictureFolder, "read", lambda self, path: read.append(path) or whole(self, path))
    site.build(full=True)
    site.settings = replace(site.settings, title="Another name")
    assert site.build().written > 3
    site.post("2", reply_to=first)
    site.build()
    assert read == []


def test_a_damaged_copy_is_not_shown(site: Pictured) -> None:
    site.post("1", "sea")
    for path in SEA:
        (site.settings.pictures or Path()).joinpath(path.removeprefix("media/")).write_bytes(b"something else")
    report = site.build()
    assert site.media() == set()
    assert len(report.failures) == 2 and all("`tagora pictures` fetches it again" in one for one in report.failures)


def test_a_site_of_another_store_takes_its_pictures_away(site: Pictured, tmp_path: Path) -> None:
    site.post("1", "sea")
    site.build()
    with site.filling() as f:
        f.connection.execute(delete(t.picture))  # and nothing in the change log
    assert site.media() == SEA
    site.build(full=True)
    assert site.media() == set()


def test_pictures_are_published_before_the_pages_and_may_be_kept_for_ever(site: Pictured) -> None:
    id_ = site.post("1", "sea")
    site.build()
    built = built_site(site.settings, "store", lambda _ids: [])
    assert {path: one.shown for path, one in built.files.items() if path in SEA} == dict.fromkeys(SEA, (id_,))
    for path in SEA:
        assert cache_control(path) == FOR_EVER and content_type(path) in ("image/webp", "image/jpeg")
        assert built.files[path].sha == path.removeprefix("media/")[:33].replace("/", ""), "named by its bytes"
        assert not built.files[path].is_list


def test_no_campaign_can_stand_where_pictures_do(site: Pictured) -> None:
    site.campaigns = [replace(CAMPAIGN, slug="media")]
    with pytest.raises(ConfigError, match="cannot have the slug 'media'"):
        site.build()
