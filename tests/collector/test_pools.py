"""Sharing questions loses nothing and reads nothing twice."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.contract import Support, Walk
from tagora.collector.pools import INDEX_LAG, pools
from tagora.core.records import PostRef
from tagora.storage.conversations import Conversation

from .fake_platform import START

SEARCH = Support(Walk.BACKWARD, exhaustive=True, batch=4)


def conversation(number: int, asked: int | None, mark: int | None) -> Conversation:
    """Asked at minute `asked` to the end; the post with its mark was written at minute `mark`."""
    return Conversation(
        post_id=number,
        kind="thread",
        ref=PostRef("fake", str(number)),
        seen_as=(),
        url=None,
        held=True,
        top=True,
        thread_id=number,
        via="tag",
        published_at=START,
        due_at=START,
        asked_at=None if asked is None else START + timedelta(minutes=asked),
        mark=None if mark is None else str(mark),
        mark_at=None if mark is None else START + timedelta(minutes=mark),
        filled=asked is not None,
        attempts=0,
        last_at=None,
        size=1,
    )


@st.composite
def _conversations(draw: st.DrawFn) -> list[Conversation]:
    found = []
    for number in range(draw(st.integers(0, 9))):
        asked = draw(st.none() | st.integers(10, 60))
        mark = None if asked is None else draw(st.none() | st.integers(0, asked))
        found.append(conversation(number, asked, mark))
    return found


@given(_conversations())
def test_every_due_conversation_is_asked_once_and_no_mark_skips_or_repeats_a_post(due: list[Conversation]) -> None:
    found = pools(due, SEARCH)
    assert sorted(one.post_id for pool in found for one in pool.members) == [one.post_id for one in due]
    for pool in found:
        assert len(pool.members) <= SEARCH.batch
        for one in pool.members:
            if not one.filled:
                assert pool.members == (one,)
                assert pool.mark is None
            elif pool.mark != one.mark:
                assert pool.mark_at is not None
                assert one.asked_at is not None
                assert pool.mark_at + INDEX_LAG <= one.asked_at, "everything under the mark was asked for"
                assert one.mark_at is None or one.mark_at <= pool.mark_at, "nothing held is asked for again"


def test_what_was_asked_in_one_run_shares_one_question_in_the_next() -> None:
    due = [conversation(number, 60, 10 + number) for number in range(4)]
    (pool,) = pools(due, SEARCH)
    assert pool.mark == "13"


def test_rescanned_conversations_are_asked_in_batches_whatever_their_marks() -> None:
    due = [conversation(number, None, None) for number in range(5)]
    rescan = Support(Walk.RESCAN, exhaustive=True, batch=2)
    assert [len(pool.members) for pool in pools(due, rescan)] == [2, 2, 1]
