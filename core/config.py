"""What config.yaml may say, as frozen types. Reading the file is app/config_file.py's work.

A platform's own keys (and NAME_env / NAME_file of its secrets) pass through `SourceConfig.options`: the platform
checks them with its own type (collector/contract.py PlatformConfig).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .closing import AfterEnd
from .config_publish import PublishConfig
from .config_types import (
    Authors,
    Duration,
    Frozen,
    Language,
    MailAddress,
    Money,
    Schedule,
    Show,
    Slug,
    WebAddress,
    WithKey,
    is_mail_address,
)
from .normalise import clean_tag, clean_url
from .picture_terms import Pictures
from .wishes import KEPT


class Budget(Frozen):
    """A ceiling. The smallest that applies (of account and source) holds. Days and months are UTC."""

    usd_per_day: Money | None = Field(default=None, description="Dollars that may be spent in one UTC day.")
    usd_per_month: Money | None = Field(default=None, description="Dollars that may be spent in one UTC month.")
    requests_per_day: int | None = Field(default=None, ge=0, description="Calls that may be made in one UTC day.")
    requests_per_month: int | None = Field(default=None, ge=0, description="Calls that may be made in one UTC month.")


class Legal(Frozen):
    """Who answers for the collection; shown on the page "About this collection"."""

    controller: str = Field(min_length=1, description="Who runs the collection: the name readers see.")
    contact: str = Field(min_length=3, description="Where people write to have a post withdrawn.")
    privacy_url: WebAddress | None = Field(default=None, description="The controller's own privacy notice.")
    keep_years: int | None = Field(
        default=None, ge=1, le=100, description="How long the collection stays; unsaid when empty."
    )


class SiteConfig(Frozen):
    """The published site."""

    out: str = Field(
        default="var/site",
        description="The folder the site is written to: one of its own, for readers can ask for every file in it.",
    )
    base_url: WebAddress = Field(
        default="http://127.0.0.1:8000/", description="The address the site will have, for feeds."
    )
    title: str = Field(default="Tagora", min_length=1, description="The site's name.")
    languages: tuple[Language, ...] = Field(
        default=("en",), min_length=1, description="Languages of the interface; the first is the front page's."
    )
    look: str | None = Field(
        default=None,
        min_length=1,
        description="A folder with a look of your own: colours, logo, footer, templates (docs/look.md).",
    )
    search: bool = Field(default=True, description="Whether readers can search; a part of the build then, by Pagefind.")
    reports: str | None = Field(
        default=None,
        description="Where “Report or withdraw this post” leads: the review app’s public address (readers get a form), "
        "a mail address, or null: then readers are told `legal: contact`.",
    )

    @field_validator("reports")
    @classmethod
    def _leads_somewhere(cls, value: str | None) -> str | None:
        if value is not None and clean_url(value) is None and ("/" in value or not is_mail_address(value)):
            raise ValueError("write the review app’s address, like https://review.example.org, or a mail address")
        return value

    @field_validator("base_url")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        if "?" in value or "#" in value:
            raise ValueError("write an address that pages can stand below, without ? and #")
        return value if value.endswith("/") else value + "/"


class WebhookConfig(WithKey):
    """Another program that is told; docs/alerts.md says how."""

    url: WebAddress = Field(description="Where it is told, by POST.")
    secret_env: str | None = Field(default=None, description="The variable that holds the secret it is signed with.")
    secret_file: str | None = Field(default=None, description="Or the file that holds it.")

    @model_validator(mode="after")
    def _signed(self) -> WebhookConfig:
        if len(self.places_of("secret")) != 1:
            raise ValueError("say where the secret stands: secret_env or secret_file")
        return self


class MailConfig(WithKey):
    """The server that sends mail, and to whom."""

    host: str = Field(min_length=1, description="The mail server.")
    port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection is kept secret; none only for a server on this machine."
    )
    user: str | None = Field(default=None, description="The name to sign in with, where it asks for one.")
    password_env: str | None = Field(default=None, description="The variable that holds the password.")
    password_file: str | None = Field(default=None, description="Or the file that holds it.")
    sender: MailAddress = Field(description="From whom the mail comes.")
    to: tuple[MailAddress, ...] = Field(min_length=1, description="Who gets it: a list of addresses.")

    @model_validator(mode="after")
    def _makes_sense(self) -> MailConfig:
        if len(self.places_of("password")) != (self.user is not None):
            raise ValueError("a user needs password_env or password_file, and a password needs a user")
        if self.tls == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("tls: none is only for a server on this machine")
        return self


class AlertsConfig(Frozen):
    """What people are told without looking."""

    mail: MailConfig | None = Field(default=None, description="The troubles of docs/alerts.md, by mail.")
    webhook: WebhookConfig | None = Field(default=None, description="The same to another program.")
    oldest_pending: Duration = Field(
        default=timedelta(hours=12), description="A post that waits so long for a decision is a trouble."
    )


class ReviewConfig(WithKey):
    """The moderators' application."""

    host: str = Field(default="127.0.0.1", description="The address it listens at; a proxy stands before any other.")
    port: int = Field(default=8001, ge=0, le=65535, description="The port it listens at.")
    public_url: WebAddress | None = Field(
        default=None, description="Its address as moderators type it, where a proxy stands before it."
    )
    session: Duration = Field(default=timedelta(hours=12), description="After so long unused, people sign in again.")
    claim: Duration = Field(default=timedelta(minutes=5), description="How long an opened post is kept from others.")
    translate: str | None = Field(
        default="https://translate.google.com/?op=translate&sl=auto&tl={to}&text={text}",
        description="Where the link “translate” leads, with {to} and {text}; null: no such link.",
    )
    webhook: WebhookConfig | None = Field(
        default=None, description="Another program that is told of every new post that waits."
    )

    metrics_token_env: str | None = Field(
        default=None,
        description="The variable with the token that /metrics asks for; none: only this machine may look.",
    )
    metrics_token_file: str | None = Field(default=None, description="Or the file that holds it.")

    @field_validator("translate")
    @classmethod
    def _has_places(cls, value: str | None) -> str | None:
        if value is not None and (clean_url(value.split("?")[0]) is None or "{text}" not in value):
            raise ValueError("write a web address with {text} in it, or null")
        return value


