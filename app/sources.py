"""From config.yaml to sources that can run: names, platforms' own settings, keys, ceilings."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import orjson
from pydantic import ValidationError

from ..collector import registry
from ..collector.contract import MICROS, Platform
from ..collector.plan import SourcePlan
from ..core.config import Budget, CampaignConfig, SourceConfig
from ..core.config_errors import wrong
from ..core.durations import spoken
from ..core.errors import ConfigError
from ..core.invitation import Invitation
from ..core.recheck import Recheck, spoken_steps
from ..core.records import PostRef
from ..core.yaml_lines import Document, Path
from ..storage.budget import Limits
from ..storage.campaigns import SourceSeed
from . import secrets
from .config_file import Loaded

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Configured:
    """One source as configured, checked, without its keys. `places` say where the keys are."""

    campaign: CampaignConfig
    source: SourceConfig
    name: str
    account: str
    platform: Platform
    config: Any
    base_url: str | None
    account_budget: Budget
    places: Mapping[str, tuple[str, str]]
    recheck: Recheck
    document: Document
    at: Path

    @property
    def where(self) -> str:
        return self.document.where(self.at)


def configured(loaded: Loaded) -> list[Configured]:
    """Every enabled source of every campaign. Raises ConfigError with file, line and key."""
    found: list[Configured] = []
    for campaign, (document, at) in zip(loaded.config.campaigns, loaded.campaign_places, strict=True):
        names: set[str] = set()
        for index, source in enumerate(campaign.sources):
            one = _configured(loaded, campaign, source, document, (*at, "sources", index))
            if one.name in names:
                raise ConfigError(
                    f"two sources of {campaign.slug} are called {one.name!r}",
                    "Give this one a `name:`.",
                    where=one.where,
                )
            names.add(one.name)
            if source.enabled:
                found.append(one)
    return found


def keys(one: Configured, loaded: Loaded) -> dict[str, str]:
    """The source's keys. Raises ConfigError naming the variable or file that is missing."""
    return secrets.read(one.places, loaded.folder, one.document, one.at)


def seed(one: Configured, loaded: Loaded, key: bytes) -> SourceSeed:
    """The source as the store knows it. Its fingerprint changes with settings and keys, and tells neither; it is empty
    where the keys cannot be read: a shell that does not know them is no new key."""
    try:
        own_keys = keys(one, loaded)
    except ConfigError:
        return SourceSeed(one.name, one.platform.name, one.account, "")
    told = orjson.dumps([one.config.model_dump(mode="json"), one.base_url, own_keys], option=orjson.OPT_SORT_KEYS)
    return SourceSeed(one.name, one.platform.name, one.account, hmac.new(key, told, hashlib.sha256).hexdigest()[:32])


def plan(
    one: Configured, loaded: Loaded, campaign_id: int, source_id: int, invitation: Invitation | None
) -> SourcePlan:
    """The source, ready to run. Raises ConfigError when a key is missing."""
    campaign = one.campaign
    return SourcePlan(
        campaign_id=campaign_id,
        campaign=campaign.slug,
        source_id=source_id,
        name=one.name,
        platform=one.platform.name,
        account=one.account,
        config=one.config,
        secrets=keys(one, loaded),
        tags=campaign.hashtags,
        every=one.source.every if "every" in one.source.model_fields_set else one.platform.every,
        base_url=one.base_url,
        user_agent=user_agent(loaded.config.contact),
        openers=openers(one),
        invitation_url=invitation.url if invitation else None,
        conversation=campaign.conversation,
        max_posts_per_thread=campaign.max_posts_per_thread,
        exclude=campaign.exclude,
        also_refuse=frozenset(campaign.also_refuse),
        recheck=one.recheck,
        recheck_share=one.source.recheck_share,
        account_limits=limits(one.account_budget),
        source_limits=limits(one.source.budget),
    )


def openers(one: Configured) -> tuple[PostRef, ...]:
    """Those of the campaign's openers that stand on this source's network."""
    refs = (one.platform.locate(one.config, url) for url in one.campaign.openers)
    return tuple(ref for ref in refs if ref is not None)


def user_agent(contact: str | None) -> str:
    return f"Tagora/{VERSION} (+{contact})" if contact else f"Tagora/{VERSION}"


