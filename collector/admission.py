"""Who is let in: decided before anything is stored. A refused item leaves only a count by reason. Pure.

A post belongs to a campaign when (`via`)
    opener        the organiser's post that asks the question
    tag           it carries one of the tags
    page          a post on a followed feed that links to the invitation, or whose feed belongs as a whole
    hand          a person named it
    conversation  it stands below one of these
    context       one of these stands below it, or quotes it
    quote         it quotes one of these
With `conversation: tagged` only the first four belong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from ..core import wishes
from ..core.records import EntityKind, Post, PostRef, Sighting, Visibility
from ..storage.campaigns import VIAS
from ..storage.membership import Known

STEMS = ("opener", "tag", "page", "hand", "conversation")  # what hangs below these belongs
SEEDS = ("opener", "tag", "page", "hand")

Name = tuple[str, str]  # (origin, account id | "@handle" | post id): what a withdrawal may name


class Forgotten(Protocol):
    """Who has withdrawn, as one transaction sees it."""

    def __call__(self, names: Collection[Name], /) -> Mapping[Name, str]:
        """Those of the names that are withdrawn, with "forgotten" or "optout"."""
        ...

    def veil(self, sightings: Sequence[Sighting], /) -> Sequence[Sighting]:
        """The sightings, in order, with whom they answer or mention made opaque where that person has withdrawn;
        the same object where there is nothing to hide."""
        ...


class Nobody:
    """For a store from which nobody has withdrawn yet."""

    def __call__(self, names: Collection[Name], /) -> Mapping[Name, str]:
        return {}

    def veil(self, sightings: Sequence[Sighting], /) -> Sequence[Sighting]:
        return sightings


@dataclass(frozen=True, slots=True)
class Policy:
    """What of a source's plan decides on belonging. `tags` casefolded; `by_hand` are references or, where only that is
    known, (origin, address)."""

    tags: frozenset[str]
    openers: frozenset[PostRef] = frozenset()
    by_hand: frozenset[PostRef] = frozenset()
    invitation_url: str | None = None
    conversation: str = "full"
    whole: bool = False  # everything on the feed that is asked
    also_refuse: frozenset[str] = frozenset()


class Admitted(NamedTuple):
    sighting: Sighting
    via: str


class Refused(NamedTuple):
    """`reason`: private | wish | forgotten | optout | repost | unrelated | limit"""

    sighting: Sighting
    reason: str


def names_of(sightings: Sequence[Sighting]) -> set[Name]:
    """Everything by which the posts and their authors could have been withdrawn."""
    return {name for sighting in sightings for name in _own_names(sighting)}


def refs_of(sightings: Sequence[Sighting]) -> set[PostRef]:
    """Every reference the store must be asked about before `admit`."""
    found: set[PostRef] = set()
    for sighting in sightings:
        post = sighting.post
        found.update(_ids(sighting))
        found.update(ref for ref in (post.reply_to, post.root_hint, post.quote_of) if ref is not None)
    return found


def admit(
    sightings: Sequence[Sighting],
    policy: Policy,
    known: Mapping[PostRef, Known],
    wanted: Mapping[int, Collection[str]],
    forgotten: Mapping[Name, str],
) -> list[Admitted | Refused]:
    """One verdict per sighting, in order. `known` is what the store says of `refs_of(sightings)`, `wanted` of
    `unplaced(sightings, known)` (storage.membership), `forgotten` of `names_of(sightings)`."""
    vias = _vias(sightings, policy, known, wanted)
    verdicts: list[Admitted | Refused] = []
    for sighting, via in zip(sightings, vias, strict=True):
        reason = _objection(sighting, policy, forgotten) or (None if via else "unrelated")
        verdicts.append(Refused(sighting, reason) if reason else Admitted(sighting, via or ""))
    return verdicts


def unplaced(sightings: Sequence[Sighting], known: Mapping[PostRef, Known]) -> set[int]:
    """The page's posts that the store knows of and that are no part of the campaign (yet): of these `wanted` is to be
    known."""
    found = (known[ref] for sighting in sightings for ref in _ids(sighting) if ref in known)
    return {one.post_id for one in found if one.via is None}


def thread_of(sightings: Sequence[Sighting], known: Mapping[PostRef, Known]) -> list[int | None]:
    """For each sighting the thread in the store that it will join, as far as that can be told from this page."""
    index = _index(sightings)
    threads: list[int | None] = []
    for start in range(len(sightings)):
        at, seen, found = start, {start}, None
        while found is None:
            sighting = sightings[at]
            own = next((known[ref].thread_id for ref in _ids(sighting) if ref in known), None)
            up = sighting.post.reply_to or sighting.post.root_hint
            if own is not None:
                found = own
            elif up is None:
                break
            elif up in known:
                found = known[up].thread_id
            elif up in index and index[up] not in seen:
                at = index[up]
                seen.add(at)
            else:
                break
        threads.append(found)
    return threads


def links_to(post: Post, url: str) -> bool:
    """Whether the post links to this page: the scheme, "www.", a final slash, the query and the fragment aside."""
    wanted = _page_of(url)
    return any(entity.kind is EntityKind.LINK and _page_of(entity.target) == wanted for entity in post.entities)


def is_one_of(sighting: Sighting, named: Collection[PostRef]) -> bool:
    """Whether a person meant this post: by one of its ids, or by its address."""
    address = (PostRef(sighting.post.ref.origin, sighting.post.url),) if sighting.post.url else ()
    return any(ref in named for ref in (*_ids(sighting), *address))


def _objection(sighting: Sighting, policy: Policy, forgotten: Mapping[Name, str]) -> str | None:
    post = sighting.post
    if post.visibility is Visibility.PRIVATE:
        return "private"
    if withdrawn := next((forgotten[name] for name in _own_names(sighting) if name in forgotten), None):
        return withdrawn
    if post.author is not None and wishes.is_refused(post.author.wishes, policy.also_refuse):
        return "wish"
    if post.repost_of is not None:
        return "repost"
    return None


def _vias(
    sightings: Sequence[Sighting],
    policy: Policy,
    known: Mapping[PostRef, Known],
    wanted: Mapping[int, Collection[str]],
) -> list[str | None]:
    index = _index(sightings)
    vias = [_by_itself(sighting, policy, known) for sighting in sightings]
    if policy.conversation == "tagged":
        return [via if via in SEEDS else None for via in vias]

    above: list[int | None] = []  # the item of this page under which one hangs
    below: list[list[int]] = [[] for _ in sightings]
    for at, sighting in enumerate(sightings):
        link = _link(sighting.post, index, known)
        upper = index.get(link) if link is not None else None
        above.append(upper if upper != at else None)
        if upper is not None and upper != at:
            below[upper].append(at)
        elif link is not None and link in known and known[link].via in STEMS:
            vias[at] = _stronger(vias[at], "conversation")

    down = deque(at for at, via in enumerate(vias) if via in STEMS)
    while down:
        for child in below[down.popleft()]:
            if vias[child] not in STEMS:
                vias[child] = "conversation"
                down.append(child)

    up: deque[int] = deque()
    for at, sighting in enumerate(sightings):
        asked = {via for ref in _ids(sighting) if ref in known for via in wanted.get(known[ref].post_id, ())}
        if vias[at] is None and asked.intersection({*STEMS, "context", "quoted"}):
            vias[at] = "conversation" if asked == {"conversation"} else "context"
        if vias[at] is not None:
            up.append(at)
    for sighting, via in zip(sightings, list(vias), strict=True):
        quoted = index.get(sighting.post.quote_of) if sighting.post.quote_of is not None else None
        if via in SEEDS and quoted is not None and vias[quoted] is None:
            vias[quoted] = "context"
            up.append(quoted)
    while up:
        upper = above[up.popleft()]
        if upper is not None and vias[upper] is None:
            vias[upper] = "context"
            up.append(upper)

    for at, sighting in enumerate(sightings):
        quoted = sighting.post.quote_of
        if vias[at] is None and quoted is not None:
            own = vias[index[quoted]] if quoted in index else known[quoted].via if quoted in known else None
            vias[at] = "quote" if own in STEMS else None
    return vias


def _by_itself(sighting: Sighting, policy: Policy, known: Mapping[PostRef, Known]) -> str | None:
    """Why the post belongs whatever stands around it: what it is, or that it was admitted before."""
    post = sighting.post
    via = next((known[ref].via for ref in _ids(sighting) if ref in known and known[ref].via), None)
    if policy.openers.intersection(_ids(sighting)):
        via = _stronger(via, "opener")
    if is_one_of(sighting, policy.by_hand):
        via = _stronger(via, "hand")
    if policy.tags.intersection(post.hashtags):
        via = _stronger(via, "tag")
    if policy.whole:
        via = _stronger(via, "page")
    if policy.invitation_url and post.reply_to is None and links_to(post, policy.invitation_url):
        via = _stronger(via, "page")
    return via


def _stronger(one: str | None, other: str) -> str:
    return other if one is None else min(one, other, key=VIAS.index)


def _link(post: Post, index: Mapping[PostRef, int], known: Mapping[PostRef, Known]) -> PostRef | None:
    """What the post hangs on: its parent, or its root hint while nothing is known of the parent."""
    parent = post.reply_to
    if parent is not None and (parent in index or (parent in known and (known[parent].held or known[parent].via))):
        return parent
    return post.root_hint if post.root_hint is not None and post.root_hint != post.ref else parent


def _index(sightings: Sequence[Sighting]) -> dict[PostRef, int]:
    return {ref: at for at, sighting in enumerate(sightings) for ref in _ids(sighting)}


def _ids(sighting: Sighting) -> tuple[PostRef, ...]:
    return (sighting.post.ref, sighting.seen_as, *sighting.also)


def _own_names(sighting: Sighting) -> list[Name]:
    names: list[Name] = [(ref.origin, ref.native_id) for ref in _ids(sighting)]
    if (author := sighting.post.author) is not None:
        names.append((author.origin, author.native_id))
        if author.handle:
            names.append((author.origin, f"@{author.handle.lower()}"))
    return names


def _page_of(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return (url, "")
    return ((parts.hostname or "").removeprefix("www."), parts.path.rstrip("/"))
