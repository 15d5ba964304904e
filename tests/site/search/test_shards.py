"""Which part of the index is made anew, whatever happens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tagora.site.search.shards import FEW, SHARE, Standing, Todo, decide

standings = st.builds(
    Standing,
    settled=st.integers(0, 100_000),
    others=st.integers(0, 100_000),
    fresh=st.booleans(),
    lost=st.booleans(),
    whole=st.booleans(),
)


@given(standings)
def test_lost_words_are_never_kept(standing: Standing) -> None:
    if standing.lost or not standing.whole:
        assert decide(standing) is Todo.SETTLE


@given(standings)
def test_nothing_is_done_only_where_nothing_is_new(standing: Standing) -> None:
    assert (decide(standing) is Todo.KEEP) == (not standing.fresh and not standing.lost and standing.whole)


@given(standings)
def test_the_active_shard_never_holds_more_than_its_share(standing: Standing) -> None:
    if decide(standing) is Todo.ACTIVE:
        assert standing.others <= max(FEW, standing.settled / SHARE)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40), st.integers(1, 20_000))
def test_over_time_a_changed_discussion_costs_a_bounded_number_of_settled_ones(
    changes: list[int], settled: int
) -> None:
    """Settling waits until as many discussions changed as pay for it: an eighth of what it costs."""
    others = paid = 0
    since = 0
    for changed in changes:
        others, since = others + changed, since + changed
        todo = decide(Standing(settled, others, fresh=True, lost=False, whole=True))
        if todo is Todo.SETTLE:
            assert since > max(FEW, settled // SHARE)
            settled, others, since = settled + others, 0, 0
            paid += 1
    assert paid <= sum(changes) / FEW
