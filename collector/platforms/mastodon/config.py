"""What can be set of a Mastodon source, beside what every source has (`base_url`, `every`, `budget`, …)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...contract import PlatformConfig


class MastodonConfig(PlatformConfig):
    family: Literal["auto", "mastodon", "gotosocial", "pleroma"] = Field(
        default="auto",
        description="What the server runs. `auto` finds out by asking; `gotosocial` refuses at once to work without "
        "a token, `gotosocial` and `pleroma` never try the calls that only Mastodon has.",
    )
    ask_homes: bool = Field(
        default=True,
        description="Whether conversations are also asked for on the author's own server, without a token. It knows "
        "all direct replies; other servers only those that reached them.",
    )
    homes: dict[str, str] = Field(
        default_factory=dict,
        description="Servers that answer at another address than https://their-name: name -> base url. Also says "
        "under which name the source's own base_url is known.",
    )
