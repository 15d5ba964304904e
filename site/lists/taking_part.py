"""How readers take part: where they can write with the tag, and the posts of the organiser that can be answered. Only
networks that the campaign collects from, or asked its question on."""

from __future__ import annotations

from urllib.parse import quote

from ...presentation.networks import host_of
from ..settings import CampaignInfo
from ..views import Compose, TakingPart

_NAMES = {"facebook.com": "Facebook", "x.com": "X", "twitter.com": "X", "bsky.app": "Bluesky"}
_PLATFORMS = {"x": "X", "bluesky": "Bluesky", "facebook": "Facebook"}


def taking_part(campaign: CampaignInfo) -> TakingPart:
    openers: dict[str, Compose] = {}
    for opener in campaign.openers:
        host = (host_of(opener) or "").removeprefix("www.")
        name = _NAMES.get(host, host)
        openers.setdefault(name, Compose(name, opener))
    there = {*openers, *(_PLATFORMS.get(name, name) for name in campaign.networks)}
    tag = campaign.hashtags[0]
    forms = {
        # https://developer.x.com/en/docs/x-for-websites/web-intents and https://docs.bsky.app/docs/advanced-guides/intent-links
        "X": f"https://x.com/intent/post?hashtags={quote(tag)}",
        "Bluesky": f"https://bsky.app/intent/compose?text={quote(f'#{tag} ')}",
    }
    return TakingPart(
        compose=tuple(Compose(name, url) for name, url in forms.items() if name in there),
        fediverse=f"#{tag} " if "mastodon" in campaign.networks else None,
        openers=tuple(openers.values()),
    )
