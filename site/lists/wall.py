"""The wall: a page for the screen in the hall, and the small file by which it follows the published posts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape

import orjson

from ...core.wishes import is_unindexed
from ...presentation.formats import Formats
from ...presentation.posts import Showing, post_view
from ...storage.snapshot import Node
from ..pages import Page, digest
from ..plan import head, home, showing_of
from ..settings import CampaignInfo, SiteSettings, at_the_top
from ..views import QrCode, WallPage, WallPost
from .invitations import closed_on
from .material import Material, iso

MOST = 24
LONGEST = 700  # code points of one post; a screen holds no more
FEED = "wall/feed.json"
_TAG = re.compile(r"<[^>]*>")


def wall(material: Material, campaign: CampaignInfo) -> Iterator[Page]:
    """In each language, and its feed. Search engines are kept from both; where robots.txt cannot say so for the feed,
    posts whose authors do not want to be found are left out. On a closed campaign's wall stands no post, for nobody
    asks any more whether it was withdrawn."""
    settings = material.settings
    closed = closed_on(campaign, material.as_of)
    formats = {language: Formats(language, settings.timezone) for language in settings.languages}
    first = settings.languages[0]
    told: list[tuple[Node, WallPost]] = []
    for node, path in material.posts.get(campaign.slug, ()) if closed is None else ():
        made = _post(settings, node, path, showing_of(campaign, node), formats[first])
        if made and (at_the_top(settings.base_url) or not is_unindexed(node.writer.wishes if node.writer else ())):
            told.append((node, made))
    del told[MOST:]
    shown = tuple(sorted(node.id for node, _ in told))
    for language in settings.languages:
        path = f"{home(settings, language)}{campaign.slug}/wall/"
        address = f"{settings.base_url}{home(settings, language)}{campaign.slug}/"
        own = formats[language]
        page = WallPage(
            head=head(
                settings, "wall", path, language, campaign.title, "", everywhere=f"{campaign.slug}/wall/", noindex=True
            ),
            title=campaign.title,
            language=campaign.language or first,
            tag=campaign.hashtags[0],
            address=address.partition("://")[2].rstrip("/"),
            campaign=address,
            feed=f"{campaign.slug}/{FEED}",
            closed=None if closed is None else own.day(closed),
            posts=tuple(post._replace(published=own.moment(node.published_at or 0)) for node, post in told),
        )
        yield Page(f"{path}index.html", "wall.html", language, page, shown=shown)
        yield Page(f"{path}qr.svg", "qr.svg", language, QrCode(address))  # its own file: made once, not with each post
    days = None if closed is None else {language: own.day(closed) for language, own in formats.items()}
    feed = _feed(settings, campaign, told, formats, days)
    yield Page(f"{campaign.slug}/{FEED}", None, first, feed, shown=shown)


def _post(settings: SiteSettings, node: Node, path: str, showing: Showing, formats: Formats) -> WallPost | None:
    """What the screen shows of a post; None for one of which there would be no word."""
    view = post_view(node, showing, formats)
    text = unescape(_TAG.sub("", view.body))  # as readers see it: links under the names that their network shows
    if view.only_link or not (text or view.title):
        return None
    made = WallPost(
        url=f"{settings.base_url}{path}#{view.anchor}",
        version="",
        name=view.author.name if view.author else None,
        handle=view.author.handle if view.author else None,
        network=view.network,
        title=view.title,
        text=text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…",
        lang=view.lang,
        published=view.published,
    )
    return made._replace(version=digest(made)[:10])


def _feed(
    settings: SiteSettings,
    campaign: CampaignInfo,
    told: Sequence[tuple[Node, WallPost]],
    formats: Mapping[str, Formats],
    closed: Mapping[str, str] | None,
) -> bytes:
    """A JSON Feed (https://www.jsonfeed.org/version/1.1/) with what the screen needs besides under `_tagora`."""
    items = [
        {
            "id": post.url,
            "url": post.url,
            **({"title": post.title} if post.title else {}),
            "content_text": post.text,
            "date_published": iso(node.published_at or 0),
            **({"authors": [{"name": post.name}]} if post.name else {}),
            **({"language": post.lang} if post.lang else {}),
            "_tagora": {
                "version": post.version,
                "handle": post.handle,
                "network": post.network.title,
                "key": post.network.key,
                "time": {language: own.moment(node.published_at or 0).text for language, own in formats.items()},
            },
        }
        for node, post in told
    ]
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": campaign.title,
        "home_page_url": f"{settings.base_url}{campaign.slug}/",
        "feed_url": f"{settings.base_url}{campaign.slug}/{FEED}",
        "expired": closed is not None,
        "items": items,
        "_tagora": {"closed": closed},
    }
    return orjson.dumps(whole)
