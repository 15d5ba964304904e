"""`tagora doctor`: looks at everything an installation needs, one thing after the other; what cannot be reached keeps
nothing else from being looked at."""

from __future__ import annotations

import os
import smtplib
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import requests

from ...core.clock import Clock
from ...core.config import MailConfig
from ...core.errors import ConfigError, PublishError, TagoraError
from ...review.telling import headers
from ...site.publishing.record import RECORD
from ...site.publishing.target import Target
from ...storage import copies, migrate, moderators, running, soundness, sources
from ...storage.builds import last_build
from ...storage.store import Store, open_store
from .. import withdrawals_file
from ..backup_keeper import standing
from ..checking import Finding, Level, ask_source
from ..collecting import source_id
from ..config_file import Loaded, load
from ..printing import count, when
from ..publishing import open_target, standings
from ..sending import TIMEOUT, NotTaken, Post, deliver, key_of, mail_server, post_by_http, send_by_smtp
from ..sources import Configured, keys
from ..workplace import Workplace, arrange, read_sources, store_url
from .facts import disks, gather
from .find import troubles
from .machine import size
from .trouble import Severity
from .words import Speech

SKEW, MUCH_SKEW = timedelta(seconds=60), timedelta(minutes=5)
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
Head = Callable[[str], datetime | None]  # address -> what the server's clock says


def examine(file: Path, clock: Clock, *, send: bool = False, ask: bool = True) -> Iterator[Finding]:
    """Everything, as it is found. `send`: mail and webhook get a message of trial; `ask`: networks are asked."""
    try:
        loaded = load(file)
        configured = read_sources(loaded)
    except ConfigError as error:
        yield Finding(Level.FAULT, "configuration", error.message, error.hint)
        return
    yield Finding(
        Level.WELL,
        "configuration",
        f"{loaded.document.name} is right: {count(len(loaded.config.campaigns), 'campaign')}, "
        f"{count(len(configured), 'source')}",
    )
    yield from _keys(loaded, configured)
    try:
        store = open_store(store_url(loaded))
    except TagoraError as error:
        yield _failed("store", error)
        return
    try:
        yield from _store(store)
        migrate.migrate(store)
        place = arrange(loaded, configured, store, clock)
    except TagoraError as error:
        yield _failed("store", error)
        store.close()
        return
    try:
        for look in (_process, _team, _disks, _site, _places, _backup, _withdrawals, _clock, _mail, _webhooks):
            yield from _tried(look, place, send)
        if ask:
            for one in place.sources:
                yield from _source(place, one)
        yield from _tried(_troubles, place, send)
    finally:
        store.close()


def _tried(look: Callable[[Workplace, bool], Iterator[Finding]], place: Workplace, send: bool) -> Iterator[Finding]:
    try:
        yield from look(place, send)
    except TagoraError as error:
        yield _failed(look.__name__.strip("_"), error)


def _failed(about: str, error: TagoraError) -> Finding:
    return Finding(Level.FAULT, about, error.message, error.hint)


# --- what stands on this machine -------------------------------------------------------------------------------------


def _keys(loaded: Loaded, configured: tuple[Configured, ...]) -> Iterator[Finding]:
    read = 0
    for one in configured:
        try:
            read += len(keys(one, loaded))
        except ConfigError as error:
            yield Finding(Level.FAULT, f"{one.campaign.slug}/{one.name}", error.message, error.hint)
        for kind, where in one.places.values():
            if kind == "file" and _open_to_all(loaded.path(where)):
                yield Finding(
                    Level.WARNING, where, "everybody on this machine may read this key", f"Run: chmod 600 {where}"
                )
    yield Finding(Level.WELL, "keys", f"{count(read, 'key')} of networks read")


def _open_to_all(file: Path) -> bool:
    with suppress(OSError):
        return bool(file.stat().st_mode & stat.S_IROTH)
    return False


def _store(store: Store) -> Iterator[Finding]:
    there = store.path is None or store.path.exists()
    revision = migrate.current(store) if there else None
    if revision is None:
        yield Finding(Level.WELL, "store", f"{store.url} is empty; the first command sets it up")
        return
    newest = migrate.newest()
    if revision != newest:
        yield Finding(
            Level.WARNING,
            "store",
            f"{store.url} has an older form ({revision}); this look brings it to {newest}",
            "Nothing is to be done; `tagora migrate --down` goes back.",
        )
    soundness.try_writing(store)
    if store.path is not None:
        began = time.monotonic()
        held = copies.check(store.path)
        posts = count(held.rows.get("post", 0), "post")
        took = time.monotonic() - began
        yield Finding(
            Level.WELL, "store", f"{store.url} can be written and is whole: {posts} (looked at in {took:.1f} s)"
        )
    else:
        yield Finding(Level.WELL, "store", f"{store.url} is reached and can be written")


