"""The numbers that are published of the moderation add up, and say nothing that may not be said."""

from __future__ import annotations

from datetime import date, timedelta

from tagora.core.decisions import Verdict
from tagora.review.deciding import decide
from tagora.storage import forget, transparency
from tagora.storage.policy import set_publishing
from tagora.storage.store import Store
from tagora.storage.transparency import Counts, Noted, count

from ..agora import arrive, campaign, write
from ..make import NOON, author, sighting

SPAM = "- {name: spam, when: {words: [spam]}, then: reject, reason: advertising}\n"
CODES = frozenset({"spam", "advertising"})
DAY = date(2026, 11, 23)


def test_every_post_is_counted_once_by_what_became_of_it(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c, rules=SPAM + "- {name: ours, when: {author: bo}, then: accept}\n")
        bo, cy = author("bo"), author("cy")
        ids = arrive(
            c,
            agora,
            [
                *(sighting(str(n)) for n in range(6)),
                sighting("6", text="spam"),
                sighting("7", author=bo),
                sighting("8", author=cy),
                sighting("9"),
            ],
        )
        decide(c, agora, ids[:2], Verdict.APPROVE, "anna", NOON)
        decide(c, agora, [ids[2]], Verdict.REJECT, "anna", NOON, reason="spam")
        decide(c, agora, [ids[3]], Verdict.REJECT, "anna", NOON, reason="Mario Rossi lives there")
        decide(c, agora, [ids[4]], Verdict.HOLD, "anna", NOON)
        write(c, agora, "1", "edited", edited_at=NOON + timedelta(hours=1))
        forget.forget(c, forget.plan(c, "@cy"), lambda *named: b"%32d" % len(named[1]), NOON)
        found = count(c, agora, CODES)
        other = count(c, campaign(c, "other"), CODES)
    assert found == Counts(
        collected=10,
        approved_by_people=1,
        approved_by_rules=1,
        rejected_by_people=2,
        rejected_by_rules=1,
        waiting=4,
        withdrawn=1,
        reasons={"": 1, "advertising": 1, "spam": 1},
        edited_after_approval=1,
    )
    assert other == Counts()


def test_a_days_counts_are_noted_once_and_stand(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        assert transparency.lacking(c, DAY) == [agora]
        noted = Noted(DAY, Counts(collected=3, reasons={"spam": 1}), {"spam": {"it": "Spam", "en": "Spam"}})
        transparency.note(c, agora, noted)
        assert transparency.lacking(c, DAY) == []
        set_publishing(c, agora, False)
        assert transparency.lacking(c, DAY + timedelta(days=1)) == []  # readers go on seeing what they saw
        set_publishing(c, agora, True)
        transparency.note(c, agora, Noted(DAY + timedelta(days=2), Counts(collected=5)))
    with store.reading() as c:
        assert transparency.noted(c, DAY - timedelta(days=1)) == {}
        first = transparency.noted(c, DAY + timedelta(days=1))
        assert first["casnocha"] == noted
        assert transparency.noted(c, DAY + timedelta(days=9))["casnocha"].counts.collected == 5
