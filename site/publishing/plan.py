"""What has to be sent and removed, and in which order. Pure.

Whatever shows a withdrawn post goes first. Then readers should never follow a link into nothing: files that pages
load, then discussions, then the lists that lead to them; what is left over goes last. A file of the search index may
hold words of any post: when one shows a withdrawn post, all that leave count as showing it, and the new ones come at
once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ..kinds import ASSETS, PICTURES, SEARCH, SEARCH_ENTRY
from .record import Record, Sent

LOADED = (ASSETS, PICTURES)  # by pages

Withdrawn = Callable[[Collection[int]], Collection[int]]  # which of these posts the store knows and no longer shows


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of the built site: the name of its bytes, its size, whether it is a list, the posts that it shows."""

    sha: str
    size: int
    is_list: bool
    shown: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths, in the order of the fields. `vanishing` of `before` files would go without a withdrawal."""

    withdrawn: tuple[str, ...]  # to be removed, for they show what was withdrawn
    corrected: tuple[str, ...]  # to be replaced, for the same reason or because nobody knows what they show
    assets: tuple[str, ...]
    discussions: tuple[str, ...]
    lists: tuple[str, ...]
    left_over: tuple[str, ...]  # to be removed
    unchanged: int
    vanishing: int
    before: int

    @property
    def sent(self) -> tuple[str, ...]:
        return self.corrected + self.assets + self.discussions + self.lists

    @property
    def removed(self) -> tuple[str, ...]:
        return self.withdrawn + self.left_over

    def shrinks_beyond(self, share: float) -> bool:
        return self.vanishing > share * self.before


def plan(wanted: Mapping[str, Wanted], record: Record, withdrawn: Withdrawn) -> Plan:
    """From what should stand at a target and what stands there."""
    lost = {
        path: set(sent.shown) - set(wanted[path].shown if path in wanted else ())
        for path, sent in record.files.items()
        if sent.shown
    }
    gone = set(withdrawn(set().union(*lost.values()))) if any(lost.values()) else set[int]()
    tainted = {path for path, posts in lost.items() if not posts.isdisjoint(gone)}
    away = [path for path in sorted(record.files) if path not in wanted]
    changed = [path for path, one in sorted(wanted.items()) if not _is_there(record.files.get(path), one)]
    if any(_of_index(path) for path in tainted):
        tainted |= {path for path in (*away, *changed) if _of_index(path) or path == SEARCH_ENTRY}
    unsure = {path for path, sent in record.files.items() if sent.shown is None}
    corrected = [path for path in changed if path in tainted or path in unsure]
    rest = [path for path in changed if path not in tainted and path not in unsure]
    left_over = tuple(path for path in away if path not in tainted)
    return Plan(
        withdrawn=tuple(path for path in away if path in tainted),
        corrected=tuple(sorted(corrected, key=lambda path: wanted[path].is_list)),
        assets=tuple(path for path in rest if _is_loaded(path)),
        discussions=tuple(path for path in rest if not wanted[path].is_list and not _is_loaded(path)),
        lists=tuple(path for path in rest if wanted[path].is_list and not _is_loaded(path)),
        left_over=left_over,
        unchanged=len(wanted) - len(changed),
        vanishing=sum(not _is_loaded(path) for path in left_over),
        before=sum(not _of_index(path) for path in record.files),
    )


def _of_index(path: str) -> bool:
    """Whether a search index brings and takes this file with every other change; not its page, nor its entry."""
    return path.startswith(SEARCH) and "." in path and not path.endswith((".html", SEARCH_ENTRY))


def _is_loaded(path: str) -> bool:
    """By a page that readers have open, without being one."""
    return path.startswith(LOADED) or _of_index(path)


def _is_there(sent: Sent | None, wanted: Wanted) -> bool:
    return sent is not None and sent.sha == wanted.sha
