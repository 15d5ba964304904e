"""Browsers by the names people know them by."""

from __future__ import annotations

# The first word found counts: browsers call themselves by the names of those they are like, too.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrom": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def told(agent: str | None) -> str | None:
    """ "Firefox, Android" for a User-Agent; as it calls itself, cut, where neither is known; None for none."""
    if not agent:
        return None
    parts = [next((name for mark, name in known.items() if mark in agent), None) for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, parts)) or agent[:60]
