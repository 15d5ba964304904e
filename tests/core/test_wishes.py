"""The table of wishes: what each comes to, and that the page about it says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tagora.core.config import CampaignConfig
from tagora.core.wishes import KEPT, TABLE, Kept, Row, is_refused, is_unindexed, needs_a_person

PAGE = (Path(__file__).parents[2] / "docs" / "wishes.md").read_text(encoding="utf-8")
WISHES = st.lists(st.sampled_from([*KEPT, "something new"]))


def test_the_page_holds_the_table() -> None:
    rows = re.findall(r"^\| (.+?) \| `(.+?)` \| (.+) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert [Row(network, name, said, Kept(kept)) for network, name, said, kept in rows] == list(TABLE)


def test_a_wish_is_kept_alike_on_every_network() -> None:
    assert {row.name: row.kept for row in TABLE}.items() >= {(row.name, row.kept) for row in TABLE}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.network}-{row.name}")
def test_each_wish_comes_to_what_its_row_says(row: Row) -> None:
    asked = ("something new", row.name)
    assert is_refused(asked) is (row.kept is Kept.REFUSED)
    assert needs_a_person(asked) is (row.kept is Kept.BY_A_PERSON)
    assert is_unindexed(asked) is (row.kept in (Kept.UNINDEXED, Kept.REFUSED))


@given(WISHES, st.sets(st.sampled_from(sorted(KEPT))))
def test_a_campaign_can_refuse_more_and_never_less(asked: list[str], more: set[str]) -> None:
    assert is_refused(asked, more) is (is_refused(asked) or not more.isdisjoint(asked))
    assert is_refused(asked, more) >= is_refused(asked)


def test_who_asks_nothing_is_refused_nothing() -> None:
    assert not (is_refused(()) or needs_a_person(()) or is_unindexed(()))


def test_a_campaign_cannot_refuse_a_wish_that_there_is_not() -> None:
    with pytest.raises(ValidationError, match="'shy' is no wish; there are limited"):
        CampaignConfig.model_validate({"slug": "a", "hashtags": ["a"], "also_refuse": ["shy"]})
    assert CampaignConfig.model_validate({"slug": "a", "hashtags": ["a"], "also_refuse": ["limited"]}).also_refuse
