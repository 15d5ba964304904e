"""A campaign that was closed cools for two weeks before it ends."""

from __future__ import annotations

from datetime import date

import pytest

from tagora.core.closing import Phase, ends_on, phase


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 25), Phase.COOLING),
        (date(2026, 12, 8), Phase.COOLING),
        (date(2026, 12, 9), Phase.ENDED),
        (date(2027, 11, 25), Phase.ENDED),
    ],
)
def test_a_closed_campaign_cools_for_two_weeks_and_then_has_ended(today: date, expected: Phase) -> None:
    closed_on = date(2026, 11, 25)
    assert ends_on(closed_on) == date(2026, 12, 9)
    assert phase(closed_on, today) is expected
    assert phase(None, today) is Phase.OPEN
