"""Prepares for Hugo what Tagora's build reads from its store: one content file a thread, with the thread's posts as
data in its front matter, and one for each list. Text stays text with its links beside it, times stay times: to make
words, links, dates and structured data of them is the templates' work, as it is ours."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from tagora.app.building import campaign_infos, site_settings
from tagora.app.workplace import Workplace
from tagora.presentation.views import NodeView, PostView
from tagora.site.plan import Planned, ThreadPlanner
from tagora.storage import publishable, snapshot

HERE = Path(__file__).parent / "hugo"
_LINK = re.compile(r'<a href="([^"]*)" rel="[^"]*">(.*?)</a>', re.S)


def prepare(place: Workplace, folder: Path) -> int:
    """Writes a Hugo site of the store's one campaign into `folder`; the number of threads."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    shutil.copytree(Path(snapshot.__file__).parents[1] / "site" / "static", folder / "static" / "assets")
    settings, (campaign,) = site_settings(place), campaign_infos(place)
    planner = ThreadPlanner(settings, campaign)
    invitation = campaign.invitation
    assert invitation is not None
    threads = folder / "content" / "it" / campaign.slug
    threads.mkdir(parents=True)
    months: set[str] = set()
    count = 0
    with place.store.reading() as connection:
        of = publishable.campaigns(connection)[campaign.slug]
        for thread in snapshot.threads(connection, of, publishable.candidates(connection, of)):
            planned = planner.plan(thread)
            if planned is not None:
                name = planned.card.path.rpartition("/")[2].removesuffix(".html")
                _write(threads / f"{name}.md", _thread(planned))
                months.add(planned.card.month)
                count += 1
    told = {
        "invitation": {
            "gurus": invitation.gurus,
            "author": invitation.author,
            "content_type": invitation.content_type,
            "language": invitation.language,
            "date": str(invitation.date),
            "hashtags": campaign.hashtags,
            "summary": invitation.body[:300],
        }
    }
    names = sorted(months)
    for language in settings.languages:
        top = folder / "content" / language
        _write(top / "_index.md", {"title": settings.title})
        _write(top / campaign.slug / "_index.md", {"title": campaign.title, **told}, invitation.body)
        _write(top / "about.md", {"title": settings.title, "layout": "about"}, invitation.body)
        for at, month in enumerate(names):
            around = {"earlier": names[at - 1] if at else None, "later": names[at + 1] if at + 1 < len(names) else None}
            front = {"title": month, "layout": "month", "of": month, **around}
            _write(top / campaign.slug / f"{month}.md", front)
    return count


def _write(file: Path, front: dict[str, Any], body: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(front) + b"\n\n" + body.encode())


def _thread(planned: Planned) -> dict[str, Any]:
    card, page = planned.card, planned.pages[0].data
    posts = [node.post for node in page.nodes if node.post is not None]
    completeness = page.completeness
    return {
        "url": card.path,
        "title": page.head.title,
        "description": page.head.description,
        "date": posts[0].published.iso,
        "headline_text": page.title,
        "latest": max(post.published.iso for post in posts),
        "month": card.month,
        "posts": card.posts,
        "families": card.families,
        "author": card.author,
        "headline": card.title,
        "excerpt": card.excerpt,
        "warning": card.warning,
        "lang": card.lang,
        "completeness": {
            "shown": completeness.shown,
            "total": completeness.total,
            "absent": [pair for pair in completeness.absent if pair[0] in ("review", "rejected", "unknown")],
        },
        "tree": _tree(page.nodes),
    }


def _tree(nodes: Sequence[NodeView]) -> list[dict[str, Any]]:
    """The nodes nested as they are on the page."""
    top: list[dict[str, Any]] = []
    path: list[list[dict[str, Any]]] = [top]
    for node in nodes:
        del path[node.level + 1 :]
        made: dict[str, Any] = {"anchor": node.anchor, "level": node.level, "fold": node.fold, "replies": []}
        if node.post is not None:
            made |= _post(node.post)
            if node.reply_to is not None:
                made["reply_to"] = {"href": node.reply_to.href, "name": node.reply_to.name or "…"}
        else:
            made["gap"] = node.gap if node.gap in ("review", "rejected") else "unknown"
        path[node.level].append(made)
        path.append(made["replies"])
    return top


def _post(post: PostView) -> dict[str, Any]:
    author = post.author
    assert author is not None
    made: dict[str, Any] = {
        "network": post.network.key,
        "network_title": post.network.title,
        "url": post.url,
        "author": {"name": author.name, "handle": author.handle, "url": author.url, "initials": author.initials},
        "published": post.published.iso,
        "text": post.text,
        "pieces": _pieces(str(post.body)),
        "lang": post.lang,
        "warning": post.warning,
        "media": [{"kind": "image", "alt": medium.alt} for medium in post.media],
        "featured": post.featured,
    }
    if post.quote is not None:
        made["quote"] = _post(post.quote.post) if post.quote.post is not None else {"gone": True}
    return made


def _pieces(body: str) -> list[dict[str, str]]:
    """The text as it is, stretch by stretch; linked ones with their address."""
    pieces: list[dict[str, str]] = []
    at = 0
    for found in _LINK.finditer(body):
        if found.start() > at:
            pieces.append({"t": html.unescape(body[at : found.start()])})
        pieces.append({"t": html.unescape(found[2]), "u": html.unescape(found[1])})
        at = found.end()
    if at < len(body):
        pieces.append({"t": html.unescape(body[at:])})
    return pieces
