"""Addresses on Facebook: which post of the configured Page a person means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.platforms.facebook import PLATFORM
from tagora.collector.platforms.facebook.config import FacebookConfig
from tagora.core.records import PostRef

CONFIG = FacebookConfig(page="1234567890")


@pytest.mark.parametrize(
    "url, native_id",
    [
        ("https://www.facebook.com/1234567890/posts/42", "1234567890_42"),
        (" https://www.facebook.com/1234567890/posts/42 ", "1234567890_42"),
        ("https://m.facebook.com/1234567890/posts/bella-domanda/42/?ref=x", "1234567890_42"),
        ("https://www.facebook.com/permalink.php?story_fbid=42&id=1234567890", "1234567890_42"),
        ("https://m.facebook.com/story.php?story_fbid=42&id=1234567890&__tn__=x", "1234567890_42"),
        ("https://www.facebook.com/1234567890/posts/42?comment_id=7", "42_7"),
        ("https://www.facebook.com/1234567890/posts/42?comment_id=7&reply_comment_id=8", "42_8"),
        ("https://www.facebook.com/meetthemediaguru/posts/42", "1234567890_42"),
        ("https://www.facebook.com/meet.the-media.guru/posts/42?comment_id=7", "42_7"),
        ("https://www.facebook.com/1234567890/photos/42", "1234567890_42"),
        ("https://www.facebook.com/meetthemediaguru/photos/a.1.2.3/42/?type=3", "1234567890_42"),
        ("https://www.facebook.com/photo.php?fbid=42&set=a.1", "1234567890_42"),
        ("https://www.facebook.com/photo/?fbid=42", "1234567890_42"),
        ("https://www.facebook.com/photo?fbid=42&comment_id=7", "42_7"),
    ],
)
def test_an_address_names_a_post_or_comment_of_the_configured_page(url: str, native_id: str) -> None:
    assert PLATFORM.locate(CONFIG, url) == PostRef("facebook", native_id)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.facebook.com/9876543210/posts/42",
        "https://www.facebook.com/permalink.php?story_fbid=42&id=9876543210",
        "https://www.facebook.com/permalink.php?story_fbid=42",
        "https://www.facebook.com/1234567890/posts/pfbid02abc",
        "https://www.facebook.com/1234567890/posts/42?comment_id=Y29tbWVudDo0Ml83",
        "https://www.facebook.com.evil.example/1234567890/posts/42",
        "https://www.facebook.com/groups/1/posts/42",
        "https://www.facebook.com/1234567890",
        "https://www.facebook.com/photo/?fbid=",
        "https://www.instagram.com/p/42/",
        "http://[",
        "1234567890_42",
    ],
)
def test_another_page_s_address_and_one_that_does_not_tell_the_number_name_nothing(url: str) -> None:
    assert PLATFORM.locate(CONFIG, url) is None


@given(st.text())
def test_no_text_makes_reading_an_address_fail(text: str) -> None:
    for url in (text, "https://www.facebook.com/" + text, "https://www.facebook.com/photo?" + text):
        PLATFORM.locate(CONFIG, url)
