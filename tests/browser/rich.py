"""A small site with everything that readers may meet: every kind of page, both languages, posts that mean harm."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from tagora.app.building import build_site
from tagora.app.picturing import look as copy_pictures
from tagora.app.workplace import open_workplace
from tagora.core.clock import ManualClock
from tagora.storage import tables as t

from ..folder import Folder
from ..make import NOON
from ..pictures import medium, photo
from ..site_store import Filler

TALK = """\
---
title: Che tipo di networker sei? Racconta la tua storia & quella dei tuoi <incontri>
url: https://www.example.org/articoli/che-tipo-di-networker-sei
gurus: [Ben Casnocha, Reid Hoffman]
author: Maria Grazia Mattei
content_type: Lezione
language: it
date: 2026-11-02
closes: 2026-12-20
---

Chi sono le persone che contano **davvero**? [Il libro](https://www.example.org/libro) ne parla.

## Tre domande

1. Da dove vieni?
2. Con chi vai?

> Una rete non è un elenco.

<script>window.ran = 'invitation'</script>

`#mmgCasnocha` è il segno. ![una sala](https://elsewhere.example/sala.jpg)
"""
CITY = """\
---
title: A city that listens
language: en
date: 2026-08-01
closes: 2026-09-30
---

What did it say?
"""
HOSTILE = (
    "<script>window.ran = 'text'</script><img src=x onerror=\"window.ran = 'image'\">"
    "</script></style></title><svg onload=\"window.ran = 'svg'\"> {{ 7 * 7 }} {% raw %} ]]> --> &lt;b&gt; "
    "https://elsewhere.example/" + "a" * 400 + " " + "W" * 500 + " \u202eevil\u202c \u200f\u2066 "
)
ARABIC = "الشبكة ليست قائمة من الأسماء، بل هي أشخاص يلتقون. #mmgCasnocha @anna https://example.org"
HEBREW = "רשת אינה רשימה. היא אנשים."
LINK = {"start": 0, "end": 6, "kind": "link", "target": "javascript:window.ran='link'", "display": None}
PICTURES: tuple[dict[str, Any], ...] = (
    {
        "kind": "image",
        "url": "https://elsewhere.example/1.jpg",
        "alt": 'Una sala " onload=x <b>',
        "width": 900,
        "height": 600,
    },
    {"kind": "video", "url": "https://elsewhere.example/1.mp4", "alt": None, "width": 640, "height": 360},
)


def rich_site(folder: Path) -> Path:
    """Builds it below `folder`; where it is."""
    made = Folder(
        folder,
        {
            "store": "sqlite:///tagora.db",
            "secret_file": "withdrawals.key",
            "contact": "team@example.org",
            "timezone": "Europe/Rome",
            "legal": {
                "controller": "Fondazione Esempio",
                "contact": "privacy@example.org",
                "privacy_url": "https://example.org/privacy",
                "keep_years": 5,
            },
            "site": {"out": "site", "base_url": "https://example.org/", "title": "Agorà", "languages": ["it", "en"]},
            "campaigns": [
                {"slug": "talk", "hashtags": ["mmgCasnocha", "networker"], "invitation": "talk.md", "sources": SOURCES},
                {"slug": "city", "hashtags": ["city"], "invitation": "city.md"},
            ],
        },
    )
    (folder / "talk.md").write_text(TALK, encoding="utf-8")
    (folder / "city.md").write_text(CITY, encoding="utf-8")
    with open_workplace(made.file, ManualClock(NOON)) as place:
        with place.store.writing() as connection:
            filler = Filler(connection, campaign_id=place.ids["talk"].campaign_id, _ids=iter(range(1_000, 100_000)))  # type: ignore[arg-type]
            sources = dict(place.ids["talk"].sources)
            _long_thread(filler, sources["x"])
            _strange_threads(filler, sources)
            _ordinary_threads(filler, sources)
            _pictured_thread(filler, sources["fedi"])
            filler.campaign_id = place.ids["city"].campaign_id
            filler.post("c1", "It hummed.", by="carla", origin="activitypub", minutes=-90_000, lang="en")
            filler.done()
        copied = copy_pictures(place, fetch=_picture, pause=0)
        assert copied.problems == []
        report = build_site(place)
        assert report.failures == ()
        return place.site_folder


SOURCES = [
    {"platform": "x", "name": "x"},
    {"platform": "mastodon", "name": "fedi", "base_url": "https://mastodon.example", "pictures": "copy"},
    {"platform": "facebook", "name": "page", "page": "1", "authors": "initials"},
]


def _long_thread(filler: Filler, source: int) -> None:
    """Deeper than lists are nested, longer than one would read at once."""
    root = filler.post("long", "Che tipo di networker sei?", lang="it", source_id=source, featured=True, replies=50)
    above = root
    for number in range(14):
        above = filler.post(
            f"deep{number}", f"Risposta {number}", reply_to=above, by=f"p{number % 5}", minutes=number + 1
        )
    for number in range(25):
        filler.post(f"wide{number}", f"Anch'io, {number}.", reply_to=root, by=f"q{number % 9}", minutes=30 + number)
    for number, gap in enumerate(("deleted", "limit", "unreachable", "beyond_window", "forgotten")):
        missing = filler.post(f"gap{number}", reply_to=root, gap=gap, held=False)
        filler.post(f"after{number}", "A chi non è qui", reply_to=missing, minutes=200 + number)
    filler.post("rejected", "no", reply_to=root, status="rejected", minutes=300)


def _strange_threads(filler: Filler, sources: dict[str, int]) -> None:
    evil = {"display_name": "<b>Eva</b> \u202e" + "m" * 200, "url": "javascript:window.ran='author'"}
    hostile = filler.post(
        "hostile",
        HOSTILE,
        by="eva",
        author=evil,
        minutes=-50,
        entities=(LINK,),
        media=PICTURES,
        sensitive=True,
        title="<script>window.ran='title'</script>",
        source_id=sources["x"],
    )
    filler.post(
        "quoting", "Da leggere", reply_to=hostile, quote_id=hostile, by="bruno", minutes=-40, source_id=sources["x"]
    )
    arabic = filler.post(
        "rtl", ARABIC, by="leila", origin="activitypub", lang="ar", minutes=-30, source_id=sources["fedi"]
    )
    filler.post("rtl2", HEBREW, reply_to=arabic, by="noa", origin="activitypub", lang="he", minutes=-20)
    warned = filler.post(
        "warned",
        "La fine",
        warning="Trama: " + "x" * 120,
        by="carla",
        origin="activitypub",
        minutes=-10,
        media=PICTURES[:1],
    )
    filler.post("edited", "Corretto", reply_to=warned, by="dino", origin="activitypub", edited_at=NOON, minutes=-5)
    filler.post("empty", " ", by="anna", minutes=-4, media=PICTURES[:1])
    filler.post("huge", "parola " * 1_500, by="anna", minutes=-3)


def _pictured_thread(filler: Filler, source: int) -> None:
    """One picture, several, a strip, a still, folded ones; with words that mean harm, and without any."""

    def post(name: str, *media: dict[str, Any], **more: Any) -> int:
        return filler.post(
            f"pic-{name}", name, origin="activitypub", by="dora", source_id=source, media=media, lang="it", **more
        )

    evil = HOSTILE[:300]
    root = post("one", medium("900x600", evil), minutes=-80)
    post("three", *(medium(f"{size}-{evil[:3]}", None) for size in ("600x400", "400x600", "500x500")), reply_to=root)
    post("strip", medium("300x1200"), reply_to=root, minutes=-78)
    film = medium("640x360", kind="video", preview_url=medium("640x360")["url"])
    post("film", film, medium("no picture", None, kind="audio"), reply_to=root, minutes=-77)
    post("folded", medium("700x500"), reply_to=root, minutes=-76, sensitive=True)
    post("warned", medium("800x500"), reply_to=root, minutes=-75, warning="Trama")


def _picture(url: str) -> bytes:
    """Its name says how large it is."""
    width, height = map(int, re.findall(r"\d+", url)[:2])
    return photo(width, height, colour=f"#{width % 256:02x}{height % 256:02x}3b")


def _ordinary_threads(filler: Filler, sources: dict[str, int]) -> None:
    for number in range(25):
        root = filler.post(
            f"o{number}",
            f"Io coltivo poche amicizie, con pazienza. È il mio modo, da {number} anni.",
            by=f"r{number}",
            origin=("x", "facebook", "activitypub")[number % 3],
            source_id=sources[("x", "page", "fedi")[number % 3]],
            minutes=-number * 3_000 - 100,
            lang="it",
            featured=number == 3,
        )
        filler.post(f"oa{number}", "D'accordo.", reply_to=root, by=f"s{number}", minutes=-number * 3_000 - 60)
        if number == 7:
            thread = filler.connection.execute(t.post.select().where(t.post.c.id == root)).one().thread_id
            filler.connection.execute(insert(t.thread_alias).values(address="a" * 20, thread_id=thread))
