"""What a command works with: configuration, an open and migrated store, campaigns known to it, clock and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ..core.clock import Clock, SystemClock
from ..core.config import CampaignConfig
from ..core.errors import ConfigError, UsageError
from ..core.invitation import Invitation, parse_invitation
from ..core.rules_yaml import rules_in, write_rules
from ..site.look.own import Look
from ..storage import campaigns, rulesets, tombstones
from ..storage.campaigns import CampaignSeed, Ids
from ..storage.migrate import migrate
from ..storage.store import Store, open_store
from . import withdrawal_key
from .config_file import Loaded, load, read_text
from .look_folder import read_look
from .sources import Configured, configured, seed


@dataclass(frozen=True, slots=True)
class Workplace:
    """`ids` and `invitations` by campaign slug."""

    loaded: Loaded
    store: Store
    clock: Clock
    key: bytes
    sources: tuple[Configured, ...]
    invitations: Mapping[str, Invitation | None]
    ids: Mapping[str, Ids]
    look: Look

    @property
    def site_folder(self) -> Path:
        return self.loaded.path(self.loaded.config.site.out)

    @property
    def pictures_folder(self) -> Path:
        return self.loaded.path(self.loaded.config.pictures.folder)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.loaded.config.timezone)

    def campaign(self, slug: str | None) -> CampaignConfig:
        """The campaign with this slug, or the only one. Raises UsageError."""
        found = self.loaded.config.campaigns
        if slug is None:
            if len(found) == 1:
                return found[0]
            if not found:
                raise UsageError("the configuration has no campaign", "Add one under `campaigns:`.")
            raise UsageError(
                "there are several campaigns", f"Add --campaign with one of: {', '.join(c.slug for c in found)}."
            )
        for campaign in found:
            if campaign.slug == slug:
                return campaign
        raise UsageError(
            f"there is no campaign {slug!r}", f"The configuration has: {', '.join(c.slug for c in found) or 'none'}."
        )

    def campaign_id(self, slug: str | None) -> int:
        return self.ids[self.campaign(slug).slug].campaign_id


@contextmanager
def open_workplace(file: Path, clock: Clock | None = None) -> Iterator[Workplace]:
    """Everything a command works with.

    Raises ConfigError with file, line and key; StoreError when the store cannot be opened.
    """
    loaded = load(file)
    sources = read_sources(loaded)
    store = open_store(store_url(loaded))
    try:
        migrate(store)
        yield arrange(loaded, sources, store, clock or SystemClock())
    finally:
        store.close()


def read_sources(loaded: Loaded) -> tuple[Configured, ...]:
    """The configured sources, after everything else that can be wrong in the files was looked at too."""
    sources = tuple(configured(loaded))
    _refuse_shown(loaded)
    for document, at in loaded.campaign_places:
        rules_in(document, _at(document.data, (*at, "rules")), (*at, "rules"))
    for index in range(len(loaded.config.campaigns)):
        read_invitation(loaded, index)
    read_look(loaded)
    return sources


def arrange(loaded: Loaded, sources: tuple[Configured, ...], store: Store, clock: Clock) -> Workplace:
    """A workplace on an open store, which learns of the configured campaigns and sources."""
    invitations = {
        campaign.slug: read_invitation(loaded, index) for index, campaign in enumerate(loaded.config.campaigns)
    }
    look = read_look(loaded)
    key = _key(store, loaded)
    ids = _sync(store, loaded, sources, key, clock)
    return Workplace(loaded, store, clock, key, sources, invitations, ids, look)


def store_url(loaded: Loaded) -> str:
    """The store's address; the path of an SQLite file starts at the configuration's folder."""
    return url_of(loaded, loaded.config.store, loaded.document.where(("store",)))


def _refuse_shown(loaded: Loaded) -> None:
    """Readers can ask for every file in the site's folder: nothing else may stand in it. Raises ConfigError."""
    config, out, store = loaded.config, loaded.path(loaded.config.site.out), make_url(store_url(loaded))
    private = {
        "the configuration": loaded.folder,
        "the withdrawal key": loaded.path(config.secret_file),
        "the backups": loaded.path(config.backup.folder),
    }
    if store.get_backend_name() == "sqlite" and store.database:
        private["the store"] = Path(store.database)
    for what, path in private.items():
        if path.is_relative_to(out):
            raise ConfigError(
                f"`site.out`: readers would find {what} in that folder",
                "Name a folder of its own, like var/site.",
                where=loaded.document.where(("site", "out")),
            )


