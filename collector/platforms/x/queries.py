"""What is asked, in X's search language, within X's length limit. Pure.

Language: https://docs.x.com/x-api/posts/search/integrate/operators
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ....core.errors import ConfigError
from ...contract import Quotes, Tag, Target, Thread
from .ids import clean_handle, is_id

# Beside letters, their marks and digits: the joiners of several scripts and the Catalan dot.
_TAG_SIGNS = "_\u200c\u200d\u00b7"
_OR = " OR "
_CONVERSATION = "conversation_id"
_REPLIES = "in_reply_to_tweet_id"
_QUOTES = "quotes_of_tweet_id"
_LONGEST_ID = 19


def tag_query(query: Tag, limit: int) -> str:
    """Original posts with one of the tags, without reposts. Excluded words and accounts are added as far as
    `limit` characters allow; what does not fit is left to the rules.

    Raises ConfigError for a tag that X could never match and for tags that fill the limit by themselves.
    """
    for tag in query.tags:
        if not _can_be_tag(tag):
            raise ConfigError(
                f"#{tag} cannot be a hashtag on X",
                "A hashtag there holds only letters, digits and underscores, and at least one letter.",
            )
    tags = [f"#{tag}" for tag in query.tags]
    if not tags:
        raise ConfigError("a search on X needs at least one hashtag", "Give the campaign `hashtags:`.")
    text = f"({_OR.join(tags)}) -is:retweet" if len(tags) > 1 else f"{tags[0]} -is:retweet"
    if len(text) > limit:
        raise ConfigError(
            f"the campaign's {len(tags)} hashtags do not fit into one search on X ({limit} characters)",
            "Use fewer or shorter hashtags.",
        )
    words = (f'-"{word}"' for word in map(_phrase, query.exclude) if word)
    accounts = (f"-from:{name}" for name in (clean_handle(h.removeprefix("@")) for h in query.without) if name)
    return _fill([text], [*words, *accounts], " ", limit)


def pooled_query(query: Thread | Quotes, limit: int) -> str:
    """One search for all targets' conversations or quotes; below a target that begins no thread, for its direct
    replies. An edited post is asked for under every id of its chain as far as the limit allows: X does not say which
    of them its replies name.

    Raises ConfigError when more targets are given than `pool_size` allows.
    """
    asked: list[str] = []
    further: list[str] = []
    for target in query.targets:
        operator = _operator(query, target)
        own = _ids([target.ref.native_id])
        asked += [f"{operator}:{native_id}" for native_id in own]
        further += [f"{operator}:{ref.native_id}" for ref in target.seen_as if is_id(ref.native_id)]
    asked = list(dict.fromkeys(asked))
    text = _OR.join(asked)
    if not asked or len(text) > limit:
        raise ConfigError(f"{len(asked)} posts do not fit into one search on X ({limit} characters)")
    return _fill(asked, [one for one in further if one not in asked], _OR, limit)


def pool_size(kind: type[Thread] | type[Quotes], limit: int) -> int:
    """How many posts one pooled search can always hold."""
    operator = _REPLIES if kind is Thread else _QUOTES
    return (limit + len(_OR)) // (len(operator) + 1 + _LONGEST_ID + len(_OR))


def newest_id(target: Target) -> str | None:
    """The newest id known of this post: the one whose text X shows today. None when it has no id of X."""
    known = _ids([target.ref.native_id, *(ref.native_id for ref in target.seen_as)])
    return max(known, key=int, default=None)


def _can_be_tag(tag: str) -> bool:
    kinds = {unicodedata.category(sign)[0] for sign in tag if sign not in _TAG_SIGNS}
    return "L" in kinds and kinds <= {"L", "M", "N"}


def _operator(query: Thread | Quotes, target: Target) -> str:
    """A whole conversation can only be asked for by the post that began it; below any other one X knows the direct
    replies."""
    if isinstance(query, Quotes):
        return _QUOTES
    return _CONVERSATION if target.top else _REPLIES


def _ids(candidates: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(is_id, candidates)))


def _phrase(word: str) -> str:
    """A word or phrase that is safe between quotes."""
    return " ".join(re.sub(r'["\\\x00-\x1f]', " ", word).split())


def _fill(base: list[str], extras: Iterable[str], joint: str, limit: int) -> str:
    text = joint.join(base)
    for extra in dict.fromkeys(extras):
        if len(text) + len(joint) + len(extra) <= limit:
            text += joint + extra
    return text
