"""What becomes of the pictures of a network's posts unless a source says otherwise, and why. Pure; docs/pictures.md
shows the table, a test compares the two.

Where a network's terms were not confirmed the careful choice stands: a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Pictures = Literal["copy", "link", "none"]


class Row(NamedTuple):
    """One network: its platform, what holds where nothing is said, and for which reason."""

    platform: str
    network: str
    usual: Pictures
    why: str


TABLE = (
    Row("mastodon", "Mastodon", "copy",
        "there are no common terms; servers hand posts with their pictures to each other, and each keeps copies"),
    Row("bluesky", "Bluesky", "copy",
        "posts and pictures are published for everybody to read and copy; what is deleted must go, which looking again "
        "sees to"),
    Row("x", "X", "link",
        "what is shown must be what the API gives now, and whether pictures may be copied is not confirmed"),
    Row("facebook", "Facebook", "link",
        "addresses of pictures are signed and end, and whether commenters' pictures may be copied is not confirmed; "
        "say `copy` where the Page's pictures are yours"),
    Row("feed", "Blogs", "link",
        "another's work is quoted, not copied; say `copy` where the author or the licence allows it"),
)  # fmt: skip

_USUAL: Mapping[str, Pictures] = MappingProxyType({row.platform: row.usual for row in TABLE})


def pictures_of(platform: str, said: Pictures | None) -> Pictures:
    """What becomes of a source's pictures: what it says, else what is usual on its network, else a link."""
    return said or _USUAL.get(platform, "link")
