"""What goes wrong in one scenario: drawn by a seed, so that any of them can be played again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tagora.sandbox.faults import ONLY_X, FaultKind

from ..killer import POINTS


class Mishap(StrEnum):
    """What happens to the process, its machine or its store while a command runs."""

    NOTHING = "nothing"
    KILLED_AT_A_POINT = "killed at a point"
    KILLED_AT_A_MOMENT = "killed at a moment"
    STORE_DISK_FULL = "no room for the store"
    FILES_CUT = "no file may grow"
    READ_ONLY_SITE = "site folder read-only"
    READ_ONLY_STORE = "store read-only"
    CLOCK_BACK = "clock set back"
    CLOCK_AHEAD = "clock set ahead"
    CLOCK_JUMPS = "clock jumps under way"
    STORE_LOCKED = "store locked throughout"
    STORE_LOCKED_A_WHILE = "store locked for a while"
    STORE_RESTARTED = "store restarted"


SQLITE_ONLY = frozenset({Mishap.STORE_DISK_FULL, Mishap.FILES_CUT, Mishap.READ_ONLY_STORE, Mishap.STORE_LOCKED})
POSTGRES_ONLY = frozenset({Mishap.STORE_RESTARTED})
WHILE_COLLECTING = ("after-reserve", "after-answer", "page-written", "before-commit", "in-commit", "after-commit")
WHILE_BUILDING = ("after-claim", "before-rename", "after-rename", "before-record", "before-end-of-build")
WHILE_FORGETTING = ("in-forget", "after-forget", "before-scrub", "in-scrub")
assert {*WHILE_COLLECTING, *WHILE_BUILDING, *WHILE_FORGETTING} <= set(POINTS)

ELSEWHERE = (
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:1/",
    "http://[::1]/",
    "file:///etc/passwd",
    "ftp://10.0.0.1/secrets",
    "//192.168.1.1/admin",
)
NETWORKS = ("x", "graph", "mastodon.uno", "mastodon.social", "*")
EVERY_POSTGRES = 5  # every so many scenarios have their store on PostgreSQL


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """One fault of the sandbox, by the names of its `Fault`."""

    kind: FaultKind
    network: str
    settings: Mapping[str, int | float | str | None]

    def __str__(self) -> str:
        return f"{self.kind} at {self.network} {dict(self.settings)}"


@dataclass(frozen=True, slots=True)
class Turn:
    """One command in a process of its own. `point` and `after`: where or when a kill, a jump or a restart comes."""

    command: str
    faults: tuple[NetworkFault, ...]
    mishap: Mishap
    point: str = "never"
    after: int = 0

    def __str__(self) -> str:
        where = f" {self.point}" if self.point != "never" else f" after {self.after}" if self.after else ""
        return f"{self.command}: {', '.join(map(str, self.faults)) or 'no fault'}; {self.mishap}{where}"


@dataclass(frozen=True, slots=True)
class Scenario:
    seed: int
    number: int
    database: str
    turns: tuple[Turn, ...]

    @property
    def lies(self) -> bool:
        """Whether a network told things of another type where posts should be: what it garbled then cannot be held
        against us."""
        return any(fault.kind == FaultKind.FUZZED for turn in self.turns for fault in turn.faults)

    def __str__(self) -> str:
        told = "\n  ".join(map(str, self.turns))
        return f"seed {self.seed}, scenario {self.number} on {self.database}:\n  {told}"


def scenario(seed: int, number: int) -> Scenario:
    """Scenario `number` of this seed. Kinds of faults and mishaps take turns, so that a few dozen scenarios meet
    each; everything else is drawn."""
    dice = Random(f"{seed}/{number}")
    database = "postgresql" if number % EVERY_POSTGRES == EVERY_POSTGRES - 1 else "sqlite"
    without = SQLITE_ONLY if database == "postgresql" else POSTGRES_ONLY
    mishaps = [one for one in Mishap if one not in without]
    kinds = list(FaultKind)
    turns = []
    for at, command in enumerate(("collect", dice.choice(("collect", "build")), dice.choice(("build", "forget")))):
        mishap = mishaps[(number * 3 + at * 5 + number // len(mishaps)) % len(mishaps)]
        faults = ()
        if command == "collect":
            faults = tuple(
                _fault(kinds[(number * 2 + at + n * 7) % len(kinds)], dice) for n in range(dice.randint(1, 2))
            )
        turns.append(_turn(command, faults, mishap, dice))
    return Scenario(seed, number, database, tuple(turns))


def kinds(plan: Scenario) -> list[str]:
    """Every kind of fault and mishap in it, as often as it comes."""
    return [str(one) for turn in plan.turns for one in (*(fault.kind for fault in turn.faults), turn.mishap)]


def _fault(kind: FaultKind, dice: Random) -> NetworkFault:
    network = "x" if kind in ONLY_X else dice.choice(NETWORKS)
    settings: dict[str, int | float | str | None] = {
        "nth": dice.randint(1, 6),
        "count": dice.choice((1, 1, 2, 5, None)),
    }
    match kind:
        case FaultKind.SERVER_ERROR:
            settings["status"] = dice.choice((500, 502, 503, 504))
        case FaultKind.RATE_LIMIT:
            settings["seconds"] = float(dice.choice((1, 60, 900)))
        case FaultKind.HANG | FaultKind.SLOW_BODY:
            settings |= {"seconds": dice.choice((0.2, 0.8)), "count": 1}
        case FaultKind.GIANT_BODY | FaultKind.GZIP_BOMB:
            settings |= {"size": 50_000_000, "count": 1}
        case FaultKind.REDIRECT:
            settings["to"] = dice.choice(ELSEWHERE)
        case FaultKind.FUZZED:
            settings["seed"] = dice.randrange(1 << 30)
        case _:
            pass
    return NetworkFault(kind, network, settings)


def _turn(command: str, faults: tuple[NetworkFault, ...], mishap: Mishap, dice: Random) -> Turn:
    if mishap == Mishap.KILLED_AT_A_POINT:
        points = {"collect": WHILE_COLLECTING, "build": WHILE_BUILDING, "forget": WHILE_FORGETTING}[command]
        often = {"collect": 12, "build": 3, "forget": 1}[command]
        return Turn(command, faults, mishap, f"{dice.choice(points)}:{dice.randint(1, often)}")
    return Turn(command, faults, mishap, after=dice.randint(1, 12))
