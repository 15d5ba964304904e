"""Walking a Page's feed, one conversation, or a list of known posts: page after page of raw items.

The feed is ranked, not sorted: an old post is no reason to stop. Facebook's cursors break when items vanish, so a
broken one starts the walk anew: all walks here are re-scans, and storing a post twice is storing it once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ....core.errors import AuthError, Gone, Temporary
from ....core.records import PostRef
from ...contract import Cost, Cursor, Feed, Lookup, Missing, MissingReason, Page, Query, Raw, Target, Thread
from .address import post_of_url
from .asking import (  # fmt: skip
    COMMENT_FIELDS,
    COMMENTS_PER_PAGE,
    POST_FIELDS,
    POSTS_PER_PAGE,
    Asker,
    Graph,
    Listing,
    Position,
    StaleCursor,
    published,
)
from .config import FacebookConfig
from .faults import CONNECT, NotUnderstood
from .items import ORIGIN, SURROGATE, wire_id

MAX_EMPTY = 10  # empty pages in a row before we believe that nothing follows


class FacebookFetch:
    """What `connect` gives: the pages of a query's answer."""

    def __init__(self, graph: Graph, config: FacebookConfig) -> None:
        self.graph = graph
        self.config = config

    def __call__(self, query: Query, cursor: Cursor) -> Iterator[Page]:
        ask = Asker(self.graph)
        if isinstance(query, Feed):
            return feed(ask, self.config, query.name, cursor)
        if isinstance(query, Thread):
            return thread(ask, self.config.page, query.targets[0], cursor)
        if isinstance(query, Lookup):
            return lookup(ask, self.config.page, query.targets, cursor)
        raise TypeError(f"Facebook cannot be asked for {type(query).__name__}")


# --- the feed --------------------------------------------------------------------------------------------------------


def feed(ask: Asker, config: FacebookConfig, page_id: str, cursor: Cursor) -> Iterator[Page]:
    """The Page's posts, then the posts that tag it; after each page of posts, these posts' newest comments, each page
    of comments with its post beside it: an untagged post belongs when a comment below it is tagged.

    Raises AuthError when the Page is not shown to this token."""
    streams = ("feed", "tagged") if config.include_visitors else ("published_posts",)
    resumed = Position.of(cursor)
    if resumed is not None and resumed.stream not in streams:
        resumed = None
    place: Position | None = resumed or Position(streams[0])
    read: set[PostRef] = set()
    empty = 0
    while place is not None:
        limit = max(1, min(POSTS_PER_PAGE, config.max_posts - place.seen))
        try:
            listing = ask.listing(page_id, place.stream, place.after, limit, fields=POST_FIELDS)
        except StaleCursor:
            if place is not resumed:
                raise Temporary("Facebook lost its place in the Page's feed.") from None
            place = Position(place.stream)
            yield ask.page([], place.cursor(""))
            continue
        except Gone:
            hint = f"Check `page`. {CONNECT}"
            raise AuthError(f"Facebook does not show the Page {page_id} to this token.", hint) from None
        empty = 0 if listing.items else empty + 1
        following = _after(place, streams, listing, config.max_posts if empty < MAX_EMPTY else 0)
        posts, hidden = ask.posts(listing.items, place.stream)
        commented = [post for post in _commented(ask, config, posts) if post.seen_as not in read]
        read.update(post.seen_as for post in commented)
        if place is resumed:
            commented, place = _still_to_read(place, commented)
        steps = [replace(place, post=_id(post), comments_after="", comments_seen=0) for post in commented]
        if place.comments_after:
            steps[0] = place
        ends = [*steps, following]
        # A resumed walk asks for this page of the feed once more; its cursor must not look like standing still.
        below = next(one for one in (posts[-1:], posts[:1], []) if _cursor(ends[0], one) != cursor or not one)
        yield ask.page(posts, _cursor(ends[0], below), hidden)
        for post, step, end in zip(commented, steps, ends[1:], strict=True):
            yield from _newest_comments(ask, post, step, end, config.max_comments)
        place = following


def _after(place: Position, streams: tuple[str, ...], listing: Listing, max_posts: int) -> Position | None:
    """The next page of the stream, else the next stream, else None."""
    seen = place.seen + len(listing.items)
    if listing.after and seen < max_posts:
        return Position(place.stream, listing.after, seen=seen)
    rest = streams[streams.index(place.stream) + 1 :]
    return Position(rest[0]) if rest else None


