"""The log as files: complete, harmless in spreadsheets, never all in memory."""

from __future__ import annotations

import csv
import tracemalloc
from datetime import timedelta
from io import StringIO

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.core.decisions import Verdict
from tagora.review import export
from tagora.review.deciding import decide, undo
from tagora.review.export import COLUMNS, as_csv, as_json_lines, harmless
from tagora.storage.history import LogFilter, log
from tagora.storage.store import Store

from ..agora import arrive, campaign
from ..make import NOON, author, sighting

RULES = '- {name: "=cmd|calc", when: {words: [spam]}, then: flag}\n'


def test_every_entry_is_there_once_in_both_forms(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 7)
    with store.writing() as c:
        agora = campaign(c, rules=RULES)
        other = campaign(c, "other")
        ids = arrive(c, agora, [sighting(str(n), text="spam, sì", author=author("anna")) for n in range(20)])
        arrive(c, other, [sighting("elsewhere")])
        decide(c, agora, ids[:3], Verdict.REJECT, "bert", NOON, reason="+39 333, “chiama”\n@me")
        undo(c, "bert", NOON, decision_id=None, campaign_id=agora)
    lines = [orjson.loads(line) for line in b"".join(as_json_lines(store, LogFilter(agora))).splitlines()]
    text = b"".join(as_csv(store, LogFilter(agora))).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))

    numbers = [line["number"] for line in lines]
    assert numbers == sorted(set(numbers), reverse=True) and len(numbers) == 46
    assert [int(row["number"]) for row in rows] == numbers
    rejected = next(line for line in lines if line["verdict"] == "reject")
    assert rejected["by"] == "bert" and rejected["reason"].startswith("+39") and rejected["taken_back_by"]
    assert next(row for row in rows if row["verdict"] == "reject")["reason"].startswith("'+39")
    flagged = next(row for row in rows if row["verdict"] == "flag")
    assert (flagged["rule"], flagged["matched"], flagged["author"]) == ("'=cmd|calc", "0-4", "anna")
    assert lines[0].keys() == set(COLUMNS)


def test_a_byte_order_mark_tells_spreadsheets_that_it_is_utf_8(sqlite_store: Store) -> None:
    assert b"".join(as_csv(sqlite_store, LogFilter(1))).startswith(b"\xef\xbb\xbfnumber,at,by,")


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = harmless(text)
    assert cell in (text, f"'{text}")
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))
    assert harmless(-5) == "-5"  # a number is one


def test_a_log_ten_times_as_long_takes_no_more_memory(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 50)

    def peak(posts: range) -> tuple[int, int]:
        with sqlite_store.writing() as c:
            agora = campaign(c)
            arrive(c, agora, [sighting(str(n)) for n in posts])
        sum(1 for _ in as_json_lines(sqlite_store, LogFilter(agora)))  # what is made once is made
        tracemalloc.start()
        told = sum(len(part) for part in as_json_lines(sqlite_store, LogFilter(agora)))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return told, highest

    short, long = peak(range(300)), peak(range(300, 3_000))
    assert long[0] > 9 * short[0]
    assert long[1] < 2 * short[1]


def test_the_log_is_filtered_by_handle_and_time(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        for day in range(5):
            who = author("bo" if day % 2 else "anna", native_id=f"id-{day}")
            arrive(c, agora, [sighting(str(day), author=who)], NOON + timedelta(days=day))
    with store.reading() as c:
        for wanted, posts in (
            (LogFilter(agora, handle="@Bo"), [4, 2]),
            (LogFilter(agora, since=NOON + timedelta(days=3)), [5, 4]),
            (LogFilter(agora, until=NOON + timedelta(days=1)), [1]),
            (LogFilter(agora, since=NOON + timedelta(days=1), until=NOON + timedelta(days=3), handle="anna"), [3]),
        ):
            assert [entry.decision.post_id for entry in log(c, wanted).entries] == posts
