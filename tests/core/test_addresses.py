"""One name for all spellings of an address that people copy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.core.normalise import canonical_url, clean_url, without_tracking


@pytest.mark.parametrize(
    "spelling",
    [
        "https://www.instagram.com/p/DBx4Yz/",
        "http://instagram.com/p/DBx4Yz",
        "  https://WWW.Instagram.com/p/DBx4Yz/?igsh=MzRl&utm_source=qr#comments ",
        "https://m.instagram.com:443/p/DBx4Yz/?igshid=1",
    ],
)
def test_all_spellings_of_one_page_have_one_name(spelling: str) -> None:
    assert canonical_url(spelling) == "https://instagram.com/p/DBx4Yz"


@pytest.mark.parametrize(
    "one, other",
    [
        ("https://a.example/P/1", "https://a.example/p/1"),
        ("https://a.example/watch?v=1", "https://a.example/watch?v=2"),
        ("https://a.example/1", "https://b.a.example/1"),
        ("https://m.example/1", "https://example/1"),
    ],
)
def test_different_pages_have_different_names(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("text", ["", "anna", "javascript:alert(1)", "ftp://a.example/1", "https://u:p@a.example/1"])
def test_what_is_no_web_address_has_no_name(text: str) -> None:
    assert canonical_url(text) is None


def test_what_a_page_needs_stays_in_its_address() -> None:
    kept = "https://www.youtube.com/watch?v=ab%20c+d&t=7&list="
    assert without_tracking(kept + "&si=x&fbclid=y#z") == kept


@given(st.text(), st.text(), st.text())
def test_a_name_is_a_clean_address_and_its_own_name(host: str, path: str, query: str) -> None:
    for url in (host, f"https://{host}/{path}?{query}", f"https://a.example/{path}?{query}"):
        name = canonical_url(url)
        assert name is None or (clean_url(name) == name and canonical_url(name) == name)
