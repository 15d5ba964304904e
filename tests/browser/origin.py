"""A host of its own: files or answers made up by the test, with the headers that it is told to say."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tagora.site.kinds import content_type


@dataclass
class Origin:
    """`made_up`: answers by path that stand before the files; None: the connection is cut. `asked`: the paths."""

    folder: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    made_up: dict[str, str | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def answer(self, path: str) -> tuple[str, bytes] | None:
        name = f"{path}index.html" if path.endswith("/") else path
        if path in self.made_up:
            said = self.made_up[path]
            return None if said is None else (content_type(name), said.encode())
        file = self.folder / name.lstrip("/") if self.folder else None
        return (content_type(name), file.read_bytes()) if file and file.is_file() else ("", b"")


@contextmanager
def origin(folder: Path | None = None, headers: Mapping[str, str] | None = None) -> Iterator[Origin]:
    told = Origin(folder, headers or {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            told.asked.append(path)
            answer = told.answer(path)
            if answer is None:
                self.close_connection = True
                return
            kind, body = answer
            self.send_response(200 if kind else 404)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.address = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
