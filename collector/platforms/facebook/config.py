"""The settings of a Facebook source."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator

from ....core.config_types import written_like
from ...contract import PlatformConfig


class FacebookConfig(PlatformConfig):
    """One Page. The key (`token`) is a Page token or a system-user token; Facebook answers nothing without one."""

    page: str = Field(
        description="The Page's number (not its name in addresses). `tagora connect facebook` lists it.",
    )
    graph_version: Annotated[str, written_like(r"v[0-9]{1,3}\.[0-9]", "write a version, like v26.0")] = Field(
        default="v26.0",
        description="The version of the Graph API to speak. Facebook serves each for about two years.",
    )
    include_visitors: bool = Field(
        default=True,
        description="Also read what visitors wrote on the Page and the posts elsewhere that tag it.",
    )
    max_posts: int = Field(
        default=100,
        ge=1,
        le=600,
        description="How many posts of the feed (and as many of the posts that tag the Page) are looked at each time. "
        "Facebook gives about 600 a year, by rank.",
    )
    max_comments: int = Field(
        default=100,
        ge=0,
        le=1000,
        description="How many of each post's newest comments are looked at for the tag each time. "
        "The whole conversation is read apart, once the post or one of its comments belongs to the campaign.",
    )
    rescan_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="How old a post may be, in days, for its comments to be looked at for the tag again and again.",
    )
    pause_at_percent: int = Field(
        default=90,
        ge=1,
        le=100,
        description="Stop asking when Facebook says that this share of the allowance is used (other programs may "
        "share it).",
    )

    @field_validator("page")
    @classmethod
    def _is_a_number(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9]{1,32}", value):
            raise ValueError("write the Page's number; `tagora connect facebook` lists it")
        return value
