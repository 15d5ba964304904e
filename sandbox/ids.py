"""Ids, addresses and uris of everything in a script: the same for the same key and time, as each network makes them.

The truth uses them too, so nothing here may depend on what an answer looks like.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

from .script import PAGE, Family, Network, Person, Post, Script

X_EPOCH_MS = 1_288_834_974_657  # the first snowflake, 2010-11-04
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_SORTED32 = "234567abcdefghijklmnopqrstuvwxyz"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def stable(*parts: object, bits: int = 64) -> int:
    """A number that follows from the parts alone."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()
    return int.from_bytes(digest, "big") >> (128 - bits)


def in_base(number: int, alphabet: str, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, len(alphabet))
        digits.append(alphabet[rest])
    return "".join(reversed(digits))


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


# --- X --------------------------------------------------------------------------------------------------------------


def x_user(person: Person) -> str:
    return str(10_000_000 + stable("x-user", person.key, bits=40))


def x_snowflake(moment: datetime, low_bits: int = 0) -> int:
    """Also the smallest id of a moment (`low_bits` 0): how X turns times into ids and back."""
    return (milliseconds(moment) - X_EPOCH_MS) << 22 | low_bits


def x_chain(script: Script, post: Post) -> tuple[str, ...]:
    """The ids of all its versions, oldest first, future ones included. The first one is the canonical id."""
    times = [post.at, *(edit.at for edit in post.edits)]
    return tuple(
        str(x_snowflake(script.time(at), stable("x-post", post.key, n, bits=22))) for n, at in enumerate(times)
    )


def x_id(script: Script, post: Post) -> str:
    return x_chain(script, post)[0]


def x_url(script: Script, post: Post) -> str:
    return f"https://x.com/{script.author(post).handle}/status/{x_id(script, post)}"


def x_short_link(*parts: object) -> str:
    """X puts a t.co address of 23 characters in place of every link."""
    return f"https://t.co/{in_base(stable('t.co', *parts), _BASE62, 10)}"


def x_media_key(script: Script, post: Post, number: int) -> str:
    return f"3_{x_snowflake(script.time(post.at), stable('x-media', post.key, number, bits=22))}"


# --- the fediverse --------------------------------------------------------------------------------------------------


def family_of(script: Script, host: str | None) -> Family:
    server = script.server(host)
    return server.family if server else Family.MASTODON


def local_id(script: Script, post: Post, host: str, arrived: int) -> str:
    """Its id on one server. Mastodon and GoToSocial give a post that comes late an id of the time it was written;
    Pleroma one of its arrival."""
    family = family_of(script, host)
    salt = ("local", host, post.key)
    if family == Family.GOTOSOCIAL:  # a ULID
        return in_base(milliseconds(script.time(post.at)) << 80 | stable(*salt, bits=80), _CROCKFORD, 26)
    if family == Family.PLEROMA:  # a flake
        return in_base(milliseconds(script.time(arrived)) << 64 | stable(*salt, bits=64), _BASE62, 18)
    return str(milliseconds(script.time(post.at)) << 16 | stable(*salt, bits=16))


def home_id(script: Script, post: Post) -> str:
    return local_id(script, post, str(script.author(post).server), post.at)


def account_id(script: Script, person: Person, host: str) -> str:
    family = family_of(script, host)
    number = stable("account", host, person.key)
    if family == Family.GOTOSOCIAL:
        return in_base(number, _CROCKFORD, 26)
    if family == Family.PLEROMA:
        return in_base(number, _BASE62, 18)
    return str(100_000_000_000_000_000 + number % 10**16)


def account_uri(script: Script, person: Person) -> str:
    return f"https://{person.server}/users/{person.handle}"


def account_url(script: Script, person: Person) -> str:
    if family_of(script, person.server) == Family.PLEROMA:
        return f"https://{person.server}/users/{person.handle}"
    return f"https://{person.server}/@{person.handle}"


def fediverse_uri(script: Script, post: Post) -> str:
    """The ActivityPub id: the one name a post has on every server."""
    author = script.author(post)
    if family_of(script, author.server) == Family.PLEROMA:
        return f"https://{author.server}/objects/{uuid.UUID(int=stable('object', post.key, bits=128), version=4)}"
    return f"{account_uri(script, author)}/statuses/{home_id(script, post)}"


