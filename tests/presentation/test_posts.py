"""As much of an author as may be shown, and no more."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tagora.core.pictures import Rendition
from tagora.presentation.formats import Formats
from tagora.presentation.posts import Showing, author_view, post_view
from tagora.storage.snapshot import Attachment

FORMATS = Formats("it", "Europe/Rome")


@dataclass
class Writer:
    native_id: str = "77"
    handle: str | None = "rosa.bianchi"
    display_name: str | None = "Rosa Bianchi"
    url: str | None = "https://example.net/rosa.bianchi"


@dataclass
class Shown:
    origin: str = "x"
    native_id: str = "1"
    url: str | None = "https://x.com/rosa.bianchi/status/1"
    published_at: int | None = 1_763_900_000_000_000
    edited_at: int | None = None
    title: str | None = None
    text: str = "ciao"
    lang: str | None = "it"
    warning: str | None = None
    sensitive: bool = False
    featured: bool = False
    writer: Writer | None = field(default_factory=Writer)
    marks: tuple[()] = ()
    media: tuple[Attachment, ...] = ()


@pytest.mark.parametrize(
    "name, initials",
    [
        ("Rosa Bianchi", "RB"),
        ("rosa", "R"),
        ("Anna Maria de Rossi", "AR"),
        ("🙂 ✨", "•"),
        ("李 小龍", "李小"),
        ("'Zoe' K", "K"),
    ],
)
def test_a_name_is_cut_to_its_initials(name: str, initials: str) -> None:
    view = author_view(Writer(display_name=name), Showing(authors="initials"))
    assert view and view.initials == initials and view.handle is None and view.url is None


def test_an_excerpt_goes_on_elsewhere() -> None:
    assert post_view(Shown(text="So it begins. […]"), Showing(), FORMATS).goes_on
    assert not post_view(Shown(text="So it ends."), Showing(), FORMATS).goes_on
    assert not post_view(Shown(text="So it begins. […]"), Showing(show="link"), FORMATS).goes_on


def test_a_hidden_author_leaves_no_trace_in_the_address_either() -> None:
    view = post_view(Shown(), Showing(authors="hidden"), FORMATS)
    assert view.author is None and view.url is None
    shown = post_view(Shown(), Showing(), FORMATS)
    assert shown.author and shown.author.handle == "rosa.bianchi" and shown.url == "https://x.com/rosa.bianchi/status/1"


def test_the_organisers_own_page_is_no_private_person() -> None:
    url = "https://www.facebook.com/1234567890"
    page = Writer(native_id="1234567890", handle=None, display_name="Agorà Milano", url=url)
    showing = Showing(authors="initials", own=("1234567890",))
    view = author_view(page, showing)
    assert view and (view.name, view.initials) == ("Agorà Milano", "AM") and view.url == page.url
    anybody = author_view(Writer(), showing)
    assert anybody and anybody.name == "R. B." and anybody.url is None
    assert author_view(page, Showing(authors="hidden", own=("1234567890",))) is None, "hidden hides everybody"


def test_an_author_nobody_named_is_none() -> None:
    assert author_view(None, Showing()) is None
    assert author_view(Writer(handle=None, display_name=None), Showing()) is None


def test_times_are_absolute_and_in_the_readers_zone() -> None:
    view = post_view(Shown(edited_at=1_763_900_060_000_000), Showing(), FORMATS)
    assert view.published.iso == "2025-11-23T13:13:20+01:00"
    assert view.published.text == "23 nov 2025, 13:13"
    assert view.edited and view.edited.text == "23 nov 2025, 13:14"


WEBP, SMALL, JPEG = (
    Rendition("aa" * 16, "webp", 960, 640),
    Rendition("bb" * 16, "webp", 480, 320),
    Rendition("cc" * 16, "jpg", 480, 320),
)


def test_pictures_are_shown_from_copies_where_the_source_says_so() -> None:
    post = Shown(media=(Attachment("image", "A table", (WEBP, SMALL, JPEG)), Attachment("image", None)))
    with_copies, without = post_view(post, Showing(pictures="copy"), FORMATS).media
    assert with_copies.picture is not None and without.picture is None
    assert with_copies.picture.sources == ((SMALL.path, 480), (WEBP.path, 960))
    assert (with_copies.picture.plain, with_copies.picture.widest) == (JPEG.path, WEBP.path)
    assert (with_copies.picture.width, with_copies.picture.height) == (960, 640)
    assert set(with_copies.picture.paths) == {WEBP.path, SMALL.path, JPEG.path}


def test_without_a_copy_pictures_are_words_or_nothing() -> None:
    post = Shown(media=(Attachment("image", "A table", (WEBP, JPEG)),))
    assert [one.picture for one in post_view(post, Showing(), FORMATS).media] == [None]
    assert post_view(post, Showing(pictures="none"), FORMATS).media == ()
    for showing in (Showing(show="link", pictures="copy"), Showing(bare="closed", pictures="copy")):
        assert post_view(post, showing, FORMATS).media == () and not showing.with_copies
    half = Shown(media=(Attachment("image", "A table", (WEBP,)),))
    assert post_view(half, Showing(pictures="copy"), FORMATS).media[0].picture is None, "old browsers would see nothing"
