"""A thread for search engines: schema.org's DiscussionForumPosting with its comments nested
(https://developers.google.com/search/docs/appearance/structured-data/discussion-forum)."""

from __future__ import annotations

from typing import Any

from ..presentation.views import PostView
from .views import Site, ThreadPage

DEEPEST = 60  # the serialiser stops at 254 levels; deeper replies become their ancestor's


def discussion(page: ThreadPage, site: Site) -> dict[str, Any]:
    """The page's discussion. A gap is left out: what answers it hangs on the next shown post above. A further page of a
    discussion says, as Google asks, the first one's address and topic, and holds its own posts as comments."""
    url = site.base_url + page.head.path
    begun = page.around.begun if page.around else None
    root: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "url": site.base_url + begun.path if begun else url,
        "headline": page.title,
        "inLanguage": page.head.language,
        "isPartOf": {"@type": "WebPage", "url": site.base_url + page.campaign.path, "name": page.campaign.title},
    }
    if begun:
        if begun.at:
            root["datePublished"] = begun.at.iso
        if begun.author:
            root["author"] = {"@type": "Person", "name": begun.author}
    elif page.started:
        root["datePublished"] = page.started.iso
    made: list[tuple[dict[str, Any], int]] = []  # of each node: where replies to it go, and how deep that is
    for index, node in enumerate(page.nodes):
        above, depth = made[node.parent] if node.parent >= 0 else (root, 0)
        if node.post is None:
            made.append((above, depth))
        elif index == 0 and not begun:
            root.update(_facts(node.post))
            made.append((root, 0))
        else:
            comment = {"@type": "Comment", "url": f"{url}#{node.anchor}", **_facts(node.post)}
            above.setdefault("comment", []).append(comment)
            made.append((comment, depth + 1) if depth < DEEPEST else (above, depth))
    if not begun:
        root["commentCount"] = page.posts - any(node.post is not None for node in page.nodes[:1])
    return root


def _facts(post: PostView) -> dict[str, Any]:
    facts: dict[str, Any] = {"datePublished": post.published.iso}
    if post.text:
        facts["text"] = post.text
    if post.edited:
        facts["dateModified"] = post.edited.iso
    if post.author:
        person: dict[str, Any] = {"@type": "Person", "name": post.author.name}
        if post.author.url:
            person["url"] = post.author.url
        facts["author"] = person
    if post.url:
        facts["sameAs"] = post.url
    if post.lang:
        facts["inLanguage"] = post.lang
    return facts
