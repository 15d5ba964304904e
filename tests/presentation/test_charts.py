"""Charts say their numbers twice, and are drawn to scale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.presentation.charts import HEIGHT, WIDTH, Chart, Kind, Series, scale

VALUES = st.one_of(st.none(), st.integers(0, 10**6), st.floats(0, 1e6, allow_subnormal=False))


@given(st.floats(0.001, 1e9))
def test_the_axis_is_round_reaches_the_highest_and_wastes_little(highest: float) -> None:
    top, marks = scale(highest)
    assert marks[0] == 0 and marks[-1] == top >= highest * 0.999999
    assert 2 <= len(marks) <= 6
    assert highest > marks[-2] * 0.999


def test_counts_have_no_lines_between_whole_numbers() -> None:
    assert scale(1)[1] == [0, 1]
    assert scale(3)[1] == [0, 1, 2, 3]
    assert scale(0) == (1, [0, 1])
    assert scale(37)[1] == [0, 10, 20, 30, 40]


@given(st.sampled_from(["curves", "stacked", "behind"]), st.lists(st.tuples(VALUES, VALUES), max_size=40))
def test_whatever_the_figures_the_drawing_is_sound_and_stays_inside(
    kind: Kind, values: list[tuple[float | None, float | None]]
) -> None:
    labels = tuple(f"<{n}>" for n in range(len(values)))
    chart = Chart('"Queue" & co', kind, labels, (Series("a", _nth(values, 0)), Series("b", _nth(values, 1))))
    drawn = ElementTree.fromstring(str(chart.svg()))
    assert drawn.get("aria-label") == '"Queue" & co'
    for rect in drawn.iter("rect"):
        x, y, width, height = (float(rect.get(name) or "nan") for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + width <= WIDTH + 1 and 0 <= y <= y + height <= HEIGHT
    for path in drawn.iter("path"):
        for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path.get("d") or ""):
            assert 0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT
    assert "style" not in str(chart.svg())


def _nth(values: list[tuple[float | None, float | None]], number: int) -> tuple[float | None, ...]:
    return tuple(value[number] for value in values)


def test_columns_upon_each_other_are_as_high_as_their_sum() -> None:
    chart = Chart("Decisions", "stacked", ("Mon",), (Series("yes", (30,)), Series("no", (10,))))
    one, two = list(ElementTree.fromstring(str(chart.svg())).iter("rect"))
    assert float(one.get("height") or 0) == pytest.approx(3 * float(two.get("height") or 0), abs=0.05)
    assert float(two.get("y") or 0) + float(two.get("height") or 0) == pytest.approx(float(one.get("y") or 0), abs=0.02)


def test_a_curve_breaks_where_nothing_was_measured() -> None:
    chart = Chart("Queue", "curves", ("1", "2", "3", "4"), (Series("all", (1, None, 2, 3)),))
    (path,) = ElementTree.fromstring(str(chart.svg())).iter("path")
    assert re.sub(r"[\d. ]", "", path.get("d") or "") == "MhML"


def test_the_table_holds_what_was_measured() -> None:
    chart = Chart("Queue", "curves", ("1", "2", "3"), (Series("a", (1, None, 0)), Series("b", (None, None, 0))), str)
    assert chart.rows == [("1", ("1", "–"))]
    assert not chart.empty
    assert Chart("Queue", "curves", ("1",), (Series("a", (0,)),)).empty


def test_a_single_column_is_no_broader_than_it_is_high_and_stands_in_the_middle() -> None:
    drawn = ElementTree.fromstring(str(Chart("Posts", "stacked", ("today",), (Series("posts", (1,)),)).svg()))
    (rect,) = drawn.iter("rect")
    left, width = float(rect.get("x", "0")), float(rect.get("width", "0"))
    assert width < HEIGHT and abs(left + width / 2 - float(next(_middles(drawn)))) < 0.01


def _middles(drawn: ElementTree.Element) -> Iterator[str]:
    return (text.get("x", "") for text in drawn.iter("text") if text.get("text-anchor") == "middle")
