"""What is told outside: new posts that wait to another program, too long a wait by mail. Each look ends soon and can be
cut short anywhere: what was told is noted after it was told, so that it is told again rather than lost."""

from __future__ import annotations

import logging
import smtplib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import requests

from ..core.config import MailConfig
from ..core.errors import TagoraError
from ..core.yaml_lines import Path
from ..presentation.formats import Formats
from ..presentation.words import SOURCE_LANGUAGE, words
from ..review import telling
from ..review.telling import Waiting
from ..review.web.templating import LOCALES
from ..storage import figures
from ..storage import telling as told
from ..storage.running import running
from ..storage.stats import oldest_waiting
from ..storage.telling import Progress
from . import secrets
from .workplace import Workplace

log = logging.getLogger("tagora.alerts")
EVERY = 30  # seconds between two looks
TIMEOUT = (5, 15)  # seconds to connect, and to be answered
DELIVERIES = 10  # of one campaign in one look
MAIL = "told by mail"

Post = Callable[[str, bytes, Mapping[str, str]], int]  # address, body, headers -> status
Send = Callable[[MailConfig, str | None, EmailMessage], None]


class NotTold(TagoraError):
    """A receiver could not be told; it is tried again later."""

    exit_status = 1


class Teller:
    """Measures and tells, look by look; one that fails keeps the others from nothing, and is told once."""

    def __init__(self) -> None:
        self._failing: dict[str, str] = {}

    def look(self, place: Workplace) -> None:
        for act in (measure, tell_webhook, tell_by_mail):
            try:
                act(place)
            except TagoraError as error:
                if self._failing.get(act.__name__) != error.message:
                    log.error("%s", error)
                self._failing[act.__name__] = error.message
            else:
                self._failing.pop(act.__name__, None)


