"""X's ids hold their moment; its addresses hold its ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.platforms.x.config import XConfig
from tagora.collector.platforms.x.ids import locate, time_of
from tagora.core.records import PostRef


def test_an_id_holds_the_moment_it_was_issued() -> None:
    """The example id of X's own description, and its `created_at` there."""
    moment = time_of("1346889436626259968")
    assert moment is not None
    assert moment.replace(microsecond=0) == datetime(2021, 1, 6, 18, 40, 40, tzinfo=UTC)


@pytest.mark.parametrize("native_id", ["0", "20", "2873", "29700859247"])
def test_the_oldest_ids_hold_no_time(native_id: str) -> None:
    moment = time_of(native_id)
    assert moment is None or moment - datetime(2010, 11, 4, tzinfo=UTC) < timedelta(days=1)


@given(st.integers(0, 10**19 - 1))
def test_every_id_that_x_could_issue_has_a_time_or_none(number: int) -> None:
    time_of(str(number))


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/sara_v/status/1991435000000000000",
        "https://twitter.com/sara_v/status/1991435000000000000?s=20",
        "https://mobile.twitter.com/sara_v/statuses/1991435000000000000#m",
        "http://www.x.com/i/web/status/1991435000000000000/photo/1",
        " https://X.com/i/status/1991435000000000000 ",
    ],
)
def test_addresses_of_a_post_name_it(url: str) -> None:
    assert locate(None, url) == PostRef("x", "1991435000000000000")


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/sara_v",
        "https://x.com.evil.example/a/status/1",
        "https://example.org/https://x.com/a/status/1",
        "https://x.com/a/status/12345678901234567890",
        "https://x.com/a/status/１２",
        "javascript:https://x.com/a/status/1",
        "",
    ],
)
def test_other_addresses_name_no_post(url: str) -> None:
    assert locate(None, url) is None


def test_prices_are_counted_in_millionths_of_a_dollar() -> None:
    config = XConfig.model_validate({"usd_per_post": "0.005", "usd_per_user": 0.01})
    assert (config.post_micros, config.user_micros, config.worst_item_micros) == (5_000, 10_000, 15_000)


def test_the_new_spelling_counts_the_referenced_posts_that_come_with_it() -> None:
    assert XConfig(fields="post").worst_item_micros == 45_000
    assert XConfig(expand_users=False).worst_item_micros == 5_000