class BackupConfig(Frozen):
    """Copies of the store, made under `tagora run`; docs/backup.md says what else must be kept."""

    folder: str = Field(
        default="var/backups", description="Where they are kept; another disk than the store's is better."
    )
    every: Duration | Literal["never"] = Field(
        default=timedelta(days=1), description="How often one is made: 1d, 6h, never."
    )
    keep: int = Field(default=7, ge=1, le=1000, description="How many are kept: the newest.")

    @field_validator("every")
    @classmethod
    def _not_too_often(cls, value: timedelta | str) -> timedelta | str:
        if isinstance(value, timedelta) and value < timedelta(minutes=1):
            raise ValueError("copy no more often than once a minute")
        return value


class PicturesConfig(Frozen):
    """Copies of the pictures of approved posts (docs/pictures.md)."""

    folder: str = Field(
        default="var/pictures", description="Where they are kept for the site; what is lost there is fetched again."
    )
    homes: dict[str, WebAddress] = Field(
        default_factory=dict,
        description="Where hosts of pictures answer that do so elsewhere than their name says: a proxy, a test bed. "
        "Nothing else leads into a private network.",
    )


class AccountConfig(BaseModel):
    """One set of keys with its quota and budget."""

    model_config = ConfigDict(frozen=True, extra="allow")

    platform: str = Field(description="Which network the keys are for.")
    budget: Budget = Field(default_factory=Budget, description="Ceiling of all sources on this account.")
    base_url: WebAddress | None = Field(
        default=None, description="Another address of the network: a proxy, a test bed."
    )
    key_ends: date | None = Field(
        default=None, description="The last day of the key, where it has one: told two weeks before, 2027-01-31."
    )

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class SourceConfig(BaseModel):
    """One platform asked for one campaign: the thing that is scheduled."""

    model_config = ConfigDict(frozen=True, extra="allow")

    platform: str = Field(description="Which network is asked.")
    name: str | None = Field(
        default=None, description="What the source is called; made from platform and address when empty."
    )
    account: str | None = Field(default=None, description="The account whose keys and budget it uses.")
    base_url: WebAddress | None = Field(
        default=None, description="Another address of the network: a server, proxy, test bed."
    )
    key_ends: date | None = Field(
        default=None, description="The last day of the key, where it has one: told two weeks before, 2027-01-31."
    )
    recheck_every: Schedule | None = Field(
        default=None,
        description="How often a held post is looked up again for edits and deletions, by its age: never, 1d, or a "
        "list like [1d until 7d, 7d until 91d, 30d]. Empty: as its network asks for (docs/rechecks.md).",
    )
    recheck_grace: Duration | None = Field(
        default=None,
        description="How long a published post that could not be looked up again when it was due is shown all the "
        "same; then readers get a bare link until it could. Empty: as its network asks for (docs/rechecks.md).",
    )
    recheck_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="How much of each ceiling looking up again may take, between 0 and 1. It is spent first; the rest "
        "is kept for new posts. Without `budget:` it means nothing.",
    )
    every: Duration = Field(
        default=timedelta(minutes=10),
        description="How often it is asked at most: 30s, 5m, 2h, 1d. Of a feed 30m where nothing is said.",
    )
    budget: Budget = Field(default_factory=Budget, description="Ceiling of this source alone.")
    enabled: bool = Field(
        default=True,
        description="false: not asked any more; what is held stays, as docs/rechecks.md says.",
    )
    authors: Authors = Field(default="full", description="How author names are shown: full, initials or hidden.")
    after_end: AfterEnd = Field(
        default=AfterEnd.KEEP,
        description="What becomes of its posts two weeks after `tagora close`: keep (shown, and looked up again), "
        "links_only (bare links) or remove (not shown). docs/closing.md.",
    )
    show: Show = Field(default="full", description="How its posts are shown: full, link (a bare link) or none.")
    pictures: Pictures | None = Field(
        default=None,
        description="What becomes of its posts' pictures: copy (into the site), link (to the original) or none. Empty: "
        "as the network's terms allow (docs/pictures.md).",
    )

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})

    @field_validator("every")
    @classmethod
    def _not_too_often(cls, value: timedelta) -> timedelta:
        if value < timedelta(seconds=1):
            raise ValueError("ask no more often than once a second")
        return value


