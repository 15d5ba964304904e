"""`tagora headers`, and what servers that follow it say; nginx and Caddy themselves are asked where they are here."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tagora.site import headers, render
from tagora.site.headers import Moves, of_inline

from ..folder import Folder
from ..programs import program

TOPS = ["/", "/agora/"]
MOVES: Moves = [("talk/old.html", "talk/index.html")]


def built(folder: Folder, top: str) -> Path:
    folder.config["site"]["base_url"] = f"https://example.org{top}"
    folder.write()
    assert folder("build").status == 0
    site = folder.path / "site"
    (site / ".tagora").mkdir()
    (site / ".tagora" / "published.json.gz").write_bytes(b"ours")
    return site


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def inline() -> str:
    return of_inline(render.asset(render.STYLE))


@contextmanager
def running(command: list[str | Path], port: int, **environment: str) -> Iterator[None]:
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ | environment)
    end = time.monotonic() + 30
    try:
        while True:
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < end
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def nginx(folder: Path, site: Path, base_url: str) -> Iterator[int]:
    nginx_program = program("nginx", package="nginx-light")
    port = free_port()
    snippet = folder / "agora.conf"
    snippet.write_text(headers.nginx(base_url, str(site), inline(), MOVES))
    config = folder / "nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(
        f"daemon off; {'user root; ' if os.getuid() == 0 else ''}pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port}; include {snippet}; }} }}\n"
    )
    with running([nginx_program, "-c", config, "-p", folder], port):
        yield port


@contextmanager
def caddy(folder: Path, site: Path, base_url: str) -> Iterator[int]:
    caddy_program = program("caddy", package="caddy")
    port = free_port()
    config = folder / "Caddyfile"
    snippet = headers.caddy(base_url, str(site), inline(), MOVES)
    config.write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\nhttp://127.0.0.1:{port} {{\n{snippet}}}\n")
    with running([caddy_program, "run", "--adapter", "caddyfile", "--config", config], port, HOME=str(folder)):
        yield port


@pytest.mark.parametrize("server", [nginx, caddy], ids=["nginx", "caddy"])
@pytest.mark.parametrize("top", TOPS)
def test_the_server_itself_says_what_it_should(lonely: Folder, tmp_path: Path, server: object, top: str) -> None:
    site = built(lonely, top)
    with server(tmp_path, site, f"https://example.org{top}") as port:  # type: ignore[operator]

        def ask(path: str) -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", top + path)
            return connection.getresponse()

        style = next(path.name for path in (site / "assets").glob("*.css"))
        for path, kind, cache in (
            ("", "text/html; charset=utf-8", headers.SHORT),
            ("talk/", "text/html; charset=utf-8", headers.SHORT),
            (f"assets/{style}", "text/css; charset=utf-8", headers.FOR_EVER),
            ("feed.atom", "application/atom+xml; charset=utf-8", headers.SHORT),
            ("talk/feed.json", "application/feed+json; charset=utf-8", headers.SHORT),
        ):
            answer = ask(path)
            assert answer.status == 200, path
            assert str(answer.getheader("Content-Type")).lower() == kind
            assert answer.getheader("Cache-Control") == cache
            for name, value in headers.security(inline()).items():
                assert answer.getheader(name) == value, (path, name)
        missing = ask("talk/nothing.html")
        assert missing.status == 404 and missing.read() == (site / "404.html").read_bytes()
        assert missing.getheader("Content-Security-Policy") == headers.security(inline())["Content-Security-Policy"]
        assert ask(".tagora/published.json.gz").status == 404
        moved = ask("talk/old.html")
        assert moved.status == 301 and str(moved.getheader("Location")).endswith(f"{top}talk/index.html")


def test_the_header_allows_what_pages_say_of_themselves_and_the_one_style_inside_a_page(lonely: Folder) -> None:
    site = built(lonely, "/")
    allowed = headers.security(inline())["Content-Security-Policy"]
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        said = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert said, page
        directives = dict(part.strip().split(" ", 1) for part in allowed.split(";"))
        for part in said[1].split("; "):
            name, sources = part.split(" ", 1)
            assert set(sources.split()) - {"'none'"} <= set(directives[name].split()), (page, name)
        styles = re.findall(r"<style>(.*?)</style>", text, re.S)
        assert all(of_inline(style.encode()) in said[1] for style in styles)


def test_it_is_written_for_each_server_with_the_moves_of_the_last_build(lonely: Folder) -> None:
    site = built(lonely, "/agora/")
    (site / "_redirects").write_text("# Tagora wrote this file\n/talk/old.html /talk/new.html 301\n")
    told = lonely("headers", "--for", "nginx", "--root", "/srv/my site").out
    assert 'alias "/srv/my site/assets/";' in told
    assert "location = /agora/talk/old.html { return 301 /agora/talk/new.html; }" in told
    told = lonely("headers", "--for", "caddy").out
    assert "redir /talk/old.html /agora/talk/new.html 301" in told and f'root * "{site}"' in told


def test_the_site_brings_its_own_for_hosts_that_read_them(lonely: Folder) -> None:
    site = built(lonely, "/")
    lines = (site / "_headers").read_text().splitlines()
    assert lines[0] == "# Tagora wrote this file for https://example.org/"
    assert f"  Content-Security-Policy: {headers.security(inline())['Content-Security-Policy']}" in lines
    at = lines.index("/assets/*")
    assert lines[at + 1] == f"  Cache-Control: {headers.FOR_EVER}"
    assert all((site / line.lstrip("/")).is_file() for line in lines if line.startswith("/") and "*" not in line)
