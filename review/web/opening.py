"""One open post put together for its page: the conversation, what was decided, who wrote it, what readers see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from ...core.conditions import Stands
from ...core.decisions import Decision, Status, Verdict, standing
from ...core.normalise import CUT
from ...core.reasons import Reason
from ...presentation.entities import safe_url
from ...presentation.formats import Formats
from ...presentation.posts import Showing, author_view
from ...storage import conversation_view, history, live, moderators, near, publishable
from ...storage.claims import Claim, claims
from ...storage.conversation_view import Picture
from ...storage.decisions import logs
from ...storage.history import AuthorRecord
from ...storage.live import Live
from ...storage.notes import Note
from ...storage.queue import QueueItem, queue_items
from ...storage.snapshot import Node
from ...storage.store import Connection
from ...storage.tombstones import ORIGIN as WITHDRAWN
from ..in_view import InView, in_view, matches
from ..wording_diff import Piece, pieces
from .sentences import Speaker
from .surroundings import Campaign, Surroundings, Version

MOST_TRANSLATED = 1_500  # characters of a post that fit into an address
MOST_MATCHED = 200  # characters shown of what a rule found
KINDS = ("image", "video", "audio", "gif", "other")


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision in words. `undone`: it is taken back."""

    decision: Decision
    who: str
    why: str | None
    undone: bool
    can_undo: bool


@dataclass(frozen=True, slots=True)
class Match:
    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class Shot:
    """A medium: `url` is where it is, `picture` what a page can show of it."""

    label: str
    alt: str | None
    url: str | None
    picture: str | None


@dataclass(frozen=True, slots=True)
class By:
    """The author, as moderators know them. `readers_see`: where that is less than the name."""

    id: int
    name: str
    handle: str
    url: str | None
    counted: str
    since: datetime | None
    account_since: datetime | None
    standing: str
    stands: Stands | None
    readers_see: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    seen_at: datetime
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    item: QueueItem
    view: InView
    via: str
    live: Mapping[int, str]
    url: str | None
    translate: str | None
    claimed_by: Claim | None
    questions: tuple[Note, ...]
    notes: tuple[Note, ...]
    colleagues: tuple[str, ...]
    matched: tuple[Match, ...]
    pictures: tuple[Shot, ...]
    author: By | None
    waiting_by_author: int
    group: tuple[int, ...]
    versions: tuple[Edit, ...]
    log: tuple[Entry, ...]

    @property
    def decision_id(self) -> int | None:
        return self.item.decision.id if self.item.decision else None


def open_post(
    connection: Connection,
    here: Surroundings,
    campaign: Campaign,
    post_id: int,
    me: str,
    speaker: Speaker,
    versions: Callable[[int], Sequence[Version]],
    *,
    whole: bool = False,
) -> Opened | None:
    """The post with all that a decision on it may hang on; None for one that is not in the campaign."""
    found = queue_items(connection, campaign.id, [post_id])
    if not found:
        return None
    item = found[0]
    of = publishable.campaigns(connection)[campaign.slug]
    log = logs(connection, campaign.id, [post_id]).get(post_id, [])
    view = in_view(
        connection,
        of,
        item.thread_id,
        post_id,
        lambda node: campaign.showing.get(node.source or "", Showing(authors="initials")),
        Formats(speaker.language, here.timezone),
        highlights=matches(log, item.content_hash),
        whole=whole,
    )
    now = here.clock.now()
    claim = claims(connection, campaign.id, [post_id], now).get(post_id)
    record = history.author_record(connection, campaign.id, item.author_id, now) if item.author_id else None
    shots = conversation_view.pictures(connection, [post_id]).get(post_id, ())
    approved = [row.post_id for row in view.rows if row.status is Status.APPROVED]
    until = here.acts.until_live() if approved else None
    return Opened(
        item=item,
        view=view,
        via=_via(item.via, speaker),
        live={id_: _live(found, until, speaker) for id_, found in live.of_posts(connection, of, approved).items()},
        url=safe_url(item.url),
        translate=_translate(here.settings.translate, item, speaker.language),
        claimed_by=claim if claim is not None and claim.by != me else None,
        questions=tuple(note for note in item.remarks if note.open_for),
        notes=item.remarks,
        colleagues=tuple(
            one.name
            for one in moderators.every(connection)
            if one.name != me and one.disabled_at is None and one.role_in(campaign.id) is not None
        ),
        matched=_matched(log, item),
        pictures=tuple(_shot(one, speaker) for one in shots),
        author=_by(record, item, view.node, campaign, speaker) if record else None,
        waiting_by_author=record.waiting if record else 0,
        group=tuple(near.of_post(connection, campaign.id, post_id)),
        versions=_edits(versions(post_id) if item.edited_at else ()),
        log=_entries(log, speaker),
    )


def _via(via: str, speaker: Speaker) -> str:
    tell = speaker.tell
    return {
        "tag": tell("with the tag"),
        "opener": tell("opens the discussion"),
        "conversation": tell("in a conversation"),
        "context": tell("as context"),
        "quote": tell("quotes a post"),
        "page": tell("on the Page"),
        "hand": tell("added by hand"),
    }.get(via, via)


