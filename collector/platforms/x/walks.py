"""How X is walked: searches newest first, look-ups by the hundred. Knows no SDK: asking is passed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ....core.clock import Clock
from ....core.errors import CollectorError, ConfigError, Temporary
from ....core.normalise import CLOCK_SKEW
from ...contract import (
    Cost,
    Cursor,
    Estimate,
    Lookup,
    Meter,
    Missing,
    MissingReason,
    Page,
    Query,
    Quotes,
    Tag,
    Target,
    Thread,
    Usage,
)
from .answers import Answer, missing, newer_versions, odd_shape, post_ids, raws, read_usage, total_count
from .config import RECENT_REACH, XConfig
from .ids import is_id, time_of
from .queries import newest_id, pooled_query, tag_query

LOOKUP_BATCH = 100
LEAST_PAGE = 10  # X gives no smaller search page
ARCHIVE_STARTS = datetime(2006, 3, 21, tzinfo=UTC)  # the first post there is
CLOCK_MARGIN = timedelta(minutes=5)  # X's clock and ours at the end of its 7 days

# X gives nothing but id, text and edit chain unless asked. Names as in its description 2.166; in 2.167 the ids of
# author, chain and referenced posts are no fields any more: they come with the expansions.
_POST_FIELDS = (
    "attachments,conversation_id,created_at,entities,lang,media_metadata,possibly_sensitive,public_metrics,scopes,"
    "withheld"
)
_FIELDS = {
    "tweet": f"{_POST_FIELDS},author_id,edit_history_tweet_ids,in_reply_to_user_id,note_tweet,referenced_tweets",
    "post": f"{_POST_FIELDS},note_post",
}
_USER_FIELDS = "created_at,id,name,profile_image_url,protected,username,withheld"
_MEDIA_FIELDS = "alt_text,height,media_key,preview_image_url,type,url,variants,width"

Params = dict[str, Any]
Ask = Callable[[str, Params], Answer]
"""One request: the endpoint's path under /2/ and its parameters (names with underscores, as tweepy takes them).
Raises NotCharged when X surely did not charge, else the error itself."""


class NotCharged(Exception):
    """Carries the error of a request for which nothing is owed: refused with 4xx, or never sent."""

    def __init__(self, error: CollectorError) -> None:
        super().__init__()
        self.error = error


class XSession:
    """What `connect` gives: called with a query and a cursor, it iterates over pages."""

    def __init__(self, config: XConfig, ask: Ask, clock: Clock, meter: Meter) -> None:
        self._config = config
        self._ask = ask
        self._clock = clock
        self._meter = meter

    def __call__(self, query: Query, cursor: Cursor) -> Iterator[Page]:
        """See `Fetch`. Raises ConfigError for what X cannot be asked."""
        if isinstance(query, Lookup):
            return self._look_up(query.targets, cursor)
        return self._search(self._text(query), cursor)

    def estimate(self, query: Query) -> Estimate:
        """How many posts a search has found in the last 7 days, and what reading them would cost at most."""
        cost = Cost(1, self._config.count_micros)
        posts = total_count(self._paid("tweets/counts/recent", cost, query=self._text(query), granularity="day"))
        return Estimate(posts, RECENT_REACH, posts * self._config.worst_item_micros, cost)

    def usage(self, days: int) -> Usage:
        """How many posts X counted against the account's project, by UTC day, over the last 1 to 90 days."""
        fields = "daily_project_usage,project_cap,project_usage"
        answer = self._paid("usage/tweets", Cost(), days=days, usage_fields=fields)
        return read_usage(answer, self._config.worst_item_micros)

    def _text(self, query: Query) -> str:
        limit = self._config.max_query_length
        match query:
            case Tag():
                return tag_query(query, limit)
            case Thread() | Quotes():
                return pooled_query(query, limit)
        raise ConfigError("X cannot be searched for this; it has no feeds.", "Give the source's campaign hashtags.")

    # --- searches: newest first, page by page down to the mark ------------------------------------------------------

    def _search(self, text: str, cursor: Cursor) -> Iterator[Page]:
        """Goes on by `until_id`, under the oldest post of the page before, so that a walk that continues and one that
        resumes next week ask the same. X's token only leads over an empty page, which has no oldest post."""
        endpoint = f"tweets/search/{self._config.search}"
        mark, below, token = cursor.mark, cursor.below, None
        while True:
            floor = self._floor()
            if below and floor and not _issued_after(below, floor):
                # All that is left lies beyond X's 7 days; asking for it is refused with 400.
                yield Page((), None, cost=Cost(0), oldest_at=floor)
                return
            # X refuses marks beyond its 7 days too; without one it goes as far back as it can.
            since = mark if mark and (floor is None or _issued_after(mark, floor)) else None
            size = self._meter.page_size(self._config.worst_item_micros, LEAST_PAGE, self._config.max_page_items)
            answer = self._read(
                endpoint,
                size,
                query=text,
                max_results=size,
                since_id=since,
                until_id=below,
                next_token=token,
                start_time=ARCHIVE_STARTS if self._config.search == "all" and not since else None,
            )
            ids = post_ids(answer)
            self._see_the_clock(ids)
            next_token = answer.meta.get("next_token")
            if (below and any(int(native_id) >= int(below) for native_id in ids)) or (token and next_token == token):
                raise Temporary("X gave the same page again.", "The walk goes on below the last stored page later.")
            below, token = (min(ids, key=int), None) if ids else (below, next_token)
            more = isinstance(next_token, str) and not (mark and below and int(below) <= int(mark))
            if more:
                oldest_at = time_of(below) if below else None
            else:
                oldest_at = time_of(since) if since else floor or ARCHIVE_STARTS
            yield Page(
                items=raws(answer, endpoint, self._clock.now()),
                cursor=Cursor(mark=mark, below=below) if more else None,
                newest=max(ids, key=int) if ids else None,
                cost=self._real_cost(answer),
                quota=answer.quota,
                oldest_at=oldest_at,
            )
            if not more:
                return

    def _see_the_clock(self, ids: Sequence[str]) -> None:
        """An id holds X's own time. Posts that are newer than our now would be left out as absurd, one by one, and the
        walk would pass them by for ever."""
        newest = max(filter(None, map(time_of, ids)), default=None)
        now = self._clock.now()
        if newest is not None and newest > now + CLOCK_SKEW:
            raise Temporary(
                f"This machine's clock says {now:%d %b %H:%M} UTC, and X has posts of {newest:%d %b %H:%M}.",
                "Set the clock; nothing was passed by.",
            )

    def _floor(self) -> datetime | None:
        """How far back X answers at this moment."""
        reach = self._config.reach
        return self._clock.now() - reach + CLOCK_MARGIN if reach else None

    # --- looking up by id -------------------------------------------------------------------------------------------

    def _look_up(self, targets: tuple[Target, ...], cursor: Cursor) -> Iterator[Page]:
        """In the order of `targets`; `below` is the id asked last. Asks for each post's newest known version; what
        turns out to have a newer one still is asked for once more under that id (stopped before that, the next
        look-up does it: the store then knows the id)."""
        refs = {newest_id(target) or target.ref.native_id: target.ref for target in targets}
        left = list(refs)
        if cursor.below in refs:
            left = left[left.index(cursor.below) + 1 :]
        gone = tuple(Missing(refs[name], MissingReason.DELETED) for name in left if not is_id(name))
        left = [name for name in left if is_id(name)]
        if not left:
            yield Page((), None, cost=Cost(0), missing=gone)
            return
        while left:
            size = self._meter.page_size(self._config.worst_item_micros, 1, min(LOOKUP_BATCH, len(left)))
            asked, left = left[:size], left[size:]
            answer = self._read("tweets", size, ids=",".join(asked))
            for old, new in newer_versions(answer).items():
                if old in refs and new not in refs:
                    refs[new] = refs[old]
                    left.append(new)
            yield Page(
                items=raws(answer, "tweets", self._clock.now()),
                cursor=Cursor(below=asked[-1]) if left else None,
                cost=self._real_cost(answer),
                quota=answer.quota,
                missing=gone + missing(answer, asked, refs),
            )
            gone = ()

    # --- paying -----------------------------------------------------------------------------------------------------

    def _read(self, endpoint: str, size: int, **params: Any) -> Answer:
        """One page of at most `size` posts, with author and media beside each. Mentioned and answered people are not
        asked for: their names stand in the post, and each would be a paid read."""
        expansions = ["attachments.media_keys"]
        if self._config.expand_users:
            expansions.append("author_id")
        if self._config.fields == "post":
            expansions.append("referenced_posts")  # the only way left to the ids of answered and quoted posts
        answer = self._paid(
            endpoint,
            Cost(1, size * self._config.worst_item_micros),
            **params,
            tweet_fields=_FIELDS[self._config.fields],
            user_fields=_USER_FIELDS,
            media_fields=_MEDIA_FIELDS,
            expansions=",".join(expansions),
        )
        if answer.data is not None and not isinstance(answer.data, list):
            raise odd_shape()
        return answer

    def _paid(self, endpoint: str, worst: Cost, **params: Any) -> Answer:
        self._meter.reserve(worst)
        try:
            return self._ask(endpoint, params)
        except NotCharged as refused:
            self._meter.release()
            raise refused.error from None

    def _real_cost(self, answer: Answer) -> Cost:
        """Every post and user that came. X bills one read twice in a day only once, but does not promise it."""
        posts = {str(post.get("id")) for post in (*answer.posts, *answer.beside)}
        users = {str(user.get("id")) for user in answer.users}
        return Cost(1, len(posts) * self._config.post_micros + len(users) * self._config.user_micros)


def _issued_after(native_id: str, moment: datetime) -> bool:
    issued = time_of(native_id)
    return issued is not None and issued > moment