def _process(place: Workplace, _send: bool) -> Iterator[Finding]:
    now = place.clock.now()
    with place.store.reading() as connection:
        alive = running.running(connection, now)
        silent = running.silent(connection, now)
    if alive is not None:
        told = f"`tagora run` is at work: {alive.where}, since {when(alive.since, place.zone)}"
        yield Finding(Level.WELL, "run", told)
        if alive.where.startswith(f"{socket.gethostname()}, ") and place.loaded.config.review.port:
            yield _answering(place)
    elif silent is None:  # a silent one is among the troubles
        yield Finding(
            Level.WARNING,
            "run",
            "no `tagora run` is at work on this store",
            "Start one, or `tagora collect` in a timer.",
        )


def _answering(place: Workplace) -> Finding:
    review = place.loaded.config.review
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(review.host, review.host)
    address = f"http://{host}:{review.port}/healthz"
    try:
        answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        words = f"nothing answers at {address} ({type(error).__name__})"
        return Finding(Level.FAULT, "review", words, "Look into the log of `tagora run`; start it again.")
    if answer.status_code == 200:
        return Finding(Level.WELL, "review", f"{address} says that it is well")
    return Finding(Level.FAULT, "review", f"{address} says: {answer.text[:200].strip()}", "Start `tagora run` again.")


def _team(place: Workplace, _send: bool) -> Iterator[Finding]:
    with place.store.reading() as connection:
        able = [one for one in moderators.every(connection) if one.disabled_at is None]
    if able:
        yield Finding(Level.WELL, "review", f"{count(len(able), 'person', 'people')} may use the review app")
    else:
        yield Finding(
            Level.WARNING, "review", "nobody may use the review app", "Run: tagora moderators add NAME --role admin"
        )
    review = place.loaded.config.review
    if review.host not in ("127.0.0.1", "localhost", "::1") and not (review.public_url or "").startswith("https:"):
        yield Finding(
            Level.WARNING,
            "review",
            f"the review app listens at {review.host} without HTTPS before it: passwords could be read on the way",
            "Put a web server with HTTPS before it and set `review: public_url` (docs/server.md).",
        )


def _disks(place: Workplace, _send: bool) -> Iterator[Finding]:
    for one in disks(place):
        yield Finding(Level.WELL, "disk", f"{size(one.free)} of {size(one.total)} left for the {one.of}")


def _site(place: Workplace, _send: bool) -> Iterator[Finding]:
    folder = place.site_folder
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        yield Finding(Level.FAULT, "site", f"{folder} cannot be written", f"See the rights of {there}.")
        return
    with place.store.reading() as connection:
        last = last_build(connection)
    told = f"built last on {when(last.ended_at, place.zone)}" if last else "never built yet"
    yield Finding(Level.WELL, "site", f"{folder} can be written; {told}")
    public = urlsplit(place.loaded.config.site.base_url)
    if public.hostname in _THIS_MACHINE:
        yield Finding(
            Level.WARNING,
            "site",
            "`site: base_url` is an address of this machine: feeds and shared links will not work elsewhere",
            "Write the address under which readers see the site.",
        )


def _places(place: Workplace, _send: bool) -> Iterator[Finding]:
    """Where the site is published to: whether we are let in. Nothing is written."""
    went = {one.place: one for one in standings(place)}
    for number, one in enumerate(place.loaded.config.publish):
        about = f"publish {one.called}"
        try:
            with open_target(place, number, one) as target:
                _let_in(target)
        except TagoraError as error:
            yield _failed(about, error)
            continue
        last = went.get(one.called)
        told = f"published last on {when(last.ok_at, place.zone)}" if last and last.ok_at else "never published to yet"
        yield Finding(Level.WELL, about, f"it lets us in; {told}")


def _let_in(target: Target) -> None:
    """Raises PublishError when nothing can be read there."""
    try:
        target.read(RECORD)
    except target.faults as error:
        raise PublishError(f"nothing can be read there ({type(error).__name__})", "See `publish:`.") from error


def _backup(place: Workplace, _send: bool) -> Iterator[Finding]:
    with place.store.reading() as connection:
        held = standing(place, connection)
    words = held.words(place.zone)
    if not held.wanted:
        yield Finding(Level.WARNING, "backup", words, "Set `backup: every`, or copy the store otherwise.")
    elif not (held.overdue or held.problem):  # else it is among the troubles
        yield Finding(
            Level.WELL if held.last else Level.WARNING, "backup", words, "" if held.last else "Run: tagora backup"
        )
    key = place.loaded.path(place.loaded.config.secret_file)
    if _open_to_all(key):
        yield Finding(Level.WARNING, "backup", f"everybody may read {key.name}", f"Run: chmod 600 {key}")


# --- what is elsewhere -----------------------------------------------------------------------------------------------


def _withdrawals(place: Workplace, _send: bool) -> Iterator[Finding]:
    file = withdrawals_file.file_of(place.loaded)
    blocked = withdrawals_file.what_keeps_from_noting(place.loaded)
    if blocked is None:
        yield Finding(Level.WELL, "withdrawals", f"they can be noted in {file}")
    else:
        words = f"{file} cannot be written, so nobody could be withdrawn"
        yield Finding(Level.FAULT, "withdrawals", words, f"See the rights of {blocked}, or `withdrawals_file:`.")


