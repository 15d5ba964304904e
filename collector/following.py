"""Asking about posts that are followed: whole conversations, quotes, posts known by reference only, posts to look up
again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..core.errors import AuthError, CollectorError, Gone, QueryRefused, Temporary
from ..core.records import Authority, PostRef
from ..storage import conversations, gaps, membership, rechecks, windows
from ..storage.conversations import Conversation
from ..storage.store import Connection
from . import schedule, walks
from .contract import Cursor, Lookup, MissingReason, Quotes, Support, Target, Thread, Walk
from .plan import Neighbour
from .pools import Pool, pools
from .session import Session, Turn

AT_ONCE = 200  # followed posts taken up at a time
LOOKS_AT_ONCE = 50  # questions in one run about posts to look up again: a daily run keeps up with some thousand posts
TROUBLES_IN_A_ROW = 3  # followed posts that fail one after the other end a run
LOOK_UPS = ("lookup", "recheck")
QUERIES: dict[str, type[Thread] | type[Quotes] | type[Lookup]] = {
    "thread": Thread,
    "quotes": Quotes,
    "lookup": Lookup,
    "recheck": Lookup,
}


@dataclass(slots=True)
class Following:
    """The followed posts of one run's source. `gone_on`: the stopped walks that this run has taken up; `not_allowed`:
    kinds of questions that the key has no right to ask (Mastodon: quotes need a person's token)."""

    session: Session
    gone_on: set[int] = field(default_factory=set)
    not_allowed: set[str] = field(default_factory=set)

    def openers(self) -> int:
        """Looks up openers that the store has never heard of; from then on they are followed like other posts."""
        plan, session = self.session.plan, self.session
        if Lookup not in session.supports or not plan.openers:
            return 0
        with session.store.writing() as connection:
            known = membership.known(connection, plan.campaign_id, plan.openers)
            named = [known[ref].post_id for ref in plan.openers if ref in known and not known[ref].held]
            due = {(post_id, "lookup"): session.clock.now() for post_id in named}
            conversations.follow(connection, plan.source_id, due)
        unknown = [ref for ref in plan.openers if ref not in known or (known[ref].held and known[ref].via is None)]
        size = session.supports[Lookup].batch
        for at in range(0, len(unknown), size):
            refs = unknown[at : at + size]
            with suppress(Gone):
                session.walk(Lookup(tuple(Target(ref) for ref in refs)), walks.Leg("", Cursor()))
            with session.store.writing() as connection:
                known = membership.known(connection, plan.campaign_id, refs)
                silent = [(ref, str(MissingReason.UNREACHABLE)) for ref in refs if ref not in known]
                session.count_gaps(gaps.record(connection, silent, session.clock.now()))
        return len(unknown)

    def ask(self, kind: str) -> int:
        """Asks about the posts of this kind that are due, in as few questions as the network allows; how many."""
        support = self.session.supports.get(QUERIES[kind])
        if support is None or kind in self.not_allowed or (kind == "recheck" and not self.session.plan.recheck.steps):
            return 0
        try:
            return self._ask(kind, support)
        except (AuthError, QueryRefused) as error:  # the source's own question was answered, so the key as such is good
            self.not_allowed.add(kind)
            self.session.lacks = error
            self._postpone(kind, self._due(kind, support), error)
            return 0

    def _ask(self, kind: str, support: Support) -> int:
        asked = 0 if kind in LOOK_UPS else self._go_on(kind, support)
        due = self._due(kind, support)
        troubles = 0
        for pool in pools(due, support):
            try:
                if kind == "lookup":
                    self._look_up(pool)
                elif kind == "recheck":
                    self._look_again(pool)
                else:
                    self._walk(kind, support, pool, walks.Leg(_key(kind, pool), Cursor(mark=pool.mark), followed=True))
                troubles = 0
            except (Gone, Temporary) as error:
                troubles += 1
                self._postpone(kind, pool.members, error)
                if isinstance(error, Temporary) and troubles >= TROUBLES_IN_A_ROW:
                    raise
        return asked + len(due)

    def _due(self, kind: str, support: Support) -> list[Conversation]:
        plan, now = self.session.plan, self.session.clock.now()
        with self.session.store.writing() as connection:
            if kind == "recheck":
                if self.session.platform.own_account is None:  # any source of the network can be asked for any post
                    rechecks.adopt(connection, plan.source_id, plan.campaign_id, plan.platform)
                rechecks.keep_to(connection, plan.source_id, plan.recheck)
                return self._due_again(connection, support, now)
            due = conversations.due(
                connection, plan.source_id, plan.campaign_id, kind, now, AT_ONCE, whole=support.exhaustive
            )
            if kind == "lookup":
                return due
            # a walk that could not be ended now goes on in the next run
            under_way = {
                post_id
                for window in windows.still_open(connection, plan.source_id, f"{kind}:")
                for post_id in _ids(window.query)
            }
            due = [
                one for one in due if one.post_id not in under_way or (one.filled and support.walk is not Walk.RESCAN)
            ]
            due = self._without_refused(connection, due, kind, now)
            if kind == "thread":
                due = self._without_resting(connection, due, now)
                full = [one for one in due if one.size >= plan.max_posts_per_thread]
                later = schedule.conversation_due(now, None, every=plan.every, reach=support.reach)
                conversations.postpone(connection, plan.source_id, {one.post_id: later for one in full}, kind)
                due = [one for one in due if one not in full]
                self._note_what_is_beyond(connection, due, support, now)
            return due

    def _due_again(self, connection: Connection, support: Support, now: datetime) -> list[Conversation]:
        """The posts to look up again now; those that another question brought meanwhile are put off on the way."""
        plan = self.session.plan
        while due := conversations.due(
            connection,
            plan.source_id,
            plan.campaign_id,
            "recheck",
            now,
            LOOKS_AT_ONCE * support.batch,
            published_only=plan.recheck.micros > 0,
        ):
            if found := self._not_seen_since(connection, due, now):
                return found
        return []

    def _not_seen_since(self, connection: Connection, due: list[Conversation], now: datetime) -> list[Conversation]:
        """Posts that another question brought meanwhile need no look of their own yet."""
        recheck = self.session.plan.recheck
        if recheck.tells_more:
            return due
        seen = {one.post_id: recheck.due(one.seen_at, one.published_at) for one in due if one.seen_at and not one.doubt}
        later = {post_id: moment for post_id, moment in seen.items() if moment is not None and moment > now}
        conversations.rest(connection, self.session.plan.source_id, later, "recheck")
        return [one for one in due if one.post_id not in later]

    def _without_refused(
        self, connection: Connection, due: list[Conversation], kind: str, now: datetime
    ) -> list[Conversation]:
        """What people or rules rejected brings nothing that readers will see: a wave of spam must not cost a question
        a post. Looked at again the next day, for a rejection may be taken back."""
        refused = {one.post_id: now + schedule.PART_REVISIT for one in due if one.refused}
        conversations.rest(connection, self.session.plan.source_id, refused, kind)
        return [one for one in due if not one.refused]

    def _without_resting(self, connection: Connection, due: list[Conversation], now: datetime) -> list[Conversation]:
        """Where another source asks at a post's home, this one's own view of it is wanted once a week."""
        rests = {
            one.post_id: one.asked_at + schedule.MAX_REVISIT
            for one in due
            if one.filled and one.asked_at and one.asked_at + schedule.MAX_REVISIT > now and self._elsewhere(one)
        }
        conversations.rest(connection, self.session.plan.source_id, rests, "thread")
        return [one for one in due if one.post_id not in rests]

    def _elsewhere(self, one: Conversation) -> bool:
        """Whether another source asks for this post where it was written: the one whose own place that is, else the
        one that found it first."""
        plan, is_home = self.session.plan, self.session.platform.is_home
        if is_home is None or not plan.neighbours or one.via not in conversations.SEEDS:
            return False
        if is_home(plan.config, plan.base_url, (one.ref, *one.seen_as)):
            return False
        return self._home_of(one) is not None or one.brought_by in {other.source_id for other in plan.neighbours}

    def _home_of(self, one: Conversation) -> Neighbour | None:
        """The other source whose own place is where the post was written."""
        plan, is_home = self.session.plan, self.session.platform.is_home
        if is_home is None:
            return None
        refs = (one.ref, *one.seen_as)
        return next((other for other in plan.neighbours if is_home(other.config, other.base_url, refs)), None)

    def _hand_over(self, connection: Connection, members: Sequence[Conversation], now: datetime) -> None:
        """Posts whose home did not answer us are left to the source whose own place that is: it may have the key."""
        for one in members:
            home = self._home_of(one) if one.authority < Authority.HOME else None
            if home and conversations.follow(connection, home.source_id, {(one.post_id, "thread"): now}):
                self.session.handed_over.add(home.source_id)

    def _note_what_is_beyond(
        self, connection: Connection, due: Sequence[Conversation], support: Support, now: datetime
    ) -> None:
        """Replies older than the network lets us search are a gap that says so."""
        if support.reach is None:
            return
        horizon = now - support.reach
        for one in due:
            asked_down_to = one.asked_at if one.filled else one.published_at
            if asked_down_to is not None and asked_down_to < horizon:
                gaps.record_replies(connection, one.post_id, str(MissingReason.BEYOND_WINDOW), now)

    # --- conversations and quotes ----------------------------------------------------------------------------------

    def _go_on(self, kind: str, support: Support) -> int:
        """Takes up walks that an earlier run had to leave."""
        plan, session = self.session.plan, self.session
        with session.store.writing() as connection:
            left = [w for w in windows.still_open(connection, plan.source_id, f"{kind}:") if w.id not in self.gone_on]
            found = [
                (w, conversations.by_ids(connection, plan.source_id, plan.campaign_id, kind, _ids(w.query)))
                for w in left
            ]
            for window, members in found:
                if not members:
                    windows.drop(connection, window.id)
                elif walks.lost([window], support, session.clock.now()):
                    windows.drop(connection, window.id)
                    for one in members:
                        gaps.record_replies(
                            connection, one.post_id, str(MissingReason.BEYOND_WINDOW), session.clock.now()
                        )
        asked = 0
        for window, members in found:
            self.gone_on.add(window.id)
            full = kind == "thread" and len(members) == 1 and members[0].size >= plan.max_posts_per_thread
            if not members or full or walks.lost([window], support, session.clock.now()):
                continue
            asked += 1
            try:
                self._walk(kind, support, Pool(tuple(members)), walks.resume(window, support.walk, followed=True))
            except (Gone, Temporary) as error:
                self._postpone(kind, members, error)
        return asked

    def _walk(self, kind: str, support: Support, pool: Pool, leg: walks.Leg) -> None:
        query = QUERIES[kind](tuple(replace(_target(one), elsewhere=self._elsewhere(one)) for one in pool.members))

        def in_page(connection: Connection, turn: Turn) -> None:
            self._write_pool(connection, kind, support, pool, leg, turn)

        self.session.walk(query, leg, in_page=in_page)

    def _write_pool(
        self, connection: Connection, kind: str, support: Support, pool: Pool, leg: walks.Leg, turn: Turn
    ) -> None:
        """Part of the page's transaction: the members' mark with the first page (what lies under it is the open
        window's), their next due time with the last."""
        plan = self.session.plan
        ids = [one.post_id for one in pool.members]
        if turn.before.newest is None and turn.read.page.newest is not None:
            written = max((item.sighting.post.published_at for item in turn.read.items), default=None)
            conversations.marked(connection, plan.source_id, ids, kind, turn.read.page.newest, written)
        elif turn.after.done and turn.before.newest is None and leg.window is None and pool.mark is not None:
            conversations.marked(connection, plan.source_id, ids, kind, pool.mark, pool.mark_at)
        for one in pool.members:
            if one.thread_id in turn.kept.full:
                gaps.record_replies(connection, one.post_id, str(MissingReason.LIMIT), turn.now)
        if turn.after.done:
            again = conversations.by_ids(connection, plan.source_id, plan.campaign_id, kind, ids)
            due = {
                one.post_id: schedule.conversation_due(
                    turn.now,
                    one.last_at,
                    every=plan.every,
                    reach=support.reach,
                    part=one.via not in conversations.SEEDS,
                )
                for one in again
            }
            conversations.asked(connection, plan.source_id, due, kind, turn.after.newest_at)
            if kind == "thread":
                self._hand_over(connection, again, turn.now)

    def _postpone(self, kind: str, members: Sequence[Conversation], error: CollectorError) -> None:
        """One could not be had (a gap, when we know which), or the network was in trouble: later again."""
        plan, session, now = self.session.plan, self.session, self.session.clock.now()
        retry: Callable[[Conversation], datetime]
        if kind == "recheck":
            retry = lambda one: schedule.recheck_retry(now, one.attempts)  # noqa: E731
        elif isinstance(error, Gone | AuthError | QueryRefused):
            retry = lambda one: schedule.missing_due(now, one.attempts)  # noqa: E731
        else:
            retry = lambda one: schedule.after_failure(  # noqa: E731
                now, one.attempts + 1, f"{plan.source_id}:{one.post_id}"
            )
        with session.store.writing() as connection:
            if isinstance(error, Gone):
                for window in windows.still_open(connection, plan.source_id, f"{kind}:"):
                    if _ids(window.query) == [one.post_id for one in members]:
                        windows.drop(connection, window.id)
                if len(members) == 1 and kind != "quotes":
                    gone = [(members[0].ref, str(MissingReason.DELETED))]
                    session.count_gaps(gaps.record(connection, gone, now))
            conversations.postpone(connection, plan.source_id, {one.post_id: retry(one) for one in members}, kind)

    # --- known posts -----------------------------------------------------------------------------------------------

    def _look_up(self, pool: Pool) -> None:
        """Posts known by reference only."""
        plan, session = self.session.plan, self.session
        session.walk(Lookup(tuple(_target(one) for one in pool.members)), walks.Leg("", Cursor()))
        now, ids = session.clock.now(), [one.post_id for one in pool.members]
        with session.store.writing() as connection:
            after = conversations.by_ids(connection, plan.source_id, plan.campaign_id, "lookup", ids)
            conversations.drop(connection, plan.source_id, [one.post_id for one in after if one.held], "lookup")
            missing = [one for one in after if not one.held]
            told = gaps.told(connection, [one.post_id for one in missing])
            silent = [(one.ref, str(MissingReason.UNREACHABLE)) for one in missing if one.post_id not in told]
            session.count_gaps(gaps.record(connection, silent, now))
            due = {one.post_id: schedule.missing_due(now, one.attempts) for one in missing}
            conversations.postpone(connection, plan.source_id, due, "lookup")

    def _look_again(self, pool: Pool) -> None:
        """Held posts. What a page tells of a post is written with the page, for the money may end before the next one;
        of whom nothing was told is asked for again soon: only a network's word changes what readers see."""
        waiting = {one.post_id: one for one in pool.members}

        def in_page(connection: Connection, turn: Turn) -> None:
            for one in list(waiting.values()):
                if _is_told(one, turn):
                    self._looked_again(connection, waiting.pop(one.post_id), turn)

        self.session.walk(Lookup(tuple(_target(one) for one in pool.members)), walks.Leg("", Cursor()), in_page=in_page)
        self._try_again(list(waiting.values()), self.session.clock.now())

    def _looked_again(self, connection: Connection, one: Conversation, turn: Turn) -> None:
        recheck, now = self.session.plan.recheck, turn.now
        due = recheck.due(now, one.published_at)
        if _is_among(one, turn.read.page.unchanged):
            rechecks.still_there(connection, one.post_id, now)
        if _is_among(one, _missing(turn, {MissingReason.OMITTED})) and one.doubt != gaps.OMITTED:
            due = now + recheck.second_look
        if due is not None:
            conversations.asked(connection, self.session.plan.source_id, {one.post_id: due}, "recheck", now)

    def _try_again(self, members: Sequence[Conversation], now: datetime) -> None:
        due = {one.post_id: schedule.recheck_retry(now, one.attempts) for one in members}
        with self.session.store.writing() as connection:
            conversations.postpone(connection, self.session.plan.source_id, due, "recheck")


# What a network says of a post; of the other reasons for missing one none says anything about the post.
ANSWERS = frozenset({MissingReason.OMITTED, MissingReason.DELETED, MissingReason.FORBIDDEN, MissingReason.WITHHELD})


def _is_told(one: Conversation, turn: Turn) -> bool:
    """Whether a page brought the post, said that it is there still, or why it cannot be had."""
    told = _missing(turn, ANSWERS) | set(turn.read.page.unchanged)
    for item in turn.read.items:
        told |= {item.sighting.seen_as, item.sighting.post.ref, *item.sighting.also}
    return _is_among(one, told)


def _missing(turn: Turn, reasons: Collection[MissingReason]) -> set[PostRef]:
    return {missing.ref for missing in turn.read.page.missing if missing.reason in reasons}


def _is_among(one: Conversation, refs: Collection[PostRef]) -> bool:
    return any(ref in refs for ref in (one.ref, *one.seen_as))


def _target(one: Conversation) -> Target:
    return Target(one.ref, one.seen_as, one.url, one.top)


def _key(kind: str, pool: Pool) -> str:
    return f"{kind}:" + ",".join(str(one.post_id) for one in pool.members)


def _ids(key: str) -> list[int]:
    """The post ids in a followed walk's name, "thread:1,2"."""
    return [int(part) for part in key.partition(":")[2].split(",") if part]
