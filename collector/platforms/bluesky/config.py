"""What can be set of a Bluesky source, beside what every source has (`base_url`, `every`, `budget`, …)."""

from __future__ import annotations

from pydantic import Field

from ...contract import FolderPath, PlatformConfig

PUBLIC_URL = "https://public.api.bsky.app"


class BlueskyConfig(PlatformConfig):
    """One source on Bluesky. `base_url` is the service that the account signs in to, https://bsky.social by default."""

    handle: str | None = Field(
        None,
        description="The account that searches, like `piazza.bsky.social`: Bluesky's search answers nobody else "
        "reliably. Its app password goes into `app_password_env` or `app_password_file`.",
    )
    public_base_url: str = Field(
        PUBLIC_URL, description="The service asked without signing in: conversations, quotes, known posts."
    )
    session_file: FolderPath | None = Field(
        None,
        description="Where the session is kept between runs (readable by its owner alone), so that not every run signs "
        "in anew. Without it the session lives as long as the process; then `tagora run` is the way to collect.",
    )
    logins_per_day: int = Field(
        50,
        ge=1,
        le=300,
        description="How often the account may sign in within 24 hours. Bluesky allows about 100 to 300.",
    )
