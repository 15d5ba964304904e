"""Where a long discussion is cut into pages. Pure: it knows places in reading order and their names, nothing else.

Where the cuts lie is a function of the thread as it is now, without a memory, and yet they stay where they are while it
grows. For that a cut depends on the replies beside one another in one list: one begins a page when enough of them stand
before it on its own and its name says so (a digest, as good as a die). What comes at a list's end moves nothing; what
comes in between, or leaves, moves rarely more than the next cut. How many replies each of them has does not matter,
until a page would be too full: then that page is divided alone. A branch that would fill a page by itself has its
replies in a list of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

MOST = 100  # places on a page, and in a thread that is one page
LEAST = 25  # branches on a page, before one whose name says so may begin the next; four times as many are always enough
BRANCH = 50  # places that are never parted; of a greater branch each reply is a branch
FAN = 5  # replies from which on a branch that would fill a page has a list of its own
STEPS, FEW = 40, 20  # so many replies to replies deep a new list begins, if more than a few places are in it
SURE = 1 / 512  # the share of names that begin a page in any case: a cut that moved moves none beyond such a one

Branch = list[int]  # places that are not parted, in reading order


@dataclass(frozen=True, slots=True)
class Part:
    """A page's places, as positions in reading order. `name` tells it from the thread's other pages: empty for the
    first; "p…" after the place that it begins with; "r…" after the one whose replies begin with it. `below` is that
    one, -1 for the thread's own list. `earlier`, `later`: its neighbours in the list, as positions among the parts."""

    name: str
    places: tuple[int, ...]
    below: int
    earlier: int | None
    later: int | None


def parts(parents: Sequence[int], name_of: Callable[[int], str]) -> tuple[Part, ...]:
    """The pages of a thread, its first one first: each place is on exactly one. `parents`: each place's parent in the
    reading order, -1 for a beginning. `name_of` gives a "p" and at least eight hexadecimal digits for each
    (presentation.posts.anchor_of)."""
    if len(parents) <= MOST:
        return (Part("", tuple(range(len(parents))), -1, None, None),)
    names = [name_of(place) for place in range(len(parents))]
    found: list[Part] = []
    taken: set[str] = set()
    for below, branches in sorted(_lists(parents).items()):
        pieces = _cut(branches, names, LEAST)
        start, last = len(found), len(pieces) - 1
        for at, piece in enumerate(pieces):
            name = names[piece[0][0]] if at else "" if below < 0 else f"r{names[below][1:]}"
            while name in taken:  # somebody made two posts with like names
                name += "0"
            taken.add(name)
            places = tuple([place for branch in piece for place in branch])
            before, after = start + at - 1, start + at + 1
            found.append(Part(name, places, below, before if at else None, after if at < last else None))
    return tuple(found)


def part_path(path: str, name: str) -> str:
    """A page's path: the thread's own with the page's name in it."""
    return f"{path.removesuffix('.html')}-{name}.html" if name else path


def _lists(parents: Sequence[int]) -> dict[int, list[Branch]]:
    """The branches of each list, by the place that they answer."""
    count = len(parents)
    size, fan = [1] * count, [0] * count
    for place in range(count - 1, -1, -1):
        parent = parents[place]
        if parent >= 0:
            size[parent] += size[place]
            fan[parent] += 1
    lists: dict[int, list[Branch]] = {-1: []}
    into = [-1] * count  # of each place: the list that its replies go to
    steps = [0] * count  # since that list began
    branch: list[Branch] = []  # of each place: what it is not parted from
    for place, parent in enumerate(parents):
        mine = into[parent] if parent >= 0 else -1
        begins = parent < 0 or mine == parent
        steps[place] = 0 if begins else steps[parent] + 1
        if begins or size[parent] > BRANCH:
            branch.append([])
            lists.setdefault(mine, []).append(branch[place])
        else:
            branch.append(branch[parent])
        branch[place].append(place)
        deep = steps[place] >= STEPS and size[place] > FEW
        wide = size[place] > MOST and fan[place] >= FAN and parent >= 0
        into[place] = place if deep or wide else mine
    return lists


def _cut(branches: list[Branch], names: Sequence[str], least: int) -> list[list[Branch]]:
    """The list in pieces, each of them a page."""
    if len(branches) == 1 or sum(map(len, branches)) <= MOST:
        return [branches]
    pieces: list[list[Branch]] = [[]]
    for branch in branches:
        if pieces[-1] and _begins(names[branch[0]], len(pieces[-1]), least):
            pieces.append([])
        pieces[-1].append(branch)
    return [smaller for piece in pieces for smaller in _cut(piece, names, max(least // 2, 1))]


def _begins(name: str, before: int, least: int) -> bool:
    die = int(name[1:9], 16) / 2**32
    return die < SURE or before >= 4 * least or (before >= least and die * least < 1)