def _commented(ask: Asker, config: FacebookConfig, posts: list[Raw]) -> list[Raw]:
    """The posts whose comments are looked at: young enough, and not known to have none."""
    horizon = ask.now() - timedelta(days=config.rescan_days)
    young = [post for post in posts if published(post, ask.now()) >= horizon]
    return [post for post in young if _may_have_comments(post)] if config.max_comments else []


def _may_have_comments(post: Raw) -> bool:
    comments = post.body.get("comments")
    summary = comments.get("summary") if isinstance(comments, dict) else None
    total = summary.get("total_count") if isinstance(summary, dict) else None
    return wire_id(post.body.get("id")) is not None and total != 0


def _still_to_read(place: Position, commented: list[Raw]) -> tuple[list[Raw], Position]:
    """The posts whose comments are still to be read, when a walk resumes in the midst of them."""
    ids = [_id(post) for post in commented]
    if place.post in ids:
        return commented[ids.index(place.post) :], place
    return commented, replace(place, comments_after="", comments_seen=0)


def _newest_comments(ask: Asker, post: Raw, step: Position, end: Position | None, most: int) -> Iterator[Page]:
    """Up to `most` of the post's newest comments. `step` is where they begin, `end` what comes after them."""
    count, after = step.comments_seen, step.comments_after
    while True:
        limit = max(1, min(COMMENTS_PER_PAGE, most - count))  # a resumed walk may have been set narrower since
        try:
            listing = ask.comments_listing(_id(post), after, limit, order="reverse_chronological")
        except (StaleCursor, Gone):  # the post went away, or its place in the list did; the next re-scan tells
            yield ask.page([], _cursor(end, [post]))
            return
        comments, hidden = ask.comments(listing.items, _id(post))
        count += max(1, len(listing.items))
        after = listing.after if count < most else ""
        place = replace(step, comments_after=after, comments_seen=count) if after else end
        yield ask.page([post, *comments], _cursor(place, [post]), hidden)
        if not after:
            return


def _cursor(place: Position | None, below: list[Raw]) -> Cursor | None:
    return place.cursor(_id(below[0]) if below else "") if place else None


def _id(raw: Raw) -> str:
    return raw.seen_as.native_id


# --- one conversation ------------------------------------------------------------------------------------------------


def thread(ask: Asker, page_id: str, target: Target, cursor: Cursor) -> Iterator[Page]:
    """A post and all its comments, oldest first; for a comment its post, itself, what it answers and its replies.

    Raises Gone when Facebook does not show the target. A comment that came without an id cannot be asked for: one
    empty page."""
    if not _askable(target):
        yield Page((), None, cost=Cost(requests=0))
        return
    try:
        yield from _conversation(ask, page_id, target, cursor)
    except NotUnderstood as error:  # one conversation's oddity is no reason to disable the source
        raise Temporary(error.message) from None


def _conversation(ask: Asker, page_id: str, target: Target, cursor: Cursor) -> Iterator[Page]:
    node_id = target.ref.native_id
    place = Position.of(cursor)
    if _is_comment(target, page_id):
        post_id = _post_of(node_id, target.url, page_id)
        if place is None:
            yield from _ancestors(ask, node_id, post_id, cursor)
    else:
        post_id = node_id
        if place is None:
            post, hidden = ask.one_post(node_id)
            yield ask.page(post, Position("comments").cursor(node_id) if post else None, hidden)
            if not post:
                return
    yield from _all_comments(ask, node_id, post_id, place)


def _ancestors(ask: Asker, comment_id: str, post_id: str | None, cursor: Cursor) -> Iterator[Page]:
    """The post, the comment, and what the comment answers."""
    if post_id is not None and cursor.below != post_id:
        asked, gone = post_id, ()
        try:
            posts, hidden = ask.one_post(post_id)
        except Gone:  # or the comment stands under another Page's post, and its address does not tell which
            posts, hidden, post_id = [], [], None
            gone = (Missing(PostRef(ORIGIN, asked), MissingReason.DELETED),)
        yield ask.page(posts, Cursor(below=asked), hidden, *gone)
    above: str | None = comment_id
    while above is not None:
        comments, hidden, parent = ask.one_comment(above, post_id)
        following = Cursor(below=above) if parent else Position("comments").cursor(comment_id)
        yield ask.page(comments, following, hidden)
        above = parent


def _all_comments(ask: Asker, node_id: str, post_id: str | None, resumed: Position | None) -> Iterator[Page]:
    after, empty = resumed.after if resumed else "", 0
    while True:
        try:
            listing = ask.comments_listing(node_id, after, COMMENTS_PER_PAGE, order="chronological")
        except StaleCursor:
            if resumed is None or after != resumed.after:
                raise Temporary("Facebook lost its place in a conversation.") from None
            resumed, after = None, ""
            yield ask.page([], Position("comments").cursor(node_id))
            continue
        comments, hidden = ask.comments(listing.items, post_id)
        empty = 0 if listing.items else empty + 1
        after = listing.after if empty < MAX_EMPTY else ""
        below = _id(comments[-1]) if comments else node_id
        yield ask.page(comments, Position("comments", after).cursor(below) if after else None, hidden)
        if not after:
            return


