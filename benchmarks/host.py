"""A web host as a site meets it: compressed answers, with the headers that `tagora headers` writes out."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tagora.site import render
from tagora.site.headers import of_inline, security
from tagora.site.kinds import cache_control, content_type

COMPRESSED = ("text/", "application/xml", "application/json", "application/atom", "application/feed", "image/svg")


@contextmanager
def hosting(folder: Path, port: int = 0) -> Iterator[str]:
    """Serves the site in `folder`; yields its address."""
    told = security(of_inline(render.asset(render.STYLE)))

    @lru_cache
    def body(path: Path, compress: bool) -> bytes:
        return gzip.compress(path.read_bytes(), 6) if compress else path.read_bytes()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.path.partition("?")[0].lstrip("/")
            asked = f"{asked}index.html" if asked.endswith("/") or not asked else asked
            file = (folder / asked).resolve()
            status = 200
            if folder.resolve() not in file.parents or not file.is_file():
                status, asked, file = 404, "404.html", folder / "404.html"
            kind = content_type(asked)
            compress = kind.startswith(COMPRESSED) and "gzip" in self.headers.get("Accept-Encoding", "")
            content = body(file, compress)
            self.send_response(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("Content-Type", kind)
            self.send_header("Cache-Control", cache_control(asked))
            if compress:
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Vary", "Accept-Encoding")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
