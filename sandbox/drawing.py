"""Pictures drawn by rule: a sky, a sun and hills in the colours of their post. They are nobody's work."""

from __future__ import annotations

import io
import math
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageFilter

LAYERS = 5
Colour = tuple[int, int, int]


@lru_cache(maxsize=64)
def drawn(name: str, width: int, height: int, colour: str) -> bytes:
    """A PNG; the same for the same name, size and colour (`#rrggbb`)."""
    chance = Random(name)
    base: Colour = (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
    sky = _mixed(base, (255, 250, 240), 0.82)
    picture = Image.new("RGB", (1, 2))
    picture.putpixel((0, 0), _mixed(base, (255, 255, 255), 0.35))
    picture.putpixel((0, 1), sky)
    picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(picture)
    radius = min(width, height) * chance.uniform(0.07, 0.12)
    x, y = width * chance.uniform(0.2, 0.8), height * chance.uniform(0.2, 0.42)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_mixed(sky, (255, 214, 120), 0.7))
    for layer in range(LAYERS):
        shade = _mixed(_mixed(base, sky, 0.75), _mixed(base, (20, 24, 30), 0.55), layer / (LAYERS - 1))
        pen.polygon(_hill(chance, width, height, layer), fill=shade)
    picture = picture.filter(ImageFilter.SMOOTH)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _hill(chance: Random, width: int, height: int, layer: int) -> list[tuple[float, float]]:
    top = height * (0.42 + 0.12 * layer)
    waves = [(chance.uniform(0.5, 3.0), chance.uniform(0, math.tau), chance.uniform(0.015, 0.05)) for _ in range(3)]
    step = max(1, width // 160)
    line = [
        (at, top + height * sum(size * math.sin(math.tau * often * at / width + begin) for often, begin, size in waves))
        for at in range(0, width + step, step)
    ]
    return [(0, height), *line, (width, height)]


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
