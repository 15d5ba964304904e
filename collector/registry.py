"""Which platforms there are: a literal table, loaded by name when first needed, so that a missing SDK harms one."""

from __future__ import annotations

from importlib import import_module

from ..core.errors import ConfigError
from .contract import CONTRACT_VERSION, Platform

BUILT_IN = {
    "mastodon": "tagora.collector.platforms.mastodon",
    "x": "tagora.collector.platforms.x",
    "facebook": "tagora.collector.platforms.facebook",
    "bluesky": "tagora.collector.platforms.bluesky",
    "feed": "tagora.collector.platforms.feed",
}


def names() -> tuple[str, ...]:
    return tuple(BUILT_IN)


def load(name: str) -> Platform:
    """The platform called `name`. Raises ConfigError when there is none, or when it cannot be imported."""
    module_name = BUILT_IN.get(name)
    if module_name is None:
        raise ConfigError(f"there is no platform {name!r}", f"Known: {', '.join(BUILT_IN)}.")
    try:
        platform: Platform = import_module(module_name).PLATFORM
    except ImportError as error:
        raise ConfigError(
            f"the platform {name!r} cannot be loaded: {error}", "Reinstall Tagora, a package is missing."
        ) from error
    if platform.contract_version != CONTRACT_VERSION:
        raise ConfigError(
            f"the platform {name!r} speaks contract {platform.contract_version}, this is {CONTRACT_VERSION}",
            "Install matching versions.",
        )
    return platform
