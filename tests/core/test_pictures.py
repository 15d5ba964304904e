"""Which sizes of a picture there are, and what becomes of the pictures of each network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector import registry
from tagora.core.config import SourceConfig
from tagora.core.picture_terms import TABLE, Row, pictures_of
from tagora.core.pictures import GREATEST, TALLEST, Rendition, fallback, sizes

PAGE = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text(encoding="utf-8")
SIDE = st.integers(1, 30_000)


@pytest.mark.parametrize(
    "picture, made",
    [
        ((4000, 3000), [(480, 360), (960, 720), (1600, 1200)]),
        ((1000, 500), [(480, 240), (1000, 500)]),  # 960 is hardly less
        ((300, 200), [(300, 200)]),
        ((1, 1), [(1, 1)]),
        ((800, 20_000), [(163, 4075)]),  # a strip
        ((20_000, 100), [(480, 2), (960, 5), (1600, 8)]),
    ],
)
def test_a_picture_has_a_few_sizes_and_is_never_made_greater(
    picture: tuple[int, int], made: list[tuple[int, int]]
) -> None:
    assert sizes(*picture) == made


@given(SIDE, SIDE)
def test_every_picture_has_sizes_that_fit(width: int, height: int) -> None:
    made = sizes(width, height)
    assert made == sorted(set(made)) and len(made) <= 3
    assert all(1 <= w <= min(width, GREATEST) for w, _ in made)
    assert all(1 <= h <= max(TALLEST, round(height / width)) for _, h in made)
    assert fallback(made) in made


def test_old_browsers_get_a_middling_size() -> None:
    assert fallback(sizes(4000, 3000)) == (960, 720)
    assert fallback(sizes(1100, 800)) == (480, 349)
    assert fallback(sizes(1000, 900)) == (480, 432)
    assert fallback([(1000, 500)]) == (1000, 500)


def test_a_copy_is_named_by_its_bytes_and_its_width() -> None:
    assert Rendition("ab" + "0" * 30, "webp", 480, 320).path == f"media/ab/{'0' * 30}-480.webp"


def test_the_page_holds_the_table() -> None:
    rows = re.findall(r"^\| (\w+) \| (.+?) \| (copy|link|none) \| (.+) \|$", PAGE, re.MULTILINE)
    assert [Row(*row) for row in rows] == list(TABLE)


def test_every_network_has_a_row() -> None:
    assert {row.platform for row in TABLE} == set(registry.names())


def test_a_source_may_say_otherwise_than_its_network() -> None:
    assert pictures_of("x", None) == "link" and pictures_of("mastodon", None) == "copy"
    assert pictures_of("x", "copy") == "copy" and pictures_of("mastodon", "none") == "none"
    assert pictures_of("a network that came later", None) == "link"
    assert SourceConfig.model_validate({"platform": "x", "pictures": "copy"}).pictures == "copy"
    with pytest.raises(ValueError, match="pictures"):
        SourceConfig.model_validate({"platform": "x", "pictures": "hotlink"})
