"""The pictures of the script, at the addresses that answers name."""

from __future__ import annotations

import re

from . import ids
from .drawing import drawn
from .png import png
from .script import Script
from .web import Answer, html_answer

LARGEST = 4000


def picture(script: Script, name: str) -> Answer:
    """`KEY-N.png` is the Nth picture of a post; `avatar-….png` and `header.png` are made up by name."""
    headers = {"Cache-Control": "max-age=3600"}
    found = re.fullmatch(r"(.+)-(\d+)\.png", name)
    if found and not name.startswith("avatar-"):
        for post in script.posts:
            if post.key == found[1] and int(found[2]) < len(post.media):
                media = post.media[int(found[2])]
                body = drawn(name, min(media.width, LARGEST), min(media.height, LARGEST), media.colour)
                return Answer(200, body, "image/png", headers)
    if name.startswith("avatar-") or name == "header.png":
        return Answer(200, png(48, 48, f"#{ids.stable('colour', name, bits=24):06x}"), "image/png", headers)
    return html_answer(404, "No such picture")