def _clock(place: Workplace, _send: bool, head: Head | None = None) -> Iterator[Finding]:
    """Compares this machine's clock with that of a server that is in the configuration anyway, and is another."""
    config = place.loaded.config
    addresses = [one.base_url for one in place.sources] + [config.review.public_url, config.site.base_url]
    for address in [one for one in addresses if one and urlsplit(one).hostname not in _THIS_MACHINE]:
        before = place.clock.now()
        theirs = (head or server_time)(address)
        if theirs is None:
            continue
        skew = abs(theirs - before)
        host = urlsplit(address).hostname
        if skew < SKEW:
            yield Finding(Level.WELL, "clock", f"it agrees with {host}")
        else:
            yield Finding(
                Level.FAULT if skew >= MUCH_SKEW else Level.WARNING,
                "clock",
                f"it differs from {host}’s by {skew.total_seconds():.0f} s",
                "Set the machine’s clock, and let it follow a time server: timedatectl set-ntp true",
            )
        return
    yield Finding(Level.WARNING, "clock", "not compared: no server of the configuration told its time")


def server_time(address: str) -> datetime | None:
    """What a server says the time is, to the second; None where it does not say."""
    try:
        answer = requests.head(address, timeout=TIMEOUT, allow_redirects=False)
        told = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (requests.RequestException, ValueError):
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)


def _mail(place: Workplace, send: bool) -> Iterator[Finding]:
    settings = place.loaded.config.alerts.mail
    if settings is None:
        if place.loaded.config.alerts.webhook is None:
            yield Finding(
                Level.WARNING,
                "alerts",
                "nobody is told of troubles",
                "Set `alerts: mail` or `alerts: webhook` (docs/alerts.md).",
            )
        return
    try:
        password = key_of(place, "password", settings.places_of("password"), ("alerts", "mail"))
        if send:
            send_by_smtp(settings, password, _trial(place, settings))
        else:
            with mail_server(settings, password) as server:
                server.noop()
    except ConfigError as error:
        yield _failed("mail", error)
    except (OSError, smtplib.SMTPException) as error:
        code = f"{error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__
        yield Finding(
            Level.FAULT,
            "mail",
            f"{settings.host}:{settings.port} does not take mail ({code})",
            "See host, port, tls, user and password under `alerts: mail:`.",
        )
    else:
        sent = f"a mail was sent to {', '.join(settings.to)}" if send else "signed in; --send sends a mail"
        yield Finding(Level.WELL, "mail", f"{settings.host}: {sent}")


def _trial(place: Workplace, settings: MailConfig) -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = " ".join(f"{place.loaded.config.site.title}: a mail to try it".split())
    made["From"], made["To"] = settings.sender, ", ".join(settings.to)
    made["Date"] = format_datetime(place.clock.now())
    made["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("This is how you will be told when something is wrong. It was asked for: tagora doctor --send\n")
    return made


def _webhooks(place: Workplace, send: bool, post: Post = post_by_http) -> Iterator[Finding]:
    config = place.loaded.config
    for hook, at in ((config.alerts.webhook, ("alerts", "webhook")), (config.review.webhook, ("review", "webhook"))):
        if hook is None:
            continue
        about = ".".join(at)
        try:
            secret = key_of(place, "secret", hook.places_of("secret"), at) or ""
            if send:
                body = orjson.dumps({"event": "trial", "at": place.clock.now()})
                deliver(hook.url, body, headers(secret, body, place.clock.now()), post)
        except ConfigError as error:
            yield _failed(about, error)
        except NotTaken as error:
            yield Finding(Level.FAULT, about, f"it did not take a message: {error}", f"See `{at[0]}: {at[1]}:`.")
        else:
            yield Finding(Level.WELL, about, "it took a message" if send else "its secret is read; --send tries it")


def _source(place: Workplace, one: Configured) -> Iterator[Finding]:
    """One cheap question, booked like any other; none without its keys, and none while the network wants a pause."""
    about = f"{one.campaign.slug}/{one.name}"
    with suppress(ConfigError):
        keys(one, place.loaded)
        with place.store.reading() as connection:
            held = sources.get(connection, source_id(place, one))
        if held is not None and held.rests_until is not None and held.rests_until > place.clock.now():
            yield Finding(Level.WARNING, about, f"not asked: it rests until {when(held.rests_until, place.zone)}")
            return
        yield from (told for told in ask_source(place, one) if isinstance(told, Finding))


def _troubles(place: Workplace, _send: bool) -> Iterator[Finding]:
    """What `tagora status` says too."""
    levels = {Severity.FAULT: Level.FAULT, Severity.WARNING: Level.WARNING, Severity.NOTE: Level.WELL}
    speech = Speech("en", place.loaded.config.timezone)
    with place.store.reading() as connection:
        found = troubles(gather(place, connection))
    for one in found:
        told = speech.told(one)
        yield Finding(levels[one.severity], one.about, f"{told.what} {told.loss}".strip(), told.repair)
