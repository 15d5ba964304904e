"""X's settings: which search, which spelling of the field names, what things cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field

from ...contract import MICROS, PlatformConfig

RECENT_REACH = timedelta(days=7)
REFERENCES_PER_POST = 2  # a post answers at most one other and quotes at most one other

# https://docs.x.com/x-api/posts/search/integrate/build-a-query (self-serve access)
_QUERY_LENGTH = {"recent": 512, "all": 1024}
_PAGE_ITEMS = {"recent": 100, "all": 500}


class XConfig(PlatformConfig):
    """One source on X. Prices are settings because X changes them; they are those of its pay-per-use table."""

    search: Literal["recent", "all"] = Field(
        "recent", description="`recent` reaches back 7 days; `all` to 2006, where the account's access includes it."
    )
    fields: Literal["tweet", "post"] = Field(
        "tweet",
        description="The spelling of the request's field names: X renamed `tweet.fields` to `post.fields` in August "
        "2026. Answers in either spelling are understood. `post` costs more: see below.",
    )
    expand_users: bool = Field(
        True,
        description="Ask for each post's author beside it. Without it posts carry an account number but neither name "
        "nor picture, which X's display rules ask for.",
    )
    usd_per_post: Decimal = Field(Decimal("0.005"), ge=0, description="Price of one post read, in US dollars.")
    usd_per_user: Decimal = Field(Decimal("0.010"), ge=0, description="Price of one user read, in US dollars.")
    usd_per_count: Decimal = Field(Decimal("0.005"), ge=0, description="Price of one count of posts, in US dollars.")

    @property
    def max_query_length(self) -> int:
        """Characters that a query may have."""
        return _QUERY_LENGTH[self.search]

    @property
    def max_page_items(self) -> int:
        """Posts that one search page may hold."""
        return _PAGE_ITEMS[self.search]

    @property
    def reach(self) -> timedelta | None:
        return RECENT_REACH if self.search == "recent" else None

    @property
    def post_micros(self) -> int:
        return _micros(self.usd_per_post)

    @property
    def user_micros(self) -> int:
        return _micros(self.usd_per_user)

    @property
    def count_micros(self) -> int:
        return _micros(self.usd_per_count)

    @property
    def worst_item_micros(self) -> int:
        """The most that one asked post can cost with everything that comes beside it.

        With the new spelling the pointer to the answered post is only given together with that post
        (`expansions=referenced_posts`, description 2.167), so up to two more posts, and perhaps their authors, count.
        """
        one = self.post_micros + (self.user_micros if self.expand_users else 0)
        return one * (1 + REFERENCES_PER_POST) if self.fields == "post" else one


def _micros(usd: Decimal) -> int:
    return int((usd * MICROS).to_integral_value())
