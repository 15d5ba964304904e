"""What an address on Bluesky says: whose post it is, and its at:// uri. Pure."""

from __future__ import annotations

import re

from ....core.records import PostRef

ORIGIN = "bluesky"
SITE = "https://bsky.app"

_DID = r"did:[a-z]{1,20}:[A-Za-z0-9._:%-]{1,200}"
_HANDLE = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,62}"
_RKEY = r"[A-Za-z0-9_~:-][A-Za-z0-9._~:-]{0,100}"
_COLLECTION = "app.bsky.feed.post"
_IS_DID = re.compile(_DID)
_IS_HANDLE = re.compile(_HANDLE)
_POST_URI = re.compile(rf"at://({_DID})/{re.escape(_COLLECTION)}/({_RKEY})")
_NAMED_URI = re.compile(rf"at://({_HANDLE})/{re.escape(_COLLECTION)}/({_RKEY})")
_PAGE = re.compile(
    rf"https?://(?:www\.|main\.)?bsky\.app/profile/({_DID}|{_HANDLE})/post/({_RKEY})/?(?:[?#].*)?", re.IGNORECASE
)
_PROFILE = re.compile(rf"https?://(?:www\.|main\.)?bsky\.app/profile/({_DID}|{_HANDLE})/?(?:[?#].*)?", re.IGNORECASE)


def did_of(value: object) -> str | None:
    """An account's lasting id, or None."""
    return value if isinstance(value, str) and _IS_DID.fullmatch(value) else None


def handle_of(value: object) -> str | None:
    """A handle in lower case, or None. `handle.invalid` is Bluesky's word for "has none that leads back to it"."""
    if not isinstance(value, str) or len(value) > 253 or not _IS_HANDLE.fullmatch(value):
        return None
    handle = value.lower()
    return None if handle.endswith(".invalid") else handle


def post_uri(value: object) -> str | None:
    """The at:// uri of a post (not of a feed, a list, …) that names its author by id; else None."""
    return value if isinstance(value, str) and _POST_URI.fullmatch(value) else None


def post_ref(value: object) -> PostRef | None:
    uri = post_uri(value)
    return PostRef(ORIGIN, uri) if uri else None


def names_by_handle(uri: str) -> bool:
    """Whether a uri names the author by a handle: only the network knows which post that is today."""
    return _NAMED_URI.fullmatch(uri) is not None


def author_of(uri: str) -> str:
    """The author's id within a post's uri."""
    return uri.split("/")[2]


def page_of(uri: str) -> str:
    """The page for readers, by the author's id: handles change.

    >>> page_of("at://did:plc:abc/app.bsky.feed.post/3k")
    'https://bsky.app/profile/did:plc:abc/post/3k'
    """
    _, _, did, _, rkey = uri.split("/")
    return f"{SITE}/profile/{did}/post/{rkey}"


def profile_of(did: str) -> str:
    return f"{SITE}/profile/{did}"


def locate(config: object, url: str) -> PostRef | None:
    """The post that a page on bsky.app (or an at:// uri) names; any source on Bluesky can ask for any post. Where the
    author stands there by handle, the reference is the uri by handle, which a look-up turns into the true one."""
    text = url.strip()
    found = _PAGE.fullmatch(text) or _POST_URI.fullmatch(text) or _NAMED_URI.fullmatch(text)
    if not found:
        return None
    did = did_of(found[1])
    who = did or handle_of(found[1])
    return PostRef(ORIGIN, f"at://{who}/{_COLLECTION}/{found[2]}") if who else None


def people(account: str) -> tuple[tuple[str, str], ...]:
    """The name of the account that @handle, its page on bsky.app or its lasting id stands for."""
    text = account.strip()
    page = _PROFILE.fullmatch(text)
    who = page[1] if page else text.removeprefix("@")
    if did := did_of(who):
        return ((ORIGIN, did),)
    handle = handle_of(who) if page or text.startswith("@") else None
    return ((ORIGIN, f"@{handle}"),) if handle else ()
