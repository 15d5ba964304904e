"""From the configuration to the places that the site is published to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..collector.holder import gone, holder_name, shown
from ..core.config_publish import PublishConfig
from ..core.errors import ConfigError, PublishError, TagoraError, UsageError
from ..site.publishing import opening
from ..site.publishing.lock import Publisher, alone_here
from ..site.publishing.plan import Plan
from ..site.publishing.publish import Outcome, Site, Watch, built_site, preview, publish
from ..site.publishing.record import Record
from ..site.publishing.target import Target
from ..storage import publications, publishable
from ..storage.publications import Publication
from ..storage.running import running
from . import secrets
from .building import site_settings
from .workplace import Workplace


@dataclass(frozen=True, slots=True)
class Published:
    """How it went at one place: an outcome, or the error that ended it."""

    place: str
    outcome: Outcome | None
    error: TagoraError | None = None

    @property
    def problem(self) -> str | None:
        """In a sentence; None when all is as it should be."""
        if self.error is not None:
            return str(self.error)
        assert self.outcome is not None
        failures = self.outcome.failures
        if not failures:
            return None
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        return f"not everything could be published: {failures[0]}{more}"


def places(place: Workplace, names: Sequence[str] = ()) -> list[tuple[int, PublishConfig]]:
    """The configured places with their numbers: all, or those named. Raises UsageError."""
    there = list(enumerate(place.loaded.config.publish))
    if not there:
        raise UsageError(
            "no place to publish to is configured", "Add one under `publish:`; docs/publishing.md shows how."
        )
    unknown = set(names) - {one.called for _, one in there}
    if unknown:
        raise UsageError(
            f"there is no place {sorted(unknown)[0]!r} under `publish:`",
            f"The configuration has: {', '.join(one.called for _, one in there)}.",
        )
    return [(number, one) for number, one in there if not names or one.called in names]


def publish_site(
    place: Workplace,
    names: Sequence[str] = (),
    *,
    allow_shrink: bool = False,
    stopped: Callable[[], bool] = lambda: False,
    watch: Watch | None = None,
) -> list[Published]:
    """Brings the site, as it was built last, to the places; one that fails keeps the others from nothing. What became
    of each is noted in the store. Raises PublishError when another process is at it."""
    done: list[Published] = []
    publisher = _publisher(place)
    chosen = places(place, names)
    with alone_here(Path(f"{site_settings(place).manifest}.publish.lock")):
        site = _site(place)
        for number, one in chosen:
            try:
                with open_target(place, number, one) as target:
                    most = 1.0 if allow_shrink else one.max_shrink
                    outcome = publish(target, site, publisher, max_shrink=most, stopped=stopped, watch=watch)
                ended = Published(one.called, outcome)
            except TagoraError as error:
                ended = Published(one.called, None, error)
            done.append(ended)
            if ended.outcome is not None and ended.outcome.unfinished and ended.problem is None:
                continue  # neither well nor ill: it goes on
            with place.store.writing() as connection:
                files = len(site.files) if ended.problem is None else None
                publications.record_publication(
                    connection, one.called, place.clock.now(), files=files, problem=ended.problem
                )
    return done


def publish_now(place: Workplace) -> list[Published]:
    """After a withdrawal: publishes where places are configured and no `tagora run` is there to do it."""
    if not place.loaded.config.publish:
        return []
    with place.store.reading() as connection:
        elsewhere = running(connection, place.clock.now())
    return [] if elsewhere is not None else publish_site(place)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done at one place, by `plan`, where `record` says what stands there; or why nothing can be said."""

    place: str
    site: Site
    plan: Plan | None = None
    record: Record | None = None
    error: TagoraError | None = None


def previews(place: Workplace, names: Sequence[str] = ()) -> Iterator[Preview]:
    """What would be sent to each place and removed there. Writes nothing, there or here."""
    site = _site(place)
    for number, one in places(place, names):
        try:
            with open_target(place, number, one) as target:
                yield Preview(one.called, site, *preview(target, site))
        except TagoraError as error:
            yield Preview(one.called, site, error=error)


def standings(place: Workplace) -> list[Publication]:
    """How the last publication to each configured place went; a place that none went to yet is left out."""
    with place.store.reading() as connection:
        return publications.publications(connection, [one.called for one in place.loaded.config.publish])


@contextmanager
def open_target(place: Workplace, number: int, config: PublishConfig) -> Iterator[Target]:
    """Raises ConfigError when a key cannot be read, PublishError when the place does not let us in."""
    target = _opened(place, number, config)
    try:
        yield target
    finally:
        target.close()


def _opened(place: Workplace, number: int, config: PublishConfig) -> Target:
    loaded = place.loaded

    def key(name: str) -> str | None:
        said = config.places_of(name)
        return secrets.read({name: said[0]} if said else {}, loaded.folder, loaded.document, ("publish", number)).get(
            name
        )

    def file(written: str | None) -> Path | None:
        return None if written is None else loaded.path(written)

    if config.kind == "s3":
        return opening.s3(
            config.to, endpoint=config.endpoint, region=config.region, key_id=key("key_id"), key=key("key")
        )
    if config.kind == "sftp":
        return opening.sftp(
            config.to,
            password=key("password"),
            key_file=file(config.key_file),
            known_hosts=file(config.known_hosts),
        )
    if config.kind == "git":
        return opening.git(
            config.to,
            config.branch,
            now=place.clock.now(),
            token=key("token"),
            key_file=file(config.key_file),
            known_hosts=file(config.known_hosts),
        )
    folder = loaded.path(config.to.removeprefix("file://"))
    out = place.site_folder
    if folder == out or out in folder.parents or folder in out.parents:
        raise ConfigError(
            f"the site cannot be published to {folder}: it is the folder it is built in, or lies in or around it",
            "Choose another folder.",
            where=loaded.document.where(("publish", number, "to")),
        )
    return opening.folder(folder)


def _site(place: Workplace) -> Site:
    with place.store.writing() as connection:
        store = publications.store_id(connection)

    def withdrawn(post_ids: Collection[int]) -> set[int]:
        with place.store.reading() as connection:
            return publishable.withdrawn_ids(connection, post_ids)

    settings = site_settings(place)
    if not (settings.out / "index.html").is_file():
        raise PublishError(f"there is no site in {settings.out}", "Write it with `tagora build`.")
    return built_site(settings, store, withdrawn)


def _publisher(place: Workplace) -> Publisher:
    holder = holder_name()
    return Publisher(holder, shown(holder), gone, place.clock.now)
