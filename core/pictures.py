"""Copies of pictures: which sizes of one are made, what they are called. Pure."""

from __future__ import annotations

from typing import NamedTuple

FOLDER = "media/"  # below the site's address
WIDTHS = (480, 960)  # beside the greatest one
GREATEST = 1600
TALLEST = 4096  # a strip of text is not to become a page of its own
APART = 1.2  # a size that the greatest hardly surpasses is left out
FALLBACK = 960  # for browsers without WebP
MODERN = "webp"
KINDS = (MODERN, "jpg", "png")
PER_POST = 20  # more of one post's are not copied


class Rendition(NamedTuple):
    """One size of a picture in one format. `digest` names its bytes: 32 hex digits."""

    digest: str
    kind: str
    width: int
    height: int

    @property
    def path(self) -> str:
        """Below the site's address, and below the folder of copies: it changes with the bytes."""
        return f"{FOLDER}{self.digest[:2]}/{self.digest[2:]}-{self.width}.{self.kind}"


def sizes(width: int, height: int) -> list[tuple[int, int]]:
    """The sizes in which a picture of these measures is shown, the smallest first; never greater than it is."""
    top = max(1, min(width, GREATEST, TALLEST * width // height))
    chosen = [each for each in WIDTHS if each * APART <= top]
    return [(each, max(1, round(height * each / width))) for each in (*chosen, top)]


def fallback(made: list[tuple[int, int]]) -> tuple[int, int]:
    """That of the sizes which browsers get that know the old formats only."""
    fitting = [size for size in made if size[0] <= FALLBACK]
    return fitting[-1] if fitting else made[0]
