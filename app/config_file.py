"""Reads config.yaml and what it includes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..core import yaml_lines
from ..core.config import CampaignConfig, Config
from ..core.config_errors import validate
from ..core.errors import ConfigError
from ..core.yaml_lines import Document
from .secrets import refuse_plain

MAX_BYTES = 2_000_000
_KEYS = (
    (("review",), "metrics_token"),
    (("review", "webhook"), "secret"),
    (("alerts", "webhook"), "secret"),
    (("alerts", "mail"), "password"),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration and where each part of it stands.

    `campaign_places[i]` is (document, path) of `config.campaigns[i]`; `fingerprint` changes when any file read did.
    """

    config: Config
    folder: Path
    document: Document
    campaign_places: tuple[tuple[Document, yaml_lines.Path], ...]
    fingerprint: str

    def path(self, written: str) -> Path:
        """A path as written in the file: relative ones start at the file's folder."""
        return (self.folder / Path(written).expanduser()).resolve()


def load(file: Path) -> Loaded:
    """The configuration in `file`. Raises ConfigError with file, line and key."""
    seen = hashlib.sha256()
    document = yaml_lines.parse(read_text(file, "configuration", seen), _short(file))
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        raise ConfigError("settings of the form `key: value` are expected here", where=document.where(()))
    data = dict(data)
    for path, name in _KEYS:
        inner = data
        for part in path:
            inner = inner.get(part) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            refuse_plain(inner, (name,), document, path)
    places_published = data.get("publish")
    for index, place in enumerate(places_published if isinstance(places_published, list) else ()):
        if isinstance(place, dict):
            refuse_plain(place, ("key_id", "key", "password", "token"), document, ("publish", index))
    folder = file.resolve().parent

    own = data.pop("campaigns", None) or []
    if not isinstance(own, list):
        raise ConfigError(
            "`campaigns` must be a list", "Begin each with `- slug:`.", where=document.where(("campaigns",))
        )
    campaigns = [validate(CampaignConfig, document, item, ("campaigns", index)) for index, item in enumerate(own)]
    places: list[tuple[Document, yaml_lines.Path]] = [(document, ("campaigns", index)) for index in range(len(own))]

    for pattern in _patterns(data.pop("include", None), document):
        found = sorted(folder.glob(pattern))
        if not found and not any(c in pattern for c in "*?["):
            raise ConfigError(
                f"the included file {pattern} is not there",
                "Write it, or take the line out.",
                where=document.where(("include",)),
            )
        for included in found:
            part = yaml_lines.parse(read_text(included, "included file", seen), _short(included))
            campaigns.append(validate(CampaignConfig, part, part.data, ()))
            places.append((part, ()))

    config = validate(Config, document, data)
    slugs = [campaign.slug for campaign in campaigns]
    for (where_document, path), slug, before in zip(places, slugs, _before(slugs), strict=True):
        if slug in before:
            raise ConfigError(
                f"there is a campaign {slug!r} already",
                "Give this one another slug.",
                where=where_document.where((*path, "slug")),
            )
    for campaign in campaigns:
        invitation = folder / campaign.invitation if campaign.invitation else None
        if invitation is not None and invitation.is_file():  # whether it is there and readable is told by its reader
            seen.update(read_text(invitation, "invitation").encode() + b"\0")
    for file in _looks(folder, config):
        seen.update(f"{file}\0{_stamp(file)}\0".encode())  # what they say is told by their reader
    config = config.model_copy(update={"campaigns": tuple(campaigns)})
    return Loaded(config, folder, document, tuple(places), seen.hexdigest())


def read_text(file: Path, what: str, seen: hashlib._Hash | None = None) -> str:
    """The UTF-8 text of a file a person wrote. Raises ConfigError saying why it cannot be read."""
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        hint = {
            "configuration": "Make one with `tagora init`, or name another with -c FILE.",
            "invitation": "Write it (docs/first-hour.md shows one), or take the line out.",
        }.get(what, "")
        raise ConfigError(f"the {what} {_short(file)} is not there", hint) from None
    except IsADirectoryError:
        raise ConfigError(f"the {what} {_short(file)} is a folder", "Name a file.") from None
    except OSError as error:
        raise ConfigError(f"the {what} {_short(file)} cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(
            f"the {what} {_short(file)} is larger than {MAX_BYTES // 1_000_000} MB", "Is it the right one?"
        )
    if seen is not None:
        seen.update(raw + b"\0")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"the {what} is not UTF-8 text", "Save it as UTF-8 in your editor.", where=f"{_short(file)}:{line}"
        ) from None


def _looks(folder: Path, config: Config) -> list[Path]:
    """The files of the own look: all that it may have, and some more."""
    if config.site.look is None:
        return []
    return sorted(islice((folder / Path(config.site.look).expanduser()).rglob("*"), 500))


def _stamp(file: Path) -> str:
    """Of a file's state, without reading it."""
    try:
        told = file.stat()
    except OSError as error:
        return str(error.errno)
    return f"{told.st_size} {told.st_mtime_ns} {told.st_mode}"


def _patterns(value: object, document: Document) -> list[str]:
    patterns = [value] if isinstance(value, str) else value or []
    if not isinstance(patterns, list) or not all(isinstance(item, str) for item in patterns):
        raise ConfigError("`include` must be a path or a list of paths", where=document.where(("include",)))
    for pattern in patterns:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise ConfigError(
                f"`include`: {pattern} leaves the folder",
                "Name files below config.yaml's folder.",
                where=document.where(("include",)),
            )
    return patterns


def _before(slugs: list[str]) -> list[set[str]]:
    return [set(slugs[:index]) for index in range(len(slugs))]


def _short(file: Path) -> str:
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)
