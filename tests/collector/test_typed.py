"""What a person types in becomes a sound sighting, or is refused; whatever it is."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector import registry
from tagora.collector.conformance import sound
from tagora.collector.contract import Raw
from tagora.collector.typed import PLATFORM, raw_of, ref_of, to_sightings
from tagora.core.errors import BadItem, ConfigError
from tagora.core.records import Author, Authority, PostRef

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://www.instagram.com/p/DBx4Yz/?igsh=1"
REF = PostRef("instagram.com", "https://instagram.com/p/DBx4Yz")
RAW = raw_of(REF, URL, NOW, text="Ascolto #Agora https://a.example/x.", written_at=NOW)


def test_it_is_named_by_its_host_and_address() -> None:
    assert ref_of(URL) == REF
    (told,) = to_sightings(RAW)
    sound(told)
    assert (told.seen_as, told.post.ref) == (REF, REF)
    assert told.post.url == "https://www.instagram.com/p/DBx4Yz/"
    assert told.post.hashtags == {"agora"}
    assert [one.target for one in told.post.entities] == ["agora", "https://a.example/x"]
    assert told.authority == Authority.RUMOUR, "any network's word goes before it"


@pytest.mark.parametrize("url", ["https://localhost/1", "https://intranet/1", "anna", "javascript:alert(1)"])
def test_no_public_host_no_name(url: str) -> None:
    assert ref_of(url) is None


@pytest.mark.parametrize(
    "written, author",
    [
        ("@Anna", Author("instagram.com", "@anna", handle="Anna", display_name="Anna")),
        ("Anna Verdi", Author("instagram.com", "Anna Verdi", display_name="Anna Verdi")),
        ("  ", None),
        ("@", None),
        (None, None),
    ],
)
def test_an_author_is_a_handle_a_name_or_nobody(written: str | None, author: Author | None) -> None:
    (told,) = to_sightings(dataclasses.replace(RAW, body={**RAW.body, "author": written}))
    sound(told)
    assert told.post.author == author


_ANY = st.none() | st.text() | st.integers() | st.lists(st.text(), max_size=2)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(RAW.body, _ANY)))
def test_any_damage_gives_a_sound_sighting_or_a_bad_item(changes: dict[str, object]) -> None:
    body = {**RAW.body, **changes}
    try:
        (told,) = to_sightings(Raw(REF, "typed", body, NOW))
    except BadItem:
        return
    sound(told)


def test_nobody_can_configure_a_source_of_it() -> None:
    assert PLATFORM.name not in registry.names()
    with pytest.raises(ConfigError):
        registry.load(PLATFORM.name)
