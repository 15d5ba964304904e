"""The pictures of pages: which of them a thread shows, and that each stands in the output as long as one does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..presentation.posts import anchor_of
from ..presentation.views import NodeView
from ..storage.snapshot import Node
from .manifest import Manifest, Uses
from .output import Output, Tally
from .pages import PICTURES, Page


def shown_in(places: Iterable[NodeView], nodes: Iterable[Node]) -> Uses:
    """The paths of the copies that a thread's pages show in these places, with the posts they belong to. `nodes`: all
    that are shown, quoted ones included."""
    printed = (node.post.printed for node in places if node.post and (node.post.media or node.post.quote))
    posts = [post for several in printed for post in several if post.media]
    if not posts:
        return {}
    ids = {anchor_of(node.origin, node.native_id): node.id for node in nodes}
    uses: dict[str, set[int]] = {}
    for post in posts:
        for path in (path for medium in post.media if medium.picture for path in medium.picture.paths):
            uses.setdefault(path, set()).add(ids[post.anchor])
    return {path: tuple(sorted(of)) for path, of in sorted(uses.items())}


def pages_of(paths: Iterable[str]) -> Iterator[Page]:
    for path in sorted(set(paths)):
        yield Page(path, None, "", None, PICTURES)


def let_go(manifest: Manifest, output: Output) -> None:
    """Pictures that nobody shows any more go."""
    output.remove(manifest.pictures(whole=False)[1], Tally())


def bring_up_to_date(manifest: Manifest, output: Output, tally: Tally, *, whole: bool) -> None:
    """The same, and those that were left unfinished are made. `whole`: of all that stand, not only the unfinished."""
    output.remove(manifest.pictures(whole=whole)[1], Tally())
    output.put(list(pages_of(manifest.pictures(whole=False)[0])), tally)
