"""Hostile posts on a terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tagora.core.decisions import Decision, Status, Verdict
from tagora.review.terminal import WIDTH, cut, queue_lines, safe, thread_lines
from tagora.storage.notes import Note
from tagora.storage.queue import QueueItem
from tagora.storage.thread_view import ThreadNode

from ..make import NOON

ITEM = QueueItem(
    "casnocha",
    1,
    7,
    3,
    "x",
    "https://x.com/anna/status/7",
    1,
    "anna",
    "Anna",
    NOON,
    None,
    NOON,
    Status.PENDING,
    2,
    False,
    "tag",
    "it",
    None,
    None,
    "Compra subito, offerta!",
    "1:abc",
    None,
    Decision(12, 7, Verdict.PEND, "1:abc", "tagora", NOON, rule="policy"),
    (Decision(11, 7, Verdict.FLAG, "1:abc", "rule", NOON, "advertising", "sales", 2, (0, 6)),),
    (Note(1, 1, 7, "chiedere", "anna", NOON),),
)


def node(number: int, above: int | None, text: str = "ciao", **changes: object) -> ThreadNode:
    made = ThreadNode(
        number, above, True, "x", str(number), None, "anna", None, NOON, None, None, None, text, "1:a", None, "tag",
        Status.APPROVED, False,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_an_item_of_the_queue_reads_like_this() -> None:
    assert list(queue_lines([ITEM], ZoneInfo("Europe/Rome"))) == [
        "#7  pending  casnocha  x  @anna  2026-11-23 13:00  it  by tag  1 note",
        "    Compra subito, offerta!",
        "    (11) flagged by rule “sales”: advertising, matched “Compra”, 2026-11-23 13:00",
        "    (12) left waiting by policy, 2026-11-23 13:00",
        "    https://x.com/anna/status/7",
        "",
    ]


def test_escapes_and_overrides_are_shown_and_not_obeyed() -> None:
    assert safe("\x1b[2J\x1b]0;owned\x07ok") == "‹001B›[2J‹001B›]0;owned‹0007›ok"
    assert safe("evil\u202egnp.exe\u2066") == "evil‹202E›gnp.exe‹2066›"
    assert safe("riga\r\naltra\u2028fine") == "riga⏎⏎altra‹2028›fine"
    assert safe("👩\u200d💻 perché") == "👩\u200d💻 perché"
    assert safe("z" + "\u0300" * 50) == "z" + "\u0300" * 4


@given(st.text(max_size=300))
def test_no_text_reaches_the_terminal_with_anything_it_would_obey(text: str) -> None:
    hostile = replace(ITEM, text=text, handle=text, display_name=text, title=text, warning=text, url=text, via=text)
    lines = [*queue_lines([hostile]), *thread_lines([node(1, None, text, handle=text, warning=text, gone=text)])]
    for line in lines:
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in line)
        assert not any(unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI") for c in line)


def test_a_megabyte_of_text_is_cut_and_said_so() -> None:
    lines = list(queue_lines([replace(ITEM, text="parola " * 150_000)]))
    assert len(lines) < 15 and "… (1050000 characters in all)" in lines[7]
    assert len(cut("x" * 10_000, 60)) == 60


def test_a_thread_is_a_tree_with_gaps_and_the_asked_post_pointed_at() -> None:
    nodes = [
        node(1, None, "", held=False, gone="deleted", status=None),
        node(2, 1, "prima risposta", published_at=NOON + timedelta(minutes=1)),
        node(3, 2, "annidata", status=Status.REJECTED),
        node(4, 1, "fuori", status=None, featured=True),
    ]
    assert list(thread_lines(nodes, marked=3)) == [
        "  (deleted: a post on x)",
        "    #2  approved  @anna  x  2026-11-23 12:01",
        "      prima risposta",
        "→     #3  rejected  @anna  x  2026-11-23 12:00",
        "        annidata",
        "    #4  outside  @anna  x  2026-11-23 12:00  featured",
        "      fuori",
    ]


def test_a_thread_of_ten_thousand_levels_is_shown_without_running_off_the_screen() -> None:
    lines = list(thread_lines([node(n, n - 1 if n else None) for n in range(10_000)]))
    assert len(lines) == 20_000
    assert max(map(len, lines)) <= WIDTH and "[9999] #9999" in lines[-2]
