"""Addresses: what a person pastes, what a uri tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.platforms.bluesky.address import handle_of, locate, page_of, post_uri
from tagora.collector.platforms.bluesky.config import BlueskyConfig

DID = "did:plc:z72i7hdynmk6r22z27h6tvur"
URI = f"at://{DID}/app.bsky.feed.post/3l6oveex3ii2l"


@pytest.mark.parametrize(
    "url, uri",
    [
        (f"https://bsky.app/profile/{DID}/post/3l6oveex3ii2l", URI),
        (f"https://bsky.app/profile/{DID}/post/3l6oveex3ii2l/?a=1#b", URI),
        (f" http://www.bsky.app/profile/{DID}/post/3l6oveex3ii2l\n", URI),
        ("https://bsky.app/profile/Anna.Example.org/post/3k", "at://anna.example.org/app.bsky.feed.post/3k"),
        (URI, URI),
        ("https://bsky.app/profile/handle.invalid/post/3k", None),
        (f"https://bsky.app/profile/{DID}", None),
        (f"https://bsky.app/profile/{DID}/feed/3k", None),
        (f"https://bsky.app.evil.example/profile/{DID}/post/3k", None),
        (f"https://bsky.app/profile/{DID}/post/../../x", None),
        (f"at://{DID}/app.bsky.feed.generator/3k", None),
        ("https://bsky.app/profile/anna/post/3k", None),
        ("", None),
    ],
)
def test_a_pasted_address_names_its_post(url: str, uri: str | None) -> None:
    ref = locate(BlueskyConfig(), url)
    assert (ref and ref.native_id) == uri
    assert ref is None or ref.origin == "bluesky"


def test_a_posts_page_leads_back_to_its_uri() -> None:
    ref = locate(BlueskyConfig(), page_of(URI))
    assert ref and ref.native_id == URI


@given(st.text())
def test_no_text_makes_reading_an_address_fail(text: str) -> None:
    locate(BlueskyConfig(), text)
    post_uri(text)
    handle_of(text)
