"""Addresses: what a person pastes, what a uri tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.platforms.mastodon.address import home_ref, locate, ref_of_url
from tagora.collector.platforms.mastodon.config import MastodonConfig


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
    locate(MastodonConfig(), text)
    home_ref("https://x.example/" + text)


@pytest.mark.parametrize(
    "url, ref",
    [
        ("https://mastodon.uno/@anna/1130", ("activitypub@mastodon.uno", "1130")),
        ("https://Note.Example/notes/9abcdefghi?x=1", ("activitypub", "https://note.example/notes/9abcdefghi")),
        ("https://tube.example/w/mCzmMWNkbN7fHZQPVRpZQ9", ("activitypub", "https://tube.example/w/mCzmMWNkbN7fHZQPVRpZQ9")),
        ("https://lemmy.example/post/1234/", ("activitypub", "https://lemmy.example/post/1234")),
        ("https://www.instagram.com/p/ABC/", None),
        ("https://www.linkedin.com/posts/anna_ciao-activity-7", None),
        ("https://www.tiktok.com/@anna/video/7", None),
        ("https://blog.example/2026/11/ciao", None),
        ("javascript:alert(1)//post/1", None),
    ],
)  # fmt: skip
def test_posts_of_the_fediverse_s_other_servers_are_known_by_their_address(
    url: str, ref: tuple[str, str] | None
) -> None:
    assert locate(MastodonConfig(), url) == ref
