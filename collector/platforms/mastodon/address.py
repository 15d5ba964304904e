"""What a fediverse address says: whose post it is and under which id a server knows it. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ....core.normalise import clean_url
from ....core.records import PostRef
from .config import MastodonConfig

ORIGIN = "activitypub"
LOCAL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # Mastodon numbers, GoToSocial ULIDs, Pleroma flakes; safe in a path

# Addresses that hold the id under which their own server's API knows the post.
_API_ID = (
    re.compile(r"/users/[^/]+/statuses/([A-Za-z0-9]+)"),  # Mastodon, GoToSocial: uri
    re.compile(r"/ap/users/[^/]+/statuses/([0-9]+)"),  # Mastodon 4.5 and later: uri of accounts with numeric ids
    re.compile(r"/(?:web/|deck/)?@[^/]+/(?:statuses/)?([A-Za-z0-9]+)"),  # Mastodon, GoToSocial: page for readers
    re.compile(r"/notice/([A-Za-z0-9]+)"),  # Pleroma, Akkoma: page for readers
)
_URI = re.compile(r"/(?:ap/)?users/[^/]+/statuses/[A-Za-z0-9]+|/objects/[A-Za-z0-9-]+")
# Posts' addresses on servers that speak the same protocol but answer other questions: only a Mastodon can fetch them.
_FOREIGN = re.compile(
    r"/notes/[a-z0-9]{8,32}"  # Misskey and its kin
    r"|/(?:w|videos/watch)/[A-Za-z0-9-]{20,36}"  # PeerTube
    r"|/(?:post|comment)/[0-9]+"  # Lemmy, PieFed
    r"|/display/[0-9a-f-]{36}"  # Friendica
)
_HANDLE = re.compile(r"@?([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)@([A-Za-z0-9.-]{3,253})")
_PAGE = re.compile(r"/@([A-Za-z0-9_.-]{1,64})(?:@([A-Za-z0-9.-]{3,253}))?|/(?:ap/)?users/([A-Za-z0-9_.-]{1,64})")
_ACTOR = re.compile(r"(https?://[^/]+/(?:ap/)?users/[^/]+)/statuses/[A-Za-z0-9]+")


def local_ref(host: str, local_id: str) -> PostRef:
    """The name of a post's sighting on one server."""
    return PostRef(f"{ORIGIN}@{host}", local_id)


def host_of(ref: PostRef) -> str | None:
    """The server whose local id this is; None for a global reference."""
    return ref.origin.removeprefix(f"{ORIGIN}@") if ref.origin.startswith(f"{ORIGIN}@") else None


def host_of_url(url: str | None) -> str | None:
    """The host an address stands on, with its port if it has one, in lower case; None where it is no web address."""
    cleaned = clean_url(url)
    return urlsplit(cleaned).netloc.lower() if cleaned else None


def home_ref(address: str | None) -> PostRef | None:
    """The sighting on the post's own server, where its address (uri or page) tells the id; else None.

    >>> home_ref("https://mastodon.uno/users/anna/statuses/1130")
    PostRef(origin='activitypub@mastodon.uno', native_id='1130')
    """
    host = host_of_url(address)
    if host is None or address is None:
        return None
    path = urlsplit(address).path.rstrip("/")
    for pattern in _API_ID:
        if match := pattern.fullmatch(path):
            return local_ref(host, match[1]) if LOCAL_ID.fullmatch(match[1]) else None
    return None


def ref_of_url(url: str) -> PostRef | None:
    """The reference that an address pasted by a person stands for, or None when it is no fediverse post.

    A uri is the global reference; a page for readers is a sighting on the server it stands on (which may be a
    visitor's server: /@anna@elsewhere.example/12)."""
    host = host_of_url(url)
    if host is None:
        return None
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/")
    if _URI.fullmatch(path):
        return PostRef(ORIGIN, f"{parts.scheme.lower()}://{host}{path}")
    return home_ref(url.strip())


def locate(config: MastodonConfig, url: str) -> PostRef | None:
    """As `ref_of_url`, and posts of the fediverse's other kinds of servers by their address alone."""
    if (known := ref_of_url(url)) or host_of_url(url) is None:
        return known
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/")
    return PostRef(ORIGIN, f"https://{parts.netloc.lower()}{path}") if _FOREIGN.fullmatch(path) else None


def people(account: str) -> tuple[tuple[str, str], ...]:
    """The names of the account that @name@server, its page on its own or on another server, or its id stands for."""
    text = account.strip()
    found = _HANDLE.fullmatch(text)
    if found:
        return ((ORIGIN, f"@{found[1]}@{found[2]}".lower()),)
    host = host_of_url(text)
    page = _PAGE.fullmatch(urlsplit(text).path.rstrip("/")) if host else None
    if host is None or page is None:
        return ()
    name, home = page[1] or page[3], page[2] or host
    own = ((ORIGIN, text.rstrip("/")),) if page[3] else ()
    return (*own, (ORIGIN, f"@{name}@{home}".lower()))


def actor_of_uri(uri: str) -> str | None:
    """The author's id, where the post's uri tells it."""
    match = _ACTOR.fullmatch(uri)
    return match[1] if match else None


def own_host(base_url: str, homes: Mapping[str, str]) -> str:
    """The name under which the fediverse knows the server that answers at `base_url`. `homes`: name -> address of
    those that answer elsewhere than their name says."""
    names = [host.lower() for host, url in homes.items() if url.rstrip("/") == base_url.rstrip("/")]
    return names[0] if names else host_of_url(base_url) or base_url


def may_be_asked(host: str) -> bool:
    """Whether a host that a post named looks like a public server: a domain name on the standard port. Posts are
    hostile: one that calls itself https://192.168.0.1/users/a/statuses/1 must not make us knock there."""
    name, _, port = host.partition(":")
    if port or "." not in name or len(name) > 253:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        return False
    last = name.rsplit(".", 1)[1]
    return not last.isdigit() and last not in ("local", "localhost", "internal", "lan", "home", "arpa", "onion")
