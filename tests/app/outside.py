"""Receivers outside, as real servers on this machine: a program that takes webhooks, and a mail server."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import orjson
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Receiver:
    """A program that is told; it answers with `status`, and keeps what it got."""

    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def posts(self) -> list[int]:
        """All that it was told of and took."""
        return [post["post"] for _, body in self.got for post in orjson.loads(body)["posts"]]


@contextmanager
def receiving() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(made.status)
            if made.status == 302:
                self.send_header("Location", f"{made.url}elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@dataclass
class Mailbox:
    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    refuse: bool = False


@contextmanager
def mail_server(tls: str = "none", certificate: Path | None = None) -> Iterator[Mailbox]:
    """Knows team / pass-word. `tls`: none | starttls | tls, the latter two with the certificate and key in one file;
    then it takes no password before the line is secret."""

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            if made.refuse:
                return "451 try later"
            made.mails.append(message_from_bytes(envelope.content, policy=default))
            return "250 taken"

    def known(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, login: Any) -> AuthResult:
        return AuthResult(success=(login.login, login.password) == (b"team", b"pass-word"), handled=False)

    secure = None
    if certificate is not None:
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secure.load_cert_chain(certificate)

    class Server(Controller):
        def factory(self) -> SMTP:
            return SMTP(
                Handler(),
                authenticator=known,
                auth_required=True,
                auth_require_tls=tls == "starttls",
                require_starttls=tls == "starttls",
                tls_context=secure if tls == "starttls" else None,
            )

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Mailbox(free.getsockname()[1])
    server = Server(Handler(), "127.0.0.1", made.port, ssl_context=secure if tls == "tls" else None)
    server.start()
    yield made
    server.stop()


def certificate(folder: Path, host: str = "127.0.0.1") -> Path:
    """A certificate of our own making for `host`, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file
