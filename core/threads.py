"""From posts that point at each other to threads. Pure, without recursion; nodes are any hashable, sortable keys.

Every post known, held or by reference only (a *placeholder*), is a node of a reply forest:

- the parent of a held post is picked among what its sightings say (`pick`);
- a placeholder has no parent, but inherits the root hints of the posts whose parent it is;
- a node hangs on its parent, else on its root hint, else on nothing: so a hint, which on some networks clients
  write, counts only while the parent is a gap, and a whole subtree moves once the gap is filled;
- of a circle the node with the smallest reference is cut loose and becomes the root.

All of it is a function of the set of sightings: the order in which they came leaves no trace. `forest` is that
function; storage/ingest.py keeps its result up to date post by post, and is tested against it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .records import PostRef

Key = int


class Pointing(NamedTuple):
    """What one sighting says about another post: how far it is believed, the id it names, the node that id means."""

    authority: int
    named: PostRef
    target: Key


@dataclass(frozen=True, slots=True)
class Node:
    """One post, as `forest` needs it: its own reference, and what its sightings say it answers and belongs to."""

    ref: PostRef
    held: bool
    reply_to: tuple[Pointing, ...] = ()
    root_hint: tuple[Pointing, ...] = ()


@dataclass(frozen=True, slots=True)
class Forest:
    """`parent`: the chosen reply target; `link`: what the node hangs on, before circles are cut; `root`: the top of
    its thread; `cut`: the nodes that circles were opened at."""

    parent: Mapping[Key, Key | None]
    link: Mapping[Key, Key | None]
    root: Mapping[Key, Key]
    cut: frozenset[Key]


def pick(own: Key, said: Iterable[Pointing], held: Callable[[Key], bool]) -> Key | None:
    """The target believed among all that is said of `own`: the word of the highest authority, of equal ones a held
    target first, then the smallest reference. A post never points at itself."""
    best = min(
        ((-word.authority, not held(word.target), word.named, word.target) for word in said if word.target != own),
        default=None,
    )
    return best[3] if best else None


def forest(nodes: Mapping[Key, Node]) -> Forest:
    """The threads of `nodes`, from nothing. The reference by which every faster way is judged."""

    def held(key: Key) -> bool:
        return nodes[key].held

    parent = {key: pick(key, node.reply_to, held) if node.held else None for key, node in nodes.items()}
    inherited: dict[Key, list[Pointing]] = {}
    for key, above in parent.items():
        if above is not None and not nodes[above].held:
            inherited.setdefault(above, []).extend(nodes[key].root_hint)
    link: dict[Key, Key | None] = {}
    for key, node in nodes.items():
        hints: Sequence[Pointing] = node.root_hint if node.held else inherited.get(key, ())
        above = parent[key]
        link[key] = above if above is not None else pick(key, hints, held)
    root, cut = arrange(link, {key: node.ref for key, node in nodes.items()})
    return Forest(parent, link, root, cut)


def arrange(link: Mapping[Key, Key | None], refs: Mapping[Key, PostRef]) -> tuple[dict[Key, Key], frozenset[Key]]:
    """The root of every node that hangs on another as `link` says, and the nodes cut to open circles. A link that
    leads out of `link` counts as none."""
    root: dict[Key, Key] = {}
    cut: set[Key] = set()
    for start in link:
        path: list[Key] = []
        place: dict[Key, int] = {}
        at: Key | None = start
        while at is not None and at in link and at not in root and at not in place:
            place[at] = len(path)
            path.append(at)
            at = link[at]
        if not path:
            continue
        if at is None or at not in link:
            top = path[-1]
        elif at in root:
            top = root[at]
        else:
            top = min(path[place[at] :], key=refs.__getitem__)
            cut.add(top)
        root.update(dict.fromkeys(path, top))
    return root, frozenset(cut)


def components(root: Mapping[Key, Key]) -> dict[Key, list[Key]]:
    """The nodes under each root."""
    members: dict[Key, list[Key]] = {}
    for key, top in root.items():
        members.setdefault(top, []).append(key)
    return members


def address(root: PostRef) -> str:
    """The address of the thread with this root: 20 small letters and digits, safe in paths on every file system."""
    digest = hashlib.blake2b(f"{root.origin}\x1f{root.native_id}".encode("utf-8", "replace"), digest_size=12).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


def assign(groups: Mapping[Key, Collection[Key]], former: Mapping[Key, int]) -> dict[Key, int | None]:
    """Which existing thread each group of nodes goes on as, by its root: the one most of its nodes were in, the
    largest group choosing first; None where none is left. Moves the fewest nodes, and is the same every time."""
    taken: set[int] = set()
    chosen: dict[Key, int | None] = {}
    for top in sorted(groups, key=lambda top: (-len(groups[top]), top)):
        counts: dict[int, int] = {}
        for key in groups[top]:
            counts[former[key]] = counts.get(former[key], 0) + 1
        free = [(-count, thread) for thread, count in counts.items() if thread not in taken]
        chosen[top] = min(free)[1] if free else None
        if free:
            taken.add(min(free)[1])
    return chosen
