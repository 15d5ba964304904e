"""In which order things are sent and removed, and what a record may say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.site.publishing.plan import Wanted, plan
from tagora.site.publishing.record import Record, Sent, dumps, loads

OURS = "our store"


def page(sha: str, *shown: int, is_list: bool = False) -> Wanted:
    return Wanted(sha, 10, is_list, shown)


def sent(sha: str | None, *shown: int) -> Sent:
    return Sent(sha, 10, shown)


def test_withdrawals_go_first_then_what_pages_need_then_discussions_then_the_lists_that_lead_to_them() -> None:
    record = Record(
        OURS,
        {
            "talk/gone.html": sent("1", 1),
            "talk/corrected.html": sent("1", 2, 3),
            "index.html": sent("1", 1, 2),
            "talk/moved.html": sent("1", 4),
            "talk/index.html": sent("1", 2),
            "assets/old.css": sent("1"),
        },
    )
    wanted = {
        "index.html": page("2", 2, is_list=True),
        "talk/index.html": page("2", 2, 4, is_list=True),
        "talk/corrected.html": page("2", 2),
        "talk/there.html": page("1", 4),
        "assets/new.css": page("1", is_list=True),
    }
    made = plan(wanted, record, lambda posts: {1, 3} & set(posts))
    assert made.withdrawn == ("talk/gone.html",)
    assert made.corrected == ("talk/corrected.html", "index.html")
    assert made.assets == ("assets/new.css",)
    assert made.discussions == ("talk/there.html",)
    assert made.lists == ("talk/index.html",)
    assert made.left_over == ("assets/old.css", "talk/moved.html")
    assert (made.vanishing, made.before, made.unchanged) == (1, 6, 0)


def test_a_post_that_falls_off_a_list_is_not_withdrawn() -> None:
    record = Record(OURS, {"index.html": sent("1", 1, 2)})
    made = plan({"index.html": page("2", 2, 3, is_list=True)}, record, lambda _posts: set())
    assert made.corrected == () and made.lists == ("index.html",)


INDEX = {
    "search/fragment/qaa_1.pf_fragment": sent("1", 1, 2),
    "search/fragment/qaa_2.pf_fragment": sent("1", 3),
    "search/index/qaa_3.pf_index": sent("1"),
    "search/pagefind.qaa_4.pf_meta": sent("1"),
    "search/shards.pf_entry": sent("1"),
    "search/index.html": sent("1"),
    "talk/one.html": sent("1", 1, 2),
    "assets/pagefind.0123456789.js": sent("1"),
}


def test_of_a_new_index_the_entry_comes_last_and_the_former_one_goes_after_it_and_is_no_shrinking() -> None:
    wanted = {
        "search/fragment/qaa_1.pf_fragment": page("1", 1, 2),
        "search/index/qaa_5.pf_index": page("1"),
        "search/shards.pf_entry": page("2", is_list=True),
        "search/index.html": page("1", is_list=True),
        "talk/one.html": page("1", 1, 2),
        "assets/pagefind.0123456789.js": page("1"),
    }
    made = plan(wanted, Record(OURS, INDEX), lambda _posts: set())
    assert made.assets == ("search/index/qaa_5.pf_index",) and made.lists == ("search/shards.pf_entry",)
    assert set(made.left_over) == INDEX.keys() - wanted.keys() and made.withdrawn == made.corrected == ()
    assert (made.vanishing, made.before) == (0, 4) and not made.shrinks_beyond(0)


def test_where_a_post_in_the_index_was_withdrawn_what_leaves_goes_first_and_what_follows_comes_at_once() -> None:
    wanted = {
        "search/fragment/qaa_2.pf_fragment": page("1", 3),
        "search/fragment/qaa_6.pf_fragment": page("1", 2),
        "search/index/qaa_5.pf_index": page("1"),
        "search/shards.pf_entry": page("2", is_list=True),
        "search/index.html": page("1", is_list=True),
        "talk/one.html": page("2", 2),
        "talk/new.html": page("1", 9),
        "assets/pagefind.0123456789.js": page("1"),
    }
    made = plan(wanted, Record(OURS, INDEX), {1}.intersection)
    assert set(made.withdrawn) == {
        "search/fragment/qaa_1.pf_fragment", "search/index/qaa_3.pf_index", "search/pagefind.qaa_4.pf_meta"
    }  # fmt: skip
    assert made.corrected == (
        "search/fragment/qaa_6.pf_fragment", "search/index/qaa_5.pf_index", "talk/one.html", "search/shards.pf_entry"
    )  # fmt: skip
    assert made.discussions == ("talk/new.html",) and made.left_over == ()


def test_what_nobody_knows_the_posts_of_is_replaced_before_anything_new() -> None:
    record = Record(OURS, {"talk/a.html": Sent("1", 10, None)})
    wanted = {"talk/a.html": page("2", 1), "talk/b.html": page("2", 2)}
    made = plan(wanted, record, lambda _posts: set())
    assert made.corrected == ("talk/a.html",) and made.discussions == ("talk/b.html",)


@given(
    st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)), st.sets(st.integers(0, 60))
)
def test_every_file_that_differs_is_sent_or_removed_exactly_once(
    there: set[int], wanted: set[int], changed: set[int], withdrawn: set[int]
) -> None:
    record = Record(OURS, {f"talk/{n}.html": sent("1", n) for n in there})
    files = {f"talk/{n}.html": page("2" if n in changed else "1", n) for n in wanted}
    made = plan(files, record, withdrawn.intersection)
    assert sorted(made.sent) == sorted(
        path for path, one in files.items() if path not in record.files or one.sha != record.files[path].sha
    )
    assert sorted(made.removed) == sorted(record.files.keys() - files.keys())
    assert made.unchanged == len(files) - len(made.sent)
    assert {path for path in made.removed if path not in made.withdrawn} == {
        f"talk/{n}.html" for n in there - wanted - withdrawn
    }


paths = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1).filter(
    lambda part: part not in (".", "..")
)


@given(
    st.dictionaries(
        st.lists(paths, min_size=1, max_size=3).map("/".join).filter(lambda path: not path.startswith(".tagora/")),
        st.builds(
            Sent,
            st.none() | st.text("0123456789abcdef", min_size=32, max_size=32),
            st.integers(0, 10**9),
            st.none() | st.lists(st.integers(0, 10**9)).map(tuple),
        ),
    )
)
def test_a_record_is_read_as_it_was_written(files: dict[str, Sent]) -> None:
    assert loads(dumps(Record(OURS, files))) == Record(OURS, files)


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "talk/../../x", "", "talk//x", "..", ".tagora/lock", "a\\..\\b", "x\0"]
)
def test_a_record_that_somebody_changed_leads_nowhere_else(path: str) -> None:
    record = Record(OURS, {"talk/a.html": sent("1", 1), path: sent("1", 1)})
    read = loads(dumps(record))
    assert read is not None and set(read.files) == {"talk/a.html"}


@given(st.binary())
def test_what_is_no_record_counts_as_lost(raw: bytes) -> None:
    assert loads(raw) is None


def test_a_record_that_was_cut_off_counts_as_lost() -> None:
    whole = dumps(Record(OURS, {f"talk/{n}.html": sent("1", n) for n in range(50)}))
    assert loads(whole) is not None
    assert [loads(whole[:length]) for length in range(len(whole))] == [None] * len(whole)


def test_the_same_record_has_the_same_bytes() -> None:
    files = {f"talk/{n}.html": sent("1", n) for n in range(9)}
    backwards = dict(reversed(files.items()))
    assert dumps(Record(OURS, files)) == dumps(replace(Record(OURS, files), files=backwards))