def _live(found: Live, until: timedelta | None, speaker: Speaker) -> str:
    """Since when readers see an approved post, or when they will."""
    tell = speaker.tell
    if not found.publishable:
        return tell("approved, but not shown: publishing is stopped, or its network no longer shows it")
    if found.doubted:
        return tell(
            "approved, but only a link is shown: its network could not be asked lately whether it is still there"
        )
    if found.since is not None:
        return tell("live since %(when)s") % {"when": speaker.when(found.since)}
    if until is None:
        return tell("goes live with the next `tagora build`")
    minutes = max(1, round(until.total_seconds() / 60))
    if until < timedelta(seconds=45):
        return tell("goes live with the next build, in some seconds")
    return speaker.count(
        "goes live with the next build, in about %(num)d minute",
        "goes live with the next build, in about %(num)d minutes",
        minutes,
    ) % {"num": minutes}


def _translate(template: str | None, item: QueueItem, language: str) -> str | None:
    if template is None or not item.text or item.language == language:
        return None
    text = quote(item.text[:MOST_TRANSLATED].encode("utf-8", "replace"), safe="")
    return template.replace("{to}", language).replace("{text}", text)


def _matched(log: Sequence[Decision], item: QueueItem) -> tuple[Match, ...]:
    """What rules found in the present content, for the line under the post."""
    found: dict[Match, None] = {}
    for one in standing(log):
        if one.rule and one.matched is not None and one.content_hash == item.content_hash:
            at = one.matched
            words = at if isinstance(at, str) else item.text[at[0] : at[1]]
            found[Match(one.rule, words if len(words) <= MOST_MATCHED else words[:MOST_MATCHED] + CUT)] = None
    return tuple(found)


def _shot(one: Picture, speaker: Speaker) -> Shot:
    tell = speaker.tell
    labels: Mapping[str, str] = {
        "image": tell("Show the picture"),
        "gif": tell("Show the animation"),
        "video": tell("Open the video"),
        "audio": tell("Open the sound"),
    }
    url = safe_url(one.url) or safe_url(one.preview_url)
    shown = safe_url(one.url) if one.kind == "image" else safe_url(one.preview_url)
    picture = shown if shown and shown.startswith("https://") else None
    return Shot(labels.get(one.kind, tell("Open the attachment")), one.alt, url, picture)


def _by(record: AuthorRecord, item: QueueItem, node: Node, campaign: Campaign, speaker: Speaker) -> By:
    tell = speaker.tell
    counted = [
        speaker.count("%(num)d post", "%(num)d posts", record.posts) % {"num": record.posts},
        *(
            f"{number} {words}"
            for number, words in (
                (record.approved, tell("approved")),
                (record.rejected, tell("rejected")),
                (record.waiting, tell("waiting")),
            )
            if number
        ),
    ]
    stands = record.stands
    words = {Stands.TRUSTED: tell("trusted"), Stands.BLOCKED: tell("blocked"), None: tell("like anybody")}[stands]
    if stands is not None and record.until is not None:
        words += f" · {tell('until')} {speaker.when(record.until)}"
    showing = campaign.showing.get(node.source or "", Showing(authors="initials"))
    seen = author_view(node.writer, showing)
    name = item.display_name or item.handle or tell("unknown")
    less = None if seen is not None and seen.name == name else seen.name if seen else tell("nobody’s name")
    return By(
        id=record.id,
        name=f"{name} (@{item.handle.lstrip('@')})" if item.handle and item.handle != name else name,
        handle=item.handle or "",
        url=safe_url(node.writer.url) if node.writer else None,
        counted=", ".join(counted),
        since=record.since,
        account_since=record.account_since,
        standing=words,
        stands=stands,
        readers_see=less,
    )


def _edits(versions: Sequence[Version]) -> tuple[Edit, ...]:
    """Each version against the one before; the first as it was."""
    found: list[Edit] = []
    for at, one in enumerate(versions):
        before = _whole(versions[at - 1]) if at else _whole(one)
        found.append(Edit(one.edited_at or one.seen_at, pieces(before, _whole(one))))
    return tuple(reversed(found))


def _whole(version: Version) -> str:
    return "\n\n".join(part for part in (version.warning, version.title, version.text) if part)


def _entries(log: Sequence[Decision], speaker: Speaker) -> tuple[Entry, ...]:
    kept = {decision.id for decision in standing(log)}
    undoing = {d.id for d in log if d.verdict is Verdict.UNDO}
    return tuple(
        Entry(
            decision=one,
            who=speaker.who(one),
            why=speaker.why(one),
            undone=one.id not in kept and one.id not in undoing,
            can_undo=one.id in kept and one.reason != WITHDRAWN,
        )
        for one in reversed(log)
    )


def reasons_shown(known: Sequence[Reason], language: str) -> list[dict[str, str]]:
    """The reasons to choose from; the first ten can be chosen by a digit."""
    digits = "1234567890"
    return [
        {"code": one.code, "label": one.in_language(language), "digit": digits[at] if at < len(digits) else ""}
        for at, one in enumerate(known)
    ]
