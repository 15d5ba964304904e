"""Charts as inline SVG, and the numbers beside them as a table's rows. No scripts, no styles of their own: the colours
are the classes s0, s1, … of the style sheet. Pure: the same figures give the same bytes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 10, 24
LABELS = 8  # at most so many below the axis
LINES = 4  # about so many across
BROADEST = 110  # of a column, where there are few

Kind = Literal["curves", "stacked", "behind"]


@dataclass(frozen=True, slots=True)
class Series:
    """One thing measured at every place of the axis; None where nothing is known."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`labels`: of the places on the axis, from left to right. `kind`: curves; columns upon each other; or columns
    before each other, the first series in front (each is at least as high as the one before)."""

    title: str
    kind: Kind
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    told: Callable[[float], str] = "{:g}".format
    ticks: tuple[str, ...] = ()

    @property
    def rows(self) -> list[tuple[str, tuple[str, ...]]]:
        """The numbers, for a table: (label, one text for each series); places where nothing was measured, or all is 0,
        are left out."""
        found: list[tuple[str, tuple[str, ...]]] = []
        for place, label in enumerate(self.labels):
            values = [one.values[place] for one in self.series]
            if any(values):
                found.append((label, tuple("–" if value is None else self.told(value) for value in values)))
        return found

    @property
    def empty(self) -> bool:
        return not any(any(one.values) for one in self.series)

    def svg(self) -> Markup:
        top, marks = scale(self._highest())
        parts = [
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self.title)}">',
            *(self._line(value, top) for value in marks),
            *self._axis(),
            *(self._curves(top) if self.kind == "curves" else self._columns(top)),
            "</svg>",
        ]
        return Markup("".join(parts))

    # --- parts

    def _highest(self) -> float:
        columns = zip(*(one.values for one in self.series), strict=True)
        sums = self.kind == "stacked"
        return max((sum(v or 0 for v in some) if sums else max(v or 0 for v in some) for some in columns), default=0)

    @property
    def _step(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(len(self.labels), 1)

    def _line(self, value: float, top: float) -> str:
        y = _short(_y(value, top))
        text = f'<text x="{LEFT - 6}" y="{y}" dy=".32em" text-anchor="end">{escape(self.told(value))}</text>'
        return f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>{text}'

    def _axis(self) -> list[str]:
        every = max(math.ceil(len(self.labels) / LABELS), 1)
        ticks = self.ticks or tuple(label if place % every == 0 else "" for place, label in enumerate(self.labels))
        middles = [(LEFT + (place + 0.5) * self._step, tick) for place, tick in enumerate(ticks) if tick]
        anchors = ("start" if x < LEFT + 30 else "end" if x > WIDTH - 40 else "middle" for x, _ in middles)
        return [
            f'<text x="{_short(x)}" y="{HEIGHT - 6}" text-anchor="{anchor}">{escape(label)}</text>'
            for (x, label), anchor in zip(middles, anchors, strict=True)
        ]

    def _curves(self, top: float) -> list[str]:
        return [self._curve(number, one, top) for number, one in reversed(list(enumerate(self.series)))]

    def _curve(self, number: int, one: Series, top: float) -> str:
        path, open_ = "", False
        for place, value in enumerate(one.values):
            if value is not None:
                x = LEFT + (place + 0.5) * self._step
                path += f"{'L' if open_ else 'M'}{_short(x)} {_short(_y(value, top))}"
                if not open_ and (place + 1 == len(one.values) or one.values[place + 1] is None):
                    path += "h.01"  # alone between gaps: a dot
            open_ = value is not None
        return f'<path class="s{number}" d="{path}"/>'

    def _columns(self, top: float) -> list[str]:
        broad = min(max(self._step * 0.8, 1), BROADEST)
        width = _short(broad)
        drawn: list[str] = []
        for place in range(len(self.labels)):
            x = _short(LEFT + (place + 0.5) * self._step - broad / 2)
            base = 0.0
            columns: list[str] = []
            for number, one in enumerate(self.series):
                value = one.values[place] or 0
                if value:
                    high, low = _y(base + value, top), _y(base, top)
                    told = f"<title>{escape(self.labels[place])}: {escape(one.name)} {escape(self.told(value))}</title>"
                    size = f'width="{width}" height="{_short(low - high)}"'
                    columns.append(f'<rect class="s{number}" x="{x}" y="{_short(high)}" {size}>{told}</rect>')
                if self.kind == "stacked":
                    base += value
            drawn += columns if self.kind == "stacked" else reversed(columns)
        return drawn


def scale(highest: float) -> tuple[float, list[float]]:
    """A round number at or above `highest`, and round ones from 0 up to it, for the lines across."""
    if highest <= 0:
        return 1, [0, 1]
    rough = highest / LINES
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999999)
    if highest >= 1:
        step = max(step, 1) if highest <= LINES else step
    count = math.ceil(highest / step - 1e-9)
    return step * count, [step * n for n in range(count + 1)]


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
