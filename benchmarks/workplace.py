"""A folder with a configuration, as a person would have it, around a store filled by `fill`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from tagora.app import __file__ as app_file

from .discussion import TAG
from .fill import PAGE, SLUG, SOURCES

INVITATION = Path(app_file).parents[1] / "sandbox" / "data" / "invitations" / "casnocha.md"
STORE = "tagora.db"


def make(
    folder: Path,
    sources: Sequence[Mapping[str, object]] | None = None,
    policy: str = "review_first",
    search: bool = False,
) -> Path:
    """Writes the configuration; returns its path. Without `sources`, those that `fill` brings posts from."""
    shutil.copy(INVITATION, folder / "invitation.md")
    (folder / "key").write_text("secret", encoding="utf-8")
    if sources is None:
        sources = (
            {"platform": "x", "name": SOURCES["x"], "bearer_token_file": "key"},
            {
                "platform": "mastodon",
                "name": SOURCES["mastodon"],
                "base_url": "https://mastodon.uno",
                "token_file": "key",
            },
            {"platform": "facebook", "page": PAGE, "token_file": "key"},
        )
    settings = {
        "store": f"sqlite:///{STORE}",
        "contact": "team@example.org",
        "timezone": "Europe/Rome",
        "legal": {"controller": "Fondazione Esempio", "contact": "privacy@example.org"},
        "secret_file": "withdrawals.key",
        "site": {
            "out": "site",
            "base_url": "https://example.org/agora/",
            "title": "Agorà",
            "languages": ["it", "en"],
            "search": search,
        },
        "campaigns": [
            {
                "slug": SLUG,
                "hashtags": [TAG],
                "invitation": "invitation.md",
                "policy": policy,
                "sources": [dict(one) for one in sources],
            }
        ],
    }
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return file