def _configured(
    loaded: Loaded, campaign: CampaignConfig, source: SourceConfig, document: Document, at: Path
) -> Configured:
    try:
        platform = registry.load(source.platform)
    except ConfigError as error:
        raise ConfigError(error.message, error.hint, where=document.where((*at, "platform"))) from None
    account = None
    if source.account is not None:
        account = loaded.config.accounts.get(source.account)
        if account is None:
            raise ConfigError(
                f"there is no account {source.account!r}",
                "Add it under `accounts:`.",
                where=document.where((*at, "account")),
            )
        if account.platform != source.platform:
            raise ConfigError(
                f"the account {source.account!r} is for {account.platform}, not for {source.platform}",
                where=document.where((*at, "account")),
            )
    account_at: Path = ("accounts", source.account or "")
    places: dict[str, tuple[str, str]] = {}
    options: dict[str, Any] = {}
    if account is not None:
        secrets.refuse_plain(account.options, platform.secrets, loaded.document, account_at)
        options, places = secrets.split(account.options, platform.secrets)
        _check(platform, options, loaded, loaded.document, account_at, partly=True)
    secrets.refuse_plain(source.options, platform.secrets, document, at)
    own, own_places = secrets.split(source.options, platform.secrets)
    config = _check(platform, {**options, **own}, loaded, document, at)
    base_url = source.base_url or (account.base_url if account else None)
    if platform.is_home is not None and base_url is None:
        raise ConfigError(
            f"`base_url` is missing: {platform.title} is many servers",
            "Add the address of the one to ask, like base_url: https://social.example.",
            where=document.where(at),
        )
    name = source.name or _name(source.platform, source.base_url, own)
    return Configured(
        campaign=campaign,
        source=source,
        name=name,
        account=source.account or f"{campaign.slug}/{name}",
        platform=platform,
        config=config,
        base_url=base_url,
        account_budget=account.budget if account else Budget(),
        places={**places, **own_places},
        recheck=_recheck(platform, config, source, document, at),
        document=document,
        at=at,
    )


def _recheck(platform: Platform, config: Any, source: SourceConfig, document: Document, at: Path) -> Recheck:
    """As the network asks for, unless the source says otherwise; never less than the network's duty."""
    own = platform.recheck(config)
    told = replace(
        own,
        steps=own.steps if source.recheck_every is None else source.recheck_every,
        grace=own.grace if source.recheck_grace is None else source.recheck_grace,
    )
    if told.objection is not None:
        part, words = told.objection
        key = {"steps": "recheck_every", "grace": "recheck_grace"}[part]
        raise ConfigError(
            f"`{key}` does not keep to what {platform.title} asks for: {words}",
            f"Write less, or leave it out ({spoken_steps(own.steps)}; {spoken(own.grace)} of grace).",
            where=document.where((*at, key)),
        )
    return told


def _check(
    platform: Platform,
    options: Mapping[str, Any],
    loaded: Loaded,
    document: Document,
    at: Path,
    *,
    partly: bool = False,
) -> Any:
    try:
        return platform.config.model_validate(options, context={"folder": loaded.folder})
    except ValidationError as error:
        if partly and all(finding["type"] == "missing" for finding in error.errors()):
            return None  # the source may still say it
        raise wrong(error, document, at) from None


def _name(platform: str, base_url: str | None, own: Mapping[str, Any]) -> str:
    """ "mastodon.uno", "x", "facebook 1234567890", "feed blog.example/feed": what people would call it."""
    if "page" in own:
        return f"{platform} {own['page']}"
    if "url" in own:
        parts = urlsplit(str(own["url"]))
        return f"{platform} {parts.hostname}{parts.path.rstrip('/')}"
    return (urlsplit(base_url).hostname or platform) if base_url else platform


def limits(budget: Budget) -> Limits:
    def micros(usd: Any) -> int | None:
        return None if usd is None else int(usd * MICROS)

    return Limits(
        micros_per_day=micros(budget.usd_per_day),
        micros_per_month=micros(budget.usd_per_month),
        requests_per_day=budget.requests_per_day,
        requests_per_month=budget.requests_per_month,
    )
