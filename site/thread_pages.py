"""The pages of one thread: one, or, of a long one, several, with what leads from each to the others."""

from __future__ import annotations

from ..presentation.on_page import Links, OnPage, Pager
from ..presentation.thread import Arranged
from ..presentation.views import PostView, ReplyTo
from ..storage.snapshot import Node
from .parts import part_path, parts
from .views import Around, Begun


class ThreadPages:
    """`paths`: the pages' own, the thread's first. `on`: what each shows of the thread. `lead`: the first post shown;
    `root`: the one that all pages are headed by, if it is shown."""

    def __init__(self, path: str, arranged: Arranged[Node], pager: Pager[Node]) -> None:
        self._arranged, self._pager = arranged, pager
        self._parts = parts(arranged.parents, pager.anchor)
        self.paths = tuple(part_path(path, part.name) for part in self._parts)
        self.names = tuple(part.name for part in self._parts)
        self._stands: dict[int, int] = {}  # in a long thread: the page of each place
        self._further: dict[int, str] = {}
        if len(self._parts) > 1:
            self._stands = {place: at for at, part in enumerate(self._parts) for place in part.places}
            begin = (at for at, part in enumerate(self._parts) if part.below >= 0 and part.earlier is None)
            self._further = {self._parts[at].below: _beside(self.paths[at]) for at in begin}
        self.on: tuple[OnPage[Node], ...] = tuple(
            pager.page(part.places, self._links(at)) for at, part in enumerate(self._parts)
        )
        self.shown = arranged.shown
        root = arranged.order[0]
        self.root = root if root is self.shown[0] else None
        stands = self._stands.get(arranged.places[self.shown[0].id], 0)
        lead = self.first_on(stands)
        assert lead is not None
        self.lead = lead

    def first_on(self, at: int) -> PostView | None:
        """The first post that this page shows; it may show none, only where posts are missing."""
        return next((node.post for node in self.on[at].nodes if node.post is not None), None)

    def spoken(self, at: int) -> tuple[Node, ...]:
        """The posts whose words, or whose author's name, stand on this page, in its heading too."""
        heading = (self.root,) if at > 0 and self.root is not None else ()
        below = self._parts[at].below
        answered = self._arranged.order[below] if below >= 0 else None
        named = (answered,) if answered is not None and answered.id in self._arranged.visible else ()
        return (*heading, *named, *self.on[at].spoken)

    def around(self, at: int) -> Around | None:
        """Where this page stands among the others; None where there are none."""
        if len(self._parts) == 1:
            return None
        part = self._parts[at]
        root = self.root and self.lead
        author = root.author.name if root and root.author else None
        answers: ReplyTo | None = None
        if part.below > 0:
            answers = self._pager.answered(part.below, self._links(at))
        return Around(
            begun=Begun(self.paths[0], author, root.published if root else None) if at else None,
            earlier=None if part.earlier is None else self.paths[part.earlier],
            later=None if part.later is None else self.paths[part.later],
            answers=answers,
        )

    def _links(self, at: int) -> Links:
        def href(place: int) -> str:
            there = self._stands.get(place, at)
            return f"{'' if there == at else _beside(self.paths[there])}#{self._pager.anchor(place)}"

        return Links(href, max(self._parts[at].below, 0), self._further)


def _beside(path: str) -> str:
    """From one page of a campaign to another."""
    return path.rpartition("/")[2]
