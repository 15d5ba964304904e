"""How something leaves for people and programs outside: a mail by SMTP, a signed body by HTTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import EmailMessage

import requests

from ..core.config import MailConfig
from ..core.errors import TagoraError
from ..core.yaml_lines import Path
from . import secrets
from .workplace import Workplace

TIMEOUT = (5, 15)  # seconds to connect, and to be answered

Post = Callable[[str, bytes, Mapping[str, str]], int]  # address, body, headers -> status
Send = Callable[[MailConfig, str | None, EmailMessage], None]


class NotTold(TagoraError):
    """A receiver could not be told; it is tried again later."""

    exit_status = 1


class NotTaken(Exception):
    """What was sent did not arrive, in a few words that name no address (it may hold a key). `sure` False: it may have
    arrived all the same."""

    def __init__(self, words: str, *, sure: bool = True) -> None:
        super().__init__(words)
        self.sure = sure


def deliver(url: str, body: bytes, headers: Mapping[str, str], post: Post) -> None:
    """Raises NotTaken for any answer but 2xx, and for none."""
    try:
        status = post(url, body, headers)
    except requests.RequestException as error:
        sure = not isinstance(error, requests.ReadTimeout)
        raise NotTaken(f"no answer ({type(error).__name__})", sure=sure) from error
    if not 200 <= status < 300:
        raise NotTaken(f"it answered {status}")


def post_by_http(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """No redirects: they could lead the signed body to somebody else. What is answered is not read."""
    answer = requests.post(url, data=body, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False, stream=True)
    answer.close()
    return answer.status_code


def mail(settings: MailConfig, password: str | None, message: EmailMessage, send: Send) -> None:
    """Raises NotTaken."""
    try:
        send(settings, password, message)
    except (OSError, smtplib.SMTPException) as error:
        sure = not isinstance(error, TimeoutError | smtplib.SMTPServerDisconnected)
        reason = f"{error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__
        raise NotTaken(f"the mail server {settings.host} did not take it ({reason})", sure=sure) from error


def send_by_smtp(settings: MailConfig, password: str | None, message: EmailMessage) -> None:
    """Raises OSError or SMTPException."""
    with mail_server(settings, password) as server:
        server.send_message(message)


@contextmanager
def mail_server(settings: MailConfig, password: str | None) -> Iterator[smtplib.SMTP]:
    """Signed in at the server, over a secret line. Certificates are looked at. Raises OSError or SMTPException."""
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
        yield server


def key_of(place: Workplace, name: str, places: Sequence[tuple[str, str]], at: Path) -> str | None:
    """A key that the settings at `at` name; None where they name none. Raises ConfigError when it cannot be read."""
    return secrets.read({name: places[0]} if places else {}, place.loaded.folder, place.loaded.document, at).get(name)
