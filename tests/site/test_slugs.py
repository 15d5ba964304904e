"""Names in addresses."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tagora.site.slugs import same, slug_of

NAMES = st.text() | st.text(alphabet="aàbB +#-'. 0", max_size=6)


def test_a_plain_name_is_its_own_words() -> None:
    assert slug_of("Ben Casnocha") == slug_of(" ben  casnocha ") == "ben-casnocha"


def test_names_that_an_address_cannot_hold_stay_apart() -> None:
    names = [
        "C++",
        "C#",
        "C",
        "José Saramago",
        "Jose Saramago",
        "D'Alema",
        "D Alema",
        "a-b",
        "a b",
        "王",
        "李",
        "!",
        "",
    ]
    assert len({slug_of(name) for name in names}) == len(names)
    assert slug_of("José Saramago").startswith("jose-saramago--")


@given(NAMES)
def test_a_slug_is_safe_in_an_address_and_as_a_folder(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:--[0-9a-f]{10})?", slug_of(name))


@given(NAMES, NAMES)
def test_two_names_share_a_slug_only_when_they_are_one(one: str, other: str) -> None:
    assert (slug_of(one) == slug_of(other)) == (same(one) == same(other))
