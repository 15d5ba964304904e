"""Addresses: what a person pastes, what a uri tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.platforms.mastodon.address import home_ref, ref_of_url


@pytest.mark.parametrize(
    "url, ref",
    [
        ("https://mastodon.uno/@anna/1130", ("activitypub@mastodon.uno", "1130")),
        ("https://mastodon.uno/@anna/1130/", ("activitypub@mastodon.uno", "1130")),
        ("https://Mastodon.UNO/@anna/1130?x=1#y", ("activitypub@mastodon.uno", "1130")),
        ("https://mastodon.uno/@anna@elsewhere.example/7", ("activitypub@mastodon.uno", "7")),
        ("https://mastodon.uno/deck/@anna/7", ("activitypub@mastodon.uno", "7")),
        ("https://mastodon.uno/users/anna/statuses/1", ("activitypub", "https://mastodon.uno/users/anna/statuses/1")),
        ("https://mastodon.uno/ap/users/9/statuses/1", ("activitypub", "https://mastodon.uno/ap/users/9/statuses/1")),
        ("https://gts.example/@sara/statuses/01JBPX", ("activitypub@gts.example", "01JBPX")),
        ("https://pleroma.example/notice/AoBc", ("activitypub@pleroma.example", "AoBc")),
        ("https://pleroma.example/objects/0b-1c", ("activitypub", "https://pleroma.example/objects/0b-1c")),
        ("https://mastodon.uno/@anna", None),
        ("https://mastodon.uno/about", None),
        ("https://mastodon.uno/@anna/../../etc", None),
        ("javascript:alert(1)//@a/1", None),
        ("ftp://mastodon.uno/@anna/1", None),
        ("non un indirizzo", None),
        ("", None),
    ],
)
def test_a_pasted_address_names_its_post(url: str, ref: tuple[str, str] | None) -> None:
    assert ref_of_url(url) == ref


@given(st.text())
def test_no_text_makes_reading_an_address_fail(text: str) -> None:
    ref_of_url(text)
    home_ref("https://x.example/" + text)
