"""What can be set of a feed, beside what every source has (`every`, `show`, `authors`, …)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from ....core.config_types import WebAddress
from ....core.normalise import canonical_url
from ...contract import PlatformConfig


class FeedConfig(PlatformConfig):
    """One feed of a blog: its articles, the articles with one tag, or its comments. `base_url` means nothing here."""

    url: WebAddress = Field(description="The feed's address: RSS, Atom or JSON Feed.")
    filter: Literal["tags", "none"] = Field(
        "tags",
        description="tags: what carries one of the campaign's tags (as a category, or with # in title or text) or "
        "links to the invitation; none: everything in the feed, as for the comments of the invitation itself.",
    )
    text: Literal["excerpt", "full"] = Field(
        "excerpt",
        description="How much of an article is kept and shown. full only where its author or its licence allows it. "
        "Comments are always whole.",
    )
    site: WebAddress | None = Field(
        None, description="The blog's own address, where the feed lies with another host (a feed service)."
    )
    max_pages: int = Field(
        3, ge=1, le=50, description="How many pages are read of a feed that says where its older entries are."
    )
    allow_private: bool = Field(
        False, description="true: the feed may lie in your own network. Otherwise nothing leads there."
    )
    homes: dict[str, WebAddress] = Field(
        default_factory=dict,
        description="Where hosts answer that do so elsewhere than their name says: a proxy, a test bed.",
    )

    @field_validator("url", "site")
    @classmethod
    def _names_a_host(cls, value: str | None) -> str | None:
        if value is not None and canonical_url(value) is None:
            raise ValueError("write a full web address, like https://blog.example/feed/")
        return value