# --- known posts -----------------------------------------------------------------------------------------------------


def lookup(ask: Asker, page_id: str, targets: tuple[Target, ...], cursor: Cursor) -> Iterator[Page]:
    """The targets again, posts first; what Facebook does not show any more comes back as missing. One bad id makes
    it refuse the whole question, so a refused group is asked in halves."""
    known = {target.ref.native_id: target for target in targets if _askable(target)}
    comments = [native_id for native_id, target in known.items() if _is_comment(target, page_id)]
    posts = [native_id for native_id in known if native_id not in set(comments)]
    order = [*posts, *comments]
    done = order.index(cursor.below) + 1 if cursor.below in order else 0
    groups = deque([(order[done : len(posts)], POST_FIELDS), (order[max(done, len(posts)) :], COMMENT_FIELDS)])
    last, doubted = cursor.below, set[str]()
    requests = int(cursor.token) if cursor.token and cursor.token.isdecimal() else 0
    while groups := deque(group for group in groups if group[0]):
        ids, fields = groups.popleft()
        requests += 1
        try:
            found = ask.known(ids, fields)
        except (Gone, NotUnderstood) as error:
            if len(ids) > 1:
                half = len(ids) // 2
                groups.extendleft([(ids[half:], fields), (ids[:half], fields)])
                yield ask.page([], _lookup_cursor(last, requests))
                continue
            if isinstance(error, NotUnderstood) and ids[0] not in doubted:
                doubted.add(ids[0])  # its fields are not those of a post: it is a comment, or the other way round
                groups.appendleft((ids, POST_FIELDS if fields == COMMENT_FIELDS else COMMENT_FIELDS))
                yield ask.page([], _lookup_cursor(last, requests))
                continue
            reason = MissingReason.DELETED if isinstance(error, Gone) else MissingReason.UNREACHABLE
            items, hidden, missing = [], [], [Missing(PostRef(ORIGIN, ids[0]), reason)]
        else:
            items, hidden, missing = _found(ask, page_id, ids, found, fields)
        last = ids[-1]
        more = any(ids for ids, _ in groups)
        yield ask.page(items, _lookup_cursor(last, requests) if more else None, hidden, *missing)
    if done == len(order):
        yield Page((), None, cost=Cost(requests=0))


def _lookup_cursor(last: str | None, requests: int) -> Cursor:
    """On behind `last`; the number tells the answers apart where a group was halved and nothing was found yet."""
    return Cursor(below=last, token=str(requests))


def _found(
    ask: Asker, page_id: str, ids: list[str], found: Mapping[str, Any], fields: str
) -> tuple[list[Raw], list[Any], list[Missing]]:
    """The raws, what is hidden, and what is not there."""
    items: list[Raw] = []
    hidden: list[Any] = []
    missing: list[Missing] = []
    for native_id in ids:
        item = found.get(native_id)
        if not isinstance(item, dict):
            missing.append(Missing(PostRef(ORIGIN, native_id), MissingReason.OMITTED))
            continue
        if fields == POST_FIELDS:
            got = ask.posts([item], "post")
        else:
            got = ask.comments([item], _post_of(native_id, item.get("permalink_url"), page_id), "comment")
        items += got[0]
        hidden += got[1]
    return items, hidden, missing


# --- whose id is it --------------------------------------------------------------------------------------------------


def _is_comment(target: Target, page_id: str) -> bool:
    """Facebook's ids do not say what they name: a post is page_post, a comment post_comment."""
    if target.ref.native_id.startswith(f"{page_id}_"):
        return False
    return target.url is None or "comment_id=" in target.url


def _post_of(comment_id: str, url: object, page_id: str) -> str | None:
    """The id of the post that a comment stands under: from its address, else the configured Page's."""
    if isinstance(url, str) and (post := post_of_url(url)):
        return post.native_id
    head, joined, _ = comment_id.partition("_")
    return f"{page_id}_{head}" if joined else None


def _askable(target: Target) -> bool:
    """Whether Facebook knows the post by this id: comments that came without one cannot be asked for."""
    native_id = target.ref.native_id
    return target.ref.origin == ORIGIN and not native_id.startswith(SURROGATE) and wire_id(native_id) is not None
