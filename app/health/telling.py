"""Tells people of troubles: by mail and to a webhook, whichever the configuration names."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import orjson

from ...core.errors import ConfigError
from ...presentation.words import SOURCE_LANGUAGE
from ...review.telling import headers
from ...storage import troubles as kept
from ...storage.store import Connection
from ...storage.troubles import Channel, Line, Notice
from ..logs import event
from ..sending import NotTaken, NotTold, Post, Send, deliver, key_of, mail, post_by_http, send_by_smtp
from ..workplace import Workplace
from . import ledger
from .facts import gather
from .find import troubles
from .trouble import Trouble
from .words import Speech

log = logging.getLogger("tagora.alerts")
SUBJECT = 110  # characters of a subject, at most


def look(place: Workplace, connection: Connection) -> list[Trouble]:
    """The troubles of this moment, with what is remembered of them."""
    return troubles(gather(place, connection))


def tell_troubles(place: Workplace, *, send: Send = send_by_smtp, post: Post = post_by_http) -> int:
    """Notes which troubles there are, and tells what began, what is over and, once a day, what lasts: one notice at
    most by each way; how many were sent. Raises NotTold for the first way that failed, after the other had its turn."""
    seen = _observed(place)
    number, problem = 0, None
    for name, deliver_by in _channels(place, send, post).items():
        try:
            number += _tell(place, name, seen, deliver_by)
        except NotTold as error:
            problem = problem or error
    if problem:
        raise problem
    return number


def _observed(place: Workplace) -> list[Trouble]:
    now = place.clock.now()
    with place.store.reading() as connection:
        seen = look(place, connection)
        before = kept.known(connection)
    if ledger.observe(before, seen, now) != before:
        with place.store.writing() as connection:
            before = kept.known(connection)
            after = ledger.observe(before, seen, now)
            kept.set_known(connection, after)
        _log(seen, before.keys(), after.keys())
    return seen


def _log(seen: Sequence[Trouble], before: Collection[str], after: Collection[str]) -> None:
    speech = Speech(SOURCE_LANGUAGE, "UTC")
    for one in seen:
        if one.key not in before:
            words = f"trouble: {speech.told(one).what}"
            event(log, "trouble.began", words, kind=one.kind, about=one.about, severity=one.severity.value)
    for key in before:
        if key not in after:
            event(log, "trouble.ended", f"no trouble any more: {key}", key=key)


def _tell(place: Workplace, name: str, seen: Sequence[Trouble], deliver_by: Callable[[Notice], None]) -> bool:
    now = place.clock.now()

    def due(connection: Connection) -> tuple[Channel, Notice | None]:
        known = kept.known(connection)
        channel = kept.channel(connection, name)
        speech = speech_of(place)
        return channel, ledger.next_notice(
            channel, name, known, seen, lambda one: line(one, known[one.key].since, speech), now
        )

    with place.store.reading() as connection:
        if due(connection)[1] is None:
            return False
    with place.store.writing() as connection:  # looked at again: of two processes one writes it down
        channel, notice = due(connection)
        if notice is None:
            return False
        channel = ledger.writing_down(channel, notice)
        kept.set_channel(connection, name, channel)
    try:
        deliver_by(notice)
    except NotTaken as error:
        after = ledger.failed(channel, str(error), now, sure=error.sure)
        with place.store.writing() as connection:
            kept.set_channel(connection, name, after)
        raise NotTold(
            f"nobody could be told of {len(notice.begun) or 'lasting'} troubles by {name}: {error}",
            f"It is tried again at {after.due:%H:%M} UTC." if after.due else "",
        ) from error
    with place.store.writing() as connection:
        kept.set_channel(connection, name, ledger.succeeded(channel, notice, now))
    numbers = {"begun": len(notice.begun), "ended": len(notice.ended), "lasting": len(notice.lasting)}
    event(log, "notice.sent", f"told by {name}: {numbers}", way=name, **numbers)
    return True


def _channels(place: Workplace, send: Send, post: Post) -> dict[str, Callable[[Notice], None]]:
    alerts = place.loaded.config.alerts
    ways: dict[str, Callable[[Notice], None]] = {}
    if (settings := alerts.mail) is not None:

        def by_mail(notice: Notice) -> None:
            password = _key(place, "password", settings.places_of("password"), "mail")
            mail(settings, password, message(place, notice), send)

        ways["mail"] = by_mail
    if (hook := alerts.webhook) is not None:

        def by_webhook(notice: Notice) -> None:
            secret, told = _key(place, "secret", hook.places_of("secret"), "webhook") or "", body(notice)
            deliver(hook.url, told, headers(secret, told, place.clock.now()), post)

        ways["webhook"] = by_webhook
    return ways


def _key(place: Workplace, name: str, places: Sequence[tuple[str, str]], way: str) -> str | None:
    try:
        return key_of(place, name, places, ("alerts", way))
    except ConfigError as error:
        raise NotTaken(error.message) from None


# --- what is told ----------------------------------------------------------------------------------------------------


def speech_of(place: Workplace) -> Speech:
    """The language of those who are told: the site's first."""
    config = place.loaded.config
    return Speech(next(iter(config.site.languages), SOURCE_LANGUAGE), config.timezone)