def written_tag(text: str) -> str:
    """A hashtag as a person wrote it, without its sign. Raises ValueError for what cannot be one."""
    tag = text.strip().lstrip("#＃")
    if not clean_tag(tag) or not re.fullmatch(r"\w+", tag) or tag.isdigit():
        raise ValueError(f"{text!r} cannot be a hashtag: letters, digits and _ only, not digits alone")
    return tag


class CampaignConfig(Frozen):
    """Hashtags, an invitation, openers, sources and a policy."""

    slug: Slug = Field(description="Its short name in addresses: small letters, digits and hyphens.")
    hashtags: tuple[str, ...] = Field(min_length=1, max_length=10, description="The tags, without #.")
    invitation: str | None = Field(
        default=None, description="The Markdown file of the article that opened the discussion."
    )
    openers: tuple[WebAddress, ...] = Field(
        default=(), description="Addresses of the organiser's posts that ask the question."
    )
    policy: Literal["review_first", "publish_first"] = Field(
        default="review_first", description="Whether posts wait for a person, or only the rules' catch does."
    )
    conversation: Literal["full", "tagged"] = Field(
        default="full", description="full: whole conversations; tagged: only posts that carry a tag."
    )
    max_posts_per_thread: int = Field(
        default=500, ge=1, le=100_000, description="More of one conversation is not collected."
    )
    exclude: tuple[str, ...] = Field(default=(), description="Words asked to be left out, where a network can.")
    also_refuse: tuple[str, ...] = Field(
        default=(),
        description="Wishes of authors that keep their posts out of this campaign, beside those that always do: "
        "not_indexable, limited (docs/wishes.md). Nothing makes it let in more.",
    )
    rules: tuple[Any, ...] = Field(
        default=(), description="The first version of the campaign's rules; see docs/rules.md."
    )
    sources: tuple[SourceConfig, ...] = Field(default=(), description="Where posts are looked for.")

    @field_validator("hashtags", mode="before")
    @classmethod
    def _tags(cls, value: object) -> object:
        if isinstance(value, str):
            raise ValueError("write a list: [firstTag, secondTag]")
        if not isinstance(value, list | tuple):
            return value
        return tuple(written_tag(str(tag)) for tag in value)

    @field_validator("also_refuse")
    @classmethod
    def _wishes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in KEPT:
                raise ValueError(f"{name!r} is no wish; there are {', '.join(sorted(KEPT))}")
        return value


class Config(Frozen):
    """All of config.yaml."""

    store: str = Field(
        default="sqlite:///var/tagora.db", description="Where everything is kept: SQLite file or PostgreSQL."
    )
    contact: str | None = Field(default=None, description="Whom a network may write to; goes into the User-Agent.")
    timezone: str = Field(default="UTC", description="The zone in which readers see times, like Europe/Rome.")
    legal: Legal | None = Field(default=None, description="Who answers for the collection.")
    site: SiteConfig = Field(default_factory=lambda: SiteConfig.model_validate({}), description="The published site.")
    review: ReviewConfig = Field(
        default_factory=lambda: ReviewConfig.model_validate({}), description="The moderators' application."
    )
    alerts: AlertsConfig = Field(
        default_factory=lambda: AlertsConfig.model_validate({}), description="What people are told without looking."
    )
    backup: BackupConfig = Field(
        default_factory=lambda: BackupConfig.model_validate({}), description="Copies of the store."
    )
    pictures: PicturesConfig = Field(
        default_factory=lambda: PicturesConfig.model_validate({}), description="Copies of pictures."
    )

    publish: tuple[PublishConfig, ...] = Field(default=(), description="Where the site is published: a list of places.")
    accounts: dict[str, AccountConfig] = Field(default_factory=dict, description="Keys and budgets, by a name.")
    campaigns: tuple[CampaignConfig, ...] = Field(default=(), description="The campaigns.")
    secret_file: str = Field(
        default="var/withdrawals.key", description="Keeps withdrawn people unrecognisable yet known; back it up, apart."
    )
    withdrawals_file: str = Field(
        default="var/withdrawals.txt",
        description="Where withdrawals are noted beside the store, so that a copy put back knows the later ones.",
    )

    @field_validator("contact")
    @classmethod
    def _fits_a_header(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("it is empty; write a mail or web address, or take the line out")
        if value is not None and not (value.isascii() and value.isprintable()):
            raise ValueError("write a mail or web address on one line, without accents")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone; write one like Europe/Rome") from None
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Config:
        slugs = [campaign.slug for campaign in self.campaigns]
        if len(slugs) != len(set(slugs)):
            raise ValueError("two campaigns have the same slug")
        called = [place.called for place in self.publish]
        if len(called) != len(set(called)):
            raise ValueError("two places under `publish` have the same name; give each a `name:`")
        return self
