"""When held posts are looked up again, by their age and by their network's duty. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from .durations import duration, spoken

DAY = timedelta(days=1)


class Step(NamedTuple):
    """Posts younger than `until` (None: of any age) are looked up `every` so often."""

    every: timedelta
    until: timedelta | None = None


Steps = tuple[Step, ...]
NEVER: Steps = ()
STEADY: Steps = (Step(DAY, timedelta(days=7)), Step(timedelta(days=7), timedelta(days=91)), Step(timedelta(days=30)))


@dataclass(frozen=True, slots=True)
class Recheck:
    """How often posts of one network are looked up again, and what follows when they cannot be.

    `steps`: by age, the youngest first; none of them: never.
    `grace`: how long a post whose turn could not be kept stays as it is; then readers get a bare link.
    `duty`: the network wants what is shown looked up at least this often; None: it names no time.
    `second_look`: when one that an answer left out without a word is asked for once more.
    `tells_more`: a look tells what the network's other answers do not, so that a post they bring is looked at too.
    `micros`: the most that looking one up costs. Where it costs something, posts that nobody sees are not looked up.
    """

    steps: Steps = STEADY
    grace: timedelta = timedelta(days=14)
    duty: timedelta | None = None
    second_look: timedelta = timedelta(hours=6)
    tells_more: bool = False
    micros: int = 0

    def every(self, age: timedelta) -> timedelta | None:
        """How long until the next look at a post of this age; None: never."""
        return next((one.every for one in self.steps if one.until is None or age < one.until), None)

    def due(self, looked_at: datetime, published_at: datetime | None) -> datetime | None:
        """When a post last looked at then is to be looked up again; None: never."""
        every = self.every(looked_at - published_at if published_at is not None else timedelta(0))
        return looked_at + every if every is not None else None

    @property
    def objection(self) -> tuple[str, str] | None:
        """What does not keep to the network's duty ("steps" or "grace"), and why in words; None when all does."""
        if self.duty is None:
            return None
        if not self.steps or max(one.every for one in self.steps) > self.duty:
            return "steps", f"what is shown must be looked up again at least every {spoken(self.duty)}"
        if self.grace > self.duty:
            return "grace", f"what could not be looked up in time may stay for {spoken(self.duty)} at most"
        return None


AS_USUAL = Recheck()


def read_steps(value: object) -> Steps:
    """What a person wrote: "never", "1d", or a list like ["1d until 7d", "7d until 91d", "30d"], whose last entry
    holds for all older posts. Raises ValueError, with what to write."""
    if value == "never":
        return NEVER
    if not isinstance(value, list | tuple):
        return (Step(_length(value)),)
    steps = [_step(one) for one in value]
    ages = [one.until for one in steps if one.until is not None]
    if not steps or steps[-1].until is not None or len(ages) != len(steps) - 1 or ages != sorted(set(ages)):
        raise ValueError("write the ages in order and end with one that holds for all older posts: " + _MODEL)
    return tuple(steps)


def spoken_steps(steps: Steps) -> str:
    """ "1d until 7d, 7d until 91d, 30d"; "never"."""
    told = (f"{spoken(one.every)} until {spoken(one.until)}" if one.until else spoken(one.every) for one in steps)
    return ", ".join(told) or "never"


_MODEL = "[1d until 7d, 7d until 91d, 30d]"


def _step(value: object) -> Step:
    if isinstance(value, Step):
        return value
    match = re.fullmatch(r"\s*(\S+)\s+until\s+(\S+)\s*", value) if isinstance(value, str) else None
    return Step(_length(match[1]), _length(match[2])) if match else Step(_length(value))


def _length(value: object) -> timedelta:
    try:
        length = duration(value)
    except ValueError:
        raise ValueError(f"write never, 1d, or a list like {_MODEL}") from None
    if length < timedelta(minutes=1):
        raise ValueError("write a minute or more")
    return length


# --- forecast --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forecast:
    """What looking up again takes within a stretch of time. `calls`: where fewer posts are due than one call holds,
    each day takes one all the same."""

    looks: float = 0
    calls: float = 0
    micros: int = 0


def forecast(recheck: Recheck, ages: Mapping[timedelta, int], over: timedelta, *, batch: int) -> Forecast:
    """For so many posts of each age, if none is added. `batch`: how many one call may ask for."""
    looks = sum(number * _looks(recheck.steps, age, over) for age, number in ages.items())
    return Forecast(looks, min(max(looks / batch, over / DAY), looks), round(looks * recheck.micros))


def _looks(steps: Sequence[Step], age: timedelta, over: timedelta) -> float:
    """How often a post of this age is looked up within `over`, on average."""
    looks, lower, end = 0.0, timedelta(0), age + over
    for step in steps:
        upper = end if step.until is None else min(step.until, end)
        stretch = upper - max(age, lower)
        if stretch > timedelta(0):
            looks += stretch / step.every
        lower = max(lower, upper)
    return looks
