from __future__ import annotations

import pytest

from tagora.core.errors import UsageError
from tagora.core.reasons import STARTERS, Reason
from tagora.review.reasons import in_words, reasons, set_reasons
from tagora.storage.store import Store

from ..agora import campaign

OWN = (Reason("sponsor", "  Parla\ndello sponsor ", "About the sponsor"), Reason("spam", "Posta inutile", "Junk"))


def test_a_campaign_begins_with_ten_reasons_and_may_have_its_own(store: Store) -> None:
    with store.writing() as c:
        agora, other = campaign(c), campaign(c, "other")
        assert reasons(c, agora) == STARTERS and len(STARTERS) == 10
        set_reasons(c, agora, OWN)
        assert [(one.code, one.it) for one in reasons(c, agora)] == [
            ("sponsor", "Parla dello sponsor"),
            ("spam", "Posta inutile"),
        ]
        assert reasons(c, other) == STARTERS
        assert set_reasons(c, agora, []) == reasons(c, agora) == STARTERS


def test_a_reason_is_read_in_words_even_when_the_campaign_dropped_it() -> None:
    assert in_words("spam", OWN, "it") == "Posta inutile"
    assert in_words("hate", OWN, "it") == "Odio o discriminazione"
    assert in_words("hate", OWN, "en") == "Hate or discrimination"
    assert in_words("non mi piace", OWN, "it") == "non mi piace"
    assert in_words(None, OWN, "it") is None


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ([Reason("Due parole", "x", "x")], "cannot be a reason's code"),
        ([Reason("a", " ", "x")], "has no words"),
        ([Reason("a", "x", "x"), Reason("a", "y", "y")], "stands twice"),
        ([Reason(f"r{n}", "x", "x") for n in range(31)], "31 reasons"),
    ],
)
def test_reasons_that_nobody_could_use_are_refused(sqlite_store: Store, wanted: list[Reason], told: str) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        with pytest.raises(UsageError, match=told):
            set_reasons(c, agora, wanted)
        assert reasons(c, agora) == STARTERS
