"""The fediverse servers' objects (Status, Account) as Mastodon, GoToSocial and Pleroma write them."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

from . import ids
from .script import Family, Person, Post
from .text import Kind, Piece, display_link, pieces
from .web import iso
from .world import Fediverse

_LINK_ATTRIBUTES = 'target="_blank" rel="nofollow noopener noreferrer" translate="no"'


def content(world: Fediverse, host: str, post: Post, minute: int) -> str:
    """The text as HTML: paragraphs, breaks, mentions, hashtags and shortened links."""
    script = world.script
    home = str(script.author(post).server)
    paragraphs: list[list[str]] = [[]]
    for piece in pieces(post.text_at(minute), post.network):
        if piece.kind != Kind.PLAIN:
            paragraphs[-1].append(_marked(world, home, piece))
            continue
        first, *others = piece.text.split("\n\n")
        paragraphs[-1].append(_plain(first))
        paragraphs.extend([_plain(text)] for text in others)
    html = "".join(f"<p>{''.join(parts)}</p>" for parts in paragraphs if "".join(parts).strip())
    if post.quote_of and ids.family_of(script, host) == Family.MASTODON:
        # For readers that know no quotes Mastodon repeats the quoted post's address in the text.
        link = _link(ids.fediverse_url(script, script.post(post.quote_of)))
        html = f'<p class="quote-inline">RE: {link}</p>{html}'
    return html


def _plain(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br />")


def _marked(world: Fediverse, home: str, piece: Piece) -> str:
    if piece.kind == Kind.LINK:
        return _link(piece.value)
    if piece.kind == Kind.TAG:
        path = quote(piece.value)
        return f'<a href="https://{home}/tags/{path}" class="mention hashtag" rel="tag">#<span>{piece.value}</span></a>'
    person = mentioned(world, home, piece.value)
    if person is None:
        return escape(piece.text)
    url = ids.account_url(world.script, person)
    link = f'<a href="{url}" class="u-url mention">@<span>{person.handle}</span></a>'
    return f'<span class="h-card" translate="no">{link}</span>'


def _link(url: str) -> str:
    shown, cut = display_link(url, 30)
    start = url.index(shown)
    hidden, rest = url[:start], url[start + len(shown) :]
    css = ' class="ellipsis"' if cut else ' class=""'
    return (
        f'<a href="{escape(url)}" {_LINK_ATTRIBUTES}><span class="invisible">{escape(hidden)}</span>'
        f"<span{css}>{escape(shown)}</span>"
        f'<span class="invisible">{escape(rest)}</span></a>'
    )


def mentioned(world: Fediverse, home: str, handle: str) -> Person | None:
    """The person whom `name` or `name@server` means on a post written at `home`."""
    name, _, server = handle.partition("@")
    for person in world.script.people:
        if person.server == (server or home) and person.handle.casefold() == name.casefold():
            return person
    return None


def acct(person: Person, host: str) -> str:
    """Its name on that server: local people without their host."""
    return person.handle if person.server == host else f"{person.handle}@{person.server}"


def account(world: Fediverse, host: str, person: Person, base: str) -> dict[str, Any]:
    script = world.script
    local = person.server == host
    avatar = f"{base}/media/avatar-{person.key}.png"
    data: dict[str, Any] = {
        "id": ids.account_id(script, person, host),
        "username": person.handle,
        "acct": acct(person, host),
        "display_name": person.name,
        "locked": False,
        "bot": person.bot,
        "discoverable": True,
        "group": False,
        "created_at": f"{person.joined.isoformat() if person.joined else '2020-01-01'}T00:00:00.000Z",
        "note": f"<p>{_plain(person.about)}</p>" if person.about else "",
        "url": ids.account_url(script, person),
        "uri": ids.account_uri(script, person),
        "avatar": avatar,
        "avatar_static": avatar,
        "header": f"{base}/media/header.png",
        "header_static": f"{base}/media/header.png",
        "followers_count": 10,
        "following_count": 10,
        "statuses_count": 100,
        "last_status_at": None,
        "emojis": [],
        "fields": [],
    }
    family = ids.family_of(script, host)
    if family == Family.MASTODON:
        data |= {"indexable": person.indexable, "hide_collections": False}
        if local:
            data["noindex"] = person.noindex  # Mastodon tells it of its own people only
    elif family == Family.PLEROMA:
        data |= {"fqn": f"{person.handle}@{person.server}"}
        data["pleroma"] = {"is_moderator": False, "is_admin": False, "tags": [], "hide_favorites": True}
    return data


def status(
    world: Fediverse, host: str, post: Post, minute: int, base: str, *, reader: bool = False, nested: bool = False
) -> dict[str, Any]:
    """The post as `host` tells it at that minute. `reader`: asked by a signed-in account; `nested`: it stands
    inside another post as its quote, so its own quote is only named."""
    script = world.script
    family = ids.family_of(script, host)
    author, parent = script.author(post), script.parent(post)
    home = str(author.server)
    edited = post.edited_at(minute)
    found = pieces(post.text_at(minute), post.network)
    known = [
        person for piece in found if piece.kind == Kind.MENTION and (person := mentioned(world, home, piece.value))
    ]
    parent_known = parent is not None and world.knows(host, parent, minute)
    data: dict[str, Any] = {
        "id": world.local_id(host, post),
        "created_at": iso(script.time(post.at)),
        "in_reply_to_id": world.local_id(host, parent) if parent and parent_known else None,
        "in_reply_to_account_id": ids.account_id(script, script.author(parent), host) if parent else None,
        "sensitive": post.sensitive or bool(post.warning),
        "spoiler_text": post.warning or "",
        "visibility": post.visibility,
        "language": post.lang,
        "uri": ids.fediverse_uri(script, post),
        "url": ids.fediverse_url(script, post),
        "replies_count": sum(
            world.knows(host, child, minute) and child.visibility != "direct" for child in script.children(post)
        )
        + (post.replies_elsewhere if home == host else 0),
        "reblogs_count": post.reposts if home == host else 0,
        "favourites_count": post.likes if home == host else 0,
        "edited_at": iso(script.time(edited)) if edited is not None else None,
        "content": content(world, host, post, minute),
        "reblog": None,
        "account": account(world, host, author, base),
        "media_attachments": [_attachment(post, number, base) for number in range(len(post.media))],
        "mentions": [
            {
                "id": ids.account_id(script, person, host),
                "username": person.handle,
                "url": ids.account_url(script, person),
                "acct": acct(person, host),
            }
            for person in dict.fromkeys(known)
        ],
        "tags": [
            {"name": name, "url": f"https://{host}/tags/{quote(name)}"}
            for name in dict.fromkeys(piece.value.lower() for piece in found if piece.kind == Kind.TAG)
        ],
        "emojis": [],
        "card": None,
        "poll": None,
    }
    if home == host:
        data["application"] = {"name": "Web", "website": None}
    if reader:
        data |= {"favourited": False, "reblogged": False, "muted": False, "bookmarked": False}
    if family == Family.MASTODON:
        data["quotes_count"] = sum(world.knows(host, item, minute) for item in script.quotes(post))
        data["quote"] = _quote(world, host, post, minute, base, nested=nested)
    elif family == Family.PLEROMA:
        data["pleroma"] = _pleroma(world, host, post, minute)
    return data


def _attachment(post: Post, number: int, base: str) -> dict[str, Any]:
    media = post.media[number]
    url = f"{base}/media/{post.key}-{number}.png"
    original = {
        "width": media.width,
        "height": media.height,
        "size": f"{media.width}x{media.height}",
        "aspect": media.width / media.height,
    }
    return {
        "id": str(ids.stable("attachment", post.key, number, bits=56)),
        "type": "image",
        "url": url,
        "preview_url": url,
        "remote_url": None,
        "meta": {"original": original, "small": original},
        "description": media.alt,
        "blurhash": "UBL_:rOpGG-;~qRjWBay00of%Mof00WBj[t7",
    }


def _quote(world: Fediverse, host: str, post: Post, minute: int, base: str, *, nested: bool) -> dict[str, Any] | None:
    if not post.quote_of:
        return None
    quoted = world.script.post(post.quote_of)
    if not quoted.is_there(minute):
        return {"state": "deleted", "quoted_status": None}
    if not world.knows(host, quoted, minute):
        return {"state": "pending", "quoted_status": None}
    if quoted.visibility not in ("public", "unlisted"):
        return {"state": "unauthorized", "quoted_status": None}
    if nested:
        return {"state": "accepted", "quoted_status_id": world.local_id(host, quoted)}
    return {"state": "accepted", "quoted_status": status(world, host, quoted, minute, base, nested=True)}


def _pleroma(world: Fediverse, host: str, post: Post, minute: int) -> dict[str, Any]:
    script = world.script
    root, parent = script.root(post), script.parent(post)
    data: dict[str, Any] = {
        "local": script.author(post).server == host,
        "conversation_id": ids.stable("conversation", root.key, bits=31),
        "context": f"https://{script.author(root).server}/contexts/{ids.stable('context', root.key)}",
        "content": {"text/plain": post.text_at(minute)},
        "spoiler_text": {"text/plain": post.warning or ""},
        "in_reply_to_account_acct": None,
        "expires_at": None,
        "direct_conversation_id": None,
        "thread_muted": False,
        "emoji_reactions": [],
        "parent_visible": parent is not None and parent.is_there(minute),
        "quote_id": None,
        "quote_url": None,
        "quote_visible": False,
        "quotes_count": 0,
    }
    if parent:
        data["in_reply_to_account_acct"] = acct(script.author(parent), host)
    if post.quote_of:
        quoted = script.post(post.quote_of)
        data["quote_url"] = ids.fediverse_uri(script, quoted)
        if world.knows(host, quoted, minute):
            data |= {"quote_id": world.local_id(host, quoted), "quote_visible": True}
    return data
