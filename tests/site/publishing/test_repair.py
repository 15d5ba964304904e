"""A record made anew knows whose a file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tagora.site.pages import digest
from tagora.site.publishing.record import RECORD
from tagora.site.publishing.repair import GENERATOR, rebuilt

from .conftest import BASE, OWN_STORE, Built
from .places import FolderPlace

PAGE = GENERATOR + b'<link rel="canonical" href="%s">'
STYLE = b"body { color: black }"


def ours(place: FolderPlace, built: Built) -> set[str]:
    return set(rebuilt(place.open(), OWN_STORE, BASE, built.files).files)


@pytest.mark.parametrize(
    "path, content, is_ours",
    [
        ("talk/old.html", PAGE % f"{BASE}talk/old.html".encode(), True),
        ("talk/old.html", PAGE % b"https://elsewhere.example/talk/old.html", False),
        ("talk/old.html", f"<a href='{BASE}'>I like them</a>".encode(), False),
        ("404.html", GENERATOR, True),
        ("404.html", b"<h1>my own</h1>", False),
        ("talk/feed.atom", f"<id>{BASE}</id>".encode(), True),
        ("feed.json", b"{}", False),
        ("sitemap-talk-2026-11.xml", BASE.encode(), True),
        ("robots.txt", b"User-agent: *", False),
        (f"assets/site.{digest(STYLE)[:10]}.css", STYLE, True),
        ("assets/site.0123456789.css", STYLE, False),
        ("assets/logo.png", b"png", False),
        ("_redirects", f"# Tagora wrote this file for {BASE}\n/a /b 301\n".encode(), True),
        ("_redirects", b"/a /b 301\n", False),
        ("CNAME", BASE.encode(), False),
    ],
)
def test_a_file_is_ours_when_it_says_so(tmp_path: Path, path: str, content: bytes, is_ours: bool) -> None:
    place = FolderPlace(tmp_path / "www")
    place.write(path, content)
    assert ours(place, Built(tmp_path / "site")) == ({path} if is_ours else set())


def test_what_the_site_has_as_it_is_there_is_ours_whatever_it_is(tmp_path: Path) -> None:
    place, built = FolderPlace(tmp_path / "www"), Built(tmp_path / "site")
    built.file("robots.txt", b"User-agent: *")
    place.write("robots.txt", b"User-agent: *")
    assert ours(place, built) == {"robots.txt"}


def test_a_site_that_lies_inside_is_somebody_elses(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "www")
    inside = PAGE % f"{BASE}second/talk/a.html".encode()
    place.write("second/talk/a.html", inside)
    assert ours(place, Built(tmp_path / "site")) == {"second/talk/a.html"}  # nothing tells it from a page of ours
    place.write(f"second/{RECORD}", b"theirs")
    assert ours(place, Built(tmp_path / "site")) == set()
