"""Shows a written site at a local address. For looking, not for the public: any static host does that better."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ..core.errors import UsageError


class _Pages(SimpleHTTPRequestHandler):
    """Files below one folder; 404.html for what is not there; nothing cached, so that a reload shows a new build."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 - the base class's own form
        **SimpleHTTPRequestHandler.extensions_map,
        ".html": "text/html; charset=utf-8",
        ".xml": "application/xml; charset=utf-8",
        ".json": "application/json; charset=utf-8",
        ".atom": "application/atom+xml; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
    }

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def list_directory(self, path: Any) -> None:  # folders without a page are no pages
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def copyfile(self, source: Any, outputfile: Any) -> None:
        try:
            super().copyfile(source, outputfile)
        except (BrokenPipeError, ConnectionResetError):  # the reader went on
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return  # quiet on success


@contextmanager
def serving(folder: Path, host: str, port: int, option: str = "--port") -> Iterator[str]:
    """Serves `folder` in the background and yields its address. Port 0 takes a free one. Raises UsageError, naming the
    `option` that chooses another, when the port is taken or the host is none of this machine's."""
    try:
        server = ThreadingHTTPServer((host, port), partial(_Pages, directory=str(folder)))
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise UsageError(
                f"{host} is no address of this machine", "Leave --host out, or write 0.0.0.0 for all it has."
            ) from None
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise UsageError(
                f"port {port} on {host} cannot be used: {error.strerror}", f"Choose another with {option}."
            ) from None
        raise
    thread = threading.Thread(target=server.serve_forever, name="serve", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def until_interrupted() -> None:
    """Waits for Ctrl-C, which is how showing a site is meant to end: no error, no message."""
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