def line(trouble: Trouble, since: datetime, speech: Speech) -> Line:
    told = speech.told(trouble)
    return Line(
        trouble.key,
        trouble.kind,
        trouble.about,
        trouble.severity.value,
        trouble.since or since,
        told.what,
        told.loss,
        told.repair,
        trouble.passes,
    )


def body(notice: Notice) -> bytes:
    """What a webhook is sent. `delivery` is the same whenever the same is sent again."""
    return orjson.dumps(
        {
            "event": "troubles",
            "delivery": f"troubles-{notice.number}",
            "at": notice.made_at,
            "begun": notice.begun,
            "ended": notice.ended,
            "lasting": notice.lasting,
        }
    )


def message(place: Workplace, notice: Notice) -> EmailMessage:
    """The mail; the same, with the same Message-ID, whenever the same is sent again."""
    config = place.loaded.config
    assert config.alerts.mail is not None
    sender, to = config.alerts.mail.sender, config.alerts.mail.to
    speech = speech_of(place)
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject(notice, config.site.title, speech), sender, ", ".join(to)
    made["Date"] = format_datetime(notice.made_at)
    name = hmac.new(place.key, f"notice {notice.number} {notice.made_at}".encode(), hashlib.sha256).hexdigest()[:32]
    made["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text(notice, config.review.public_url, speech))
    return made


def subject(notice: Notice, title: str, speech: Speech) -> str:
    tongue = speech.tongue
    if len(notice.begun) == 1:
        said = notice.begun[0].what
    elif notice.begun:
        said = tongue.ngettext("%(num)d new trouble", "%(num)d new troubles", len(notice.begun)) % {
            "num": len(notice.begun)
        }
    elif notice.ended:
        said = tongue.gettext("over: %(what)s") % {"what": notice.ended[0].what}
    else:
        said = tongue.ngettext("%(num)d trouble lasts", "%(num)d troubles last", len(notice.lasting)) % {
            "num": len(notice.lasting)
        }
    whole = " ".join(f"{title}: {said}".split())
    return whole if len(whole) <= SUBJECT else whole[:SUBJECT].rpartition(" ")[0] + " …"


def text(notice: Notice, review: str | None, speech: Speech) -> str:
    tongue = speech.tongue
    parts: list[str] = []
    for title, lines in (
        (tongue.gettext("New"), notice.begun),
        (tongue.gettext("Over"), notice.ended),
        (tongue.gettext("Lasting"), notice.lasting),
    ):
        if lines:
            parts += [f"{title}:", ""]
            for one in lines:
                told = (one.what,) if one in notice.ended else (one.what, one.loss, one.repair)
                parts += [f"- {told[0]}", *(f"  {more}" for more in told[1:] if more), ""]
    parts.append(tongue.gettext("How everything stands: tagora status"))
    if review:
        parts.append(review)
    return "\n".join(parts) + "\n"