def fediverse_url(script: Script, post: Post) -> str:
    author = script.author(post)
    family = family_of(script, author.server)
    if family == Family.PLEROMA:
        return f"https://{author.server}/notice/{home_id(script, post)}"
    middle = "/statuses/" if family == Family.GOTOSOCIAL else "/"
    return f"https://{author.server}/@{author.handle}{middle}{home_id(script, post)}"


# --- Facebook -------------------------------------------------------------------------------------------------------


def facebook_person(script: Script, person: Person) -> str:
    if person.key.startswith(f"{PAGE}:"):
        return person.handle
    return str(10**15 + stable("facebook-person", person.key) % 10**15)


def _facebook_number(post: Post) -> str:
    return str(10**14 + stable("facebook-post", post.key) % (9 * 10**14))


def facebook_id(script: Script, post: Post) -> str:
    """`{page}_{post}` for what stands on the Page, `{post}_{comment}` for everything below it."""
    if post.reply_to is None:
        return f"{post.page}_{_facebook_number(post)}"
    return f"{_facebook_number(script.root(post))}_{_facebook_number(post)}"


def facebook_url(script: Script, post: Post) -> str:
    root = script.root(post)
    address = f"https://www.facebook.com/{root.page}/posts/{_facebook_number(root)}"
    return address if root is post else f"{address}?comment_id={_facebook_number(post)}"


# --- Bluesky ---------------------------------------------------------------------------------------------------------


def did(person: Person) -> str:
    return f"did:plc:{in_base(stable('did', person.key, bits=120), _BASE32, 24)}"


def record_key(script: Script, post: Post) -> str:
    """A TID: the moment in microseconds and a clock's number, in letters that sort as they count."""
    micros = milliseconds(script.time(post.at)) * 1000 + stable("tid", post.key) % 1000
    return in_base(micros << 10 | stable("clock", post.key, bits=10), _SORTED32, 13)


def bluesky_uri(script: Script, post: Post) -> str:
    return f"at://{did(script.author(post))}/app.bsky.feed.post/{record_key(script, post)}"


def bluesky_url(script: Script, post: Post) -> str:
    return f"https://bsky.app/profile/{did(script.author(post))}/post/{record_key(script, post)}"


def content_id(*parts: object) -> str:
    """A CID of the shape that records and files have."""
    return "bafyrei" + "".join(in_base(stable("cid", n, *parts, bits=128), _BASE32, 26) for n in range(2))


# --- blogs -----------------------------------------------------------------------------------------------------------


def _blog_number(post: Post) -> int:
    return 1 + stable("blog", post.key) % 10**6


def article_url(script: Script, article: Post) -> str:
    return f"https://{article.blog}/{article.key.replace('_', '-')}/"


def feed_url(script: Script, post: Post) -> str:
    """An article's page, a comment's place on it."""
    root = script.root(post)
    address = article_url(script, root)
    return address if root is post else f"{address}#comment-{_blog_number(post)}"


def feed_guid(script: Script, post: Post) -> str:
    """As WordPress makes them: they stay when the address changes."""
    root = script.root(post)
    guid = f"https://{root.blog}/?p={_blog_number(root)}"
    return guid if root is post else f"{guid}#comment-{_blog_number(post)}"


def blog_author(script: Script, post: Post, person: Person) -> str:
    """Blogs know people by their names only; who comments is nobody who writes."""
    return f"by {person.name}" if script.root(post) is post else f"comment by {person.name}"


# --- all ------------------------------------------------------------------------------------------------------------


def canonical_id(script: Script, post: Post) -> str:
    """The id that names a post for ever: X the first of its chain, fediverse and Bluesky the uri, Facebook the id."""
    if post.network == Network.X:
        return x_id(script, post)
    if post.network == Network.MASTODON:
        return fediverse_uri(script, post)
    if post.network == Network.BLUESKY:
        return bluesky_uri(script, post)
    if post.network == Network.FEED:
        return feed_guid(script, post)
    return facebook_id(script, post)


def post_url(script: Script, post: Post) -> str:
    if post.network == Network.X:
        return x_url(script, post)
    if post.network == Network.MASTODON:
        return fediverse_url(script, post)
    if post.network == Network.BLUESKY:
        return bluesky_url(script, post)
    if post.network == Network.FEED:
        return feed_url(script, post)
    return facebook_url(script, post)