def url_of(loaded: Loaded, written: str, where: str = "") -> str:
    """A store's address as written, in the file at `where` or by hand."""
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise ConfigError(
            "the store's address cannot be read" if not where else "`store` cannot be read",
            "Write sqlite:///var/tagora.db or postgresql+psycopg://user@host/database.",
            where=where,
        ) from None
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ConfigError(
            f"a store of the kind {backend!r} is not known",
            "Use SQLite or PostgreSQL: sqlite:///var/tagora.db or postgresql+psycopg://user@host/database.",
            where=where,
        )
    if backend == "sqlite":
        if url.host:
            raise ConfigError(
                "`store` names a machine, not a file" if where else f"{written} names a machine, not a file",
                "Write three slashes: sqlite:///var/tagora.db.",
                where=where,
            )
        if not url.database or url.database == ":memory:":
            raise ConfigError("`store` names no file", "Write sqlite:///var/tagora.db.", where=where)
        url = url.set(database=str(loaded.path(url.database)))
    return url.render_as_string(hide_password=False)


def read_invitation(loaded: Loaded, index: int) -> Invitation | None:
    """The invitation of the campaign at `index`. Raises ConfigError."""
    written = loaded.config.campaigns[index].invitation
    if written is None:
        return None
    document, at = loaded.campaign_places[index]
    file = loaded.path(written)
    try:
        text = read_text(file, "invitation")
    except ConfigError as error:
        raise ConfigError(error.message, error.hint, where=document.where((*at, "invitation"))) from None
    return parse_invitation(text, written)


def _key(store: Store, loaded: Loaded) -> bytes:
    """The withdrawal key; made when the store knows none yet. Raises ConfigError when it is not the store's."""
    file, where = loaded.path(loaded.config.secret_file), loaded.document.where(("secret_file",))
    with store.reading() as connection:
        known = tombstones.key_mark(connection)
    if known is not None and not file.exists():
        raise ConfigError(f"the withdrawal key {file} is not there", _NO_KEY, where=where)
    key = withdrawal_key.read_or_make(file)
    if known not in (None, withdrawal_key.mark_of(key)):
        raise ConfigError(
            f"the withdrawal key in {file} is not the one that {store.url} was made with", _NO_KEY, where=where
        )
    return key


_NO_KEY = (
    "Put the right one back, or withdrawn people would be collected again. If it is lost for good: tagora backup, then "
    "tagora restore latest --new-key."
)


def _sync(store: Store, loaded: Loaded, sources: tuple[Configured, ...], key: bytes, clock: Clock) -> Mapping[str, Ids]:
    seeds = [
        CampaignSeed(
            campaign.slug,
            campaign.policy,
            tuple(seed(one, loaded, key) for one in sources if one.campaign.slug == campaign.slug),
        )
        for campaign in loaded.config.campaigns
    ]
    now, mark = clock.now(), withdrawal_key.mark_of(key)
    with store.writing() as connection:
        if tombstones.key_mark(connection) is None:
            tombstones.set_key_mark(connection, mark)
        ids = campaigns.sync(connection, seeds, now)
        for campaign in loaded.config.campaigns:
            if campaign.rules:
                rulesets.seed(connection, ids[campaign.slug].campaign_id, write_rules(campaign.rules), now)
    return ids


def _at(data: object, path: tuple[str | int, ...]) -> object:
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
        else:
            return None
    return data