@contextmanager
def looking(place: Workplace) -> Iterator[None]:
    """While inside, queues are measured and alerts are told, as under `tagora run`; where that runs, it does so."""
    ended, teller = threading.Event(), Teller()

    def work() -> None:
        while not ended.wait(EVERY):
            try:
                with place.store.reading() as connection:
                    elsewhere = running(connection, place.clock.now())
                if elsewhere is None:
                    teller.look(place)
            except TagoraError as error:
                log.error("%s", error)
            except Exception:
                log.exception("a fault in the program itself; it goes on with the next look")

    thread = threading.Thread(target=work, name="alerts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(TIMEOUT[1])


def measure(place: Workplace) -> None:
    """How long the queues are, once an hour."""
    now = place.clock.now()
    with place.store.reading() as connection:
        if not figures.due(connection, now):
            return
    with place.store.writing() as connection:
        figures.sample(connection, now)


# --- the webhook -----------------------------------------------------------------------------------------------------


def tell_webhook(place: Workplace, post: Post | None = None) -> int:
    """Tells of every new post that waits; how many were told. A receiver that is new is told of what comes from now on.
    Raises NotTold for the first campaign of which it could not be told, after the others had their turn; ConfigError
    when its secret cannot be read."""
    webhook = place.loaded.config.review.webhook
    if webhook is None:
        return 0
    at = ("review", "webhook")
    secret = _key(place, "secret", webhook.places_of("secret"), at) or ""
    number, problem = 0, None
    for slug, ids in place.ids.items():
        try:
            number += _tell_campaign(place, slug, ids.campaign_id, webhook.url, secret, post or post_by_http)
        except NotTold as error:
            problem = problem or error
    if problem:
        raise problem
    return number


def _tell_campaign(place: Workplace, slug: str, campaign_id: int, url: str, secret: str, post: Post) -> int:
    key, number = f"told by webhook: {slug}", 0
    for _ in range(DELIVERIES):
        now = place.clock.now()
        with place.store.reading() as connection:
            so_far = told.progress(connection, key)
            if so_far is not None and not telling.is_due(so_far, now):
                return number
            since = told.newest_decision(connection) if so_far is None else so_far.told
            posts, up_to = told.new_pending(connection, campaign_id, since, telling.AT_ONCE)
        if so_far is None:
            _note(place, key, Progress(since))
        if up_to == since:
            return number
        if posts:
            body = telling.delivery(slug, posts, up_to, place.loaded.config.review.public_url)
            problem = _delivered(url, body, telling.headers(secret, body, now), post)
            if problem is not None:
                paused = telling.failed(so_far or Progress(since), now)
                _note(place, key, paused)
                raise NotTold(
                    f"the webhook could not be told of new posts in {slug}: {problem}",
                    f"It is tried again at {paused.due:%H:%M} UTC." if paused.due else "",
                )
        _note(place, key, telling.succeeded(so_far or Progress(), up_to, now))
        number += len(posts)
    return number


def _delivered(url: str, body: bytes, headers: Mapping[str, str], post: Post) -> str | None:
    """What went wrong, if anything did. The address stays out of it: it may hold a key."""
    try:
        status = post(url, body, headers)
    except requests.RequestException as error:
        return f"no answer ({type(error).__name__})"
    return None if 200 <= status < 300 else f"it answered {status}"


def post_by_http(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """No redirects: they could lead the signed body to somebody else. What is answered is not read."""
    answer = requests.post(url, data=body, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False, stream=True)
    answer.close()
    return answer.status_code


# --- the mail --------------------------------------------------------------------------------------------------------


def tell_by_mail(place: Workplace, send: Send | None = None) -> bool:
    """Sends a mail when a post has waited too long, at most once in that time; whether one was sent. Raises NotTold
    when it could not be sent, ConfigError when the password cannot be read."""
    config, now = place.loaded.config, place.clock.now()
    settings, limit = config.alerts.mail, config.alerts.oldest_pending
    if settings is None:
        return False
    with place.store.reading() as connection:
        so_far = told.progress(connection, MAIL) or Progress()
        if not telling.may_mail(so_far, limit, now):
            return False
        waiting = oldest_waiting(connection)
    campaigns = [
        Waiting(slug, _title(place, slug), *waiting[ids.campaign_id])
        for slug, ids in place.ids.items()
        if ids.campaign_id in waiting
    ]
    late = telling.too_old(campaigns, limit, now)
    if not late:
        return False
    at = ("alerts", "mail")
    password = _key(place, "password", settings.places_of("password"), at)
    language = next(iter(config.site.languages), SOURCE_LANGUAGE)
    subject, text = telling.mail(
        late,
        config.site.title,
        config.review.public_url,
        words(language, *LOCALES),
        Formats(language, config.timezone),
    )
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, settings.sender, ", ".join(settings.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    try:
        (send or send_by_smtp)(settings, password, message)
    except (OSError, smtplib.SMTPException) as error:
        paused = telling.failed(so_far, now)
        _note(place, MAIL, paused)
        reason = f"{error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__
        raise NotTold(
            f"the mail server {settings.host} did not take the mail about waiting posts ({reason})",
            "See `alerts: mail:` in the configuration; it is tried again.",
        ) from error
    _note(place, MAIL, telling.succeeded(so_far, 0, now))
    return True


def send_by_smtp(settings: MailConfig, password: str | None, message: EmailMessage) -> None:
    """Raises OSError or SMTPException. Certificates are looked at."""
    secure = ssl.create_default_context()
    if settings.tls == "tls":
        server = smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT[1], context=secure)
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT[1])
    with server:
        if settings.tls == "starttls":
            server.starttls(context=secure)
        if settings.user is not None and password is not None:
            server.login(settings.user, password)
        server.send_message(message)


# ---------------------------------------------------------------------------------------------------------------------


def _note(place: Workplace, key: str, now: Progress) -> None:
    with place.store.writing() as connection:
        told.set_progress(connection, key, now)


def _key(place: Workplace, name: str, places: Sequence[tuple[str, str]], at: Path) -> str | None:
    """A key that the settings at `at` name; None where they name none."""
    return secrets.read({name: places[0]} if places else {}, place.loaded.folder, place.loaded.document, at).get(name)


def _title(place: Workplace, slug: str) -> str:
    invitation = place.invitations.get(slug)
    return invitation.title if invitation else f"#{place.campaign(slug).hashtags[0]}"
