"""The tables of the store; those that only the review app needs: review_tables.py. Words as in docs/glossary.md; how
they hang together: docs/store.md.

A row of `post` is a node of the reply forest. It may be a *placeholder* (held = false): a post known by reference
only. Every reference ever met has one row in `sighting`; pointers aim at sightings, so that two placeholders turn
into one post by moving one row. Ids are given by the writer (one at a time), so that a page is written in batches.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from .types import ByteText, Id, Json, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

# --- people and posts ----------------------------------------------------------------------------------------------

author = Table(
    "author",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("native_id", Text, nullable=False),
    Column("handle", Text),
    Column("handle_folded", Text, index=True),
    Column("display_name", Text),
    Column("url", Text),
    Column("avatar_url", Text),
    Column("created_at", Moment),
    Column("bot", Boolean),
    Column("protected", Boolean),
    Column("wishes", Json),
    Column("seen_at", Moment, nullable=False),
    Column("authority", SmallInteger, nullable=False, server_default=text("0")),  # of whose word the row is
    UniqueConstraint("origin", "native_id"),
)

thread = Table(
    "thread",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("root_id", Id, nullable=False),  # the top node, perhaps a placeholder
    Column("address", ByteText, nullable=False, index=True),  # base32(hash(root ref))
    Column("size", Integer, nullable=False),  # nodes, placeholders included
    Column("cuts", Integer, nullable=False, server_default=text("0")),  # nodes whose link is cut to open a cycle
    Column("revision", BigInteger, nullable=False, server_default=text("0")),  # the change that touched it last
    Column("published_as", Text),  # the address under which readers know it
)

thread_alias = Table(
    "thread_alias",
    metadata,
    Column("address", Text, primary_key=True),
    Column("thread_id", Id, ForeignKey("thread.id"), nullable=False, index=True),
)

post = Table(
    "post",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("native_id", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    # the node in the forest: `parent_id` is the chosen reply target, `link_id` what it hangs on (parent, or the hint
    # where the parent is unknown), before cycles are cut
    Column("thread_id", Id, ForeignKey("thread.id"), nullable=False, index=True),
    Column("parent_id", Id, index=True),
    Column("link_id", Id, index=True),
    Column("cut", Boolean, nullable=False, server_default=text("false")),
    Column("quote_id", Id, index=True),
    Column("repost_id", Id),
    # what the authoritative sighting says
    Column("author_id", Id, ForeignKey("author.id"), index=True),
    Column("url", Text, index=True),
    Column("published_at", Moment, index=True),
    Column("edited_at", Moment),
    Column("title", Text),
    Column("text", Text),
    Column("html", Text),
    Column("lang", Text),
    Column("lang_guessed", Boolean),
    Column("warning", Text),
    Column("sensitive", Boolean),
    Column("labels", Json),
    Column("withheld", Json),
    Column("visibility", Text),
    Column("hashtags", Json),
    Column("content_hash", Text),
    Column("fingerprint", BigInteger),  # 64-bit near-duplicate fingerprint of the text, two's complement
    Column("body_hash", Text),  # the content hash's part that needs no other post
    # which observation told it: the highest rank wins (storage/rank.py), the rest is for reading
    Column("rank", Text),
    Column("authority", SmallInteger),
    Column("seen_at", Moment),
    Column("mapping_version", Integer),
    Column("gone", Text),  # deleted | forbidden | withheld: the network no longer shows it; forgotten: withdrawn
    # why readers get a bare link: overdue (not looked up in time) | omitted (an answer left it out without a word)
    Column("doubt", Text),
    Column("doubted_at", Moment),
    UniqueConstraint("origin", "native_id"),
)

# few posts are in doubt, and alerts ask for them every minute
Index("ix_post_doubt", post.c.doubt, sqlite_where=post.c.doubt.is_not(None), postgresql_where=post.c.doubt.is_not(None))

# The fingerprint in four bands of 16 bits: two texts that differ in at most three bits share a band.
fingerprint_band = Table(
    "fingerprint_band",
    metadata,
    Column("band", Integer, nullable=False),  # band number * 65536 + value
    Column("post_id", Id, ForeignKey("post.id"), nullable=False, index=True),
    Column("fingerprint", BigInteger, nullable=False, server_default=text("0")),  # whole, so that no post need be read
    Index("ix_fingerprint_band_near", "band", "post_id", "fingerprint"),
)

sighting = Table(
    "sighting",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("native_id", Text, nullable=False),
    Column("post_id", Id, ForeignKey("post.id"), nullable=False, index=True),
    Column("authority", SmallInteger, nullable=False, server_default=text("0")),  # 0: only named, never seen
    Column("edited_at", Moment),
    Column("seen_at", Moment),
    Column("rank", Text),  # of the newest observation: its pointers are the sighting's
    UniqueConstraint("origin", "native_id"),
)

pointer = Table(
    "pointer",
    metadata,
    Column("sighting_id", Id, ForeignKey("sighting.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # reply_to | root_hint | quote_of | repost_of
    Column("target_id", Id, ForeignKey("sighting.id"), nullable=False, index=True),
)

entity = Table(
    "entity",
    metadata,
    Column("post_id", Id, ForeignKey("post.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("display", Text),
)

media = Table(
    "media",
    metadata,
    Column("post_id", Id, ForeignKey("post.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("url", Text),
    Column("preview_url", Text),
    Column("alt", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("stable_id", Text),
)

# What is known of the copy of a medium (of a film: of its still). The copies are files in a folder beside the store.
picture = Table(
    "picture",
    metadata,
    Column("post_id", Id, ForeignKey("post.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("source", Text, nullable=False),  # what it was made from: the medium's stable id, else its address
    Column("copies", Json),  # core.pictures.Rendition as lists; NULL: there is none
    Column("attempts", Integer, nullable=False),  # that failed in a row
    Column("due_at", Moment),  # when it is tried again; NULL: not any more
    Column("problem", Text),
    Index("ix_picture_due_at", "due_at", sqlite_where=text("due_at IS NOT NULL"),
          postgresql_where=text("due_at IS NOT NULL")),
)  # fmt: skip

metrics = Table(
    "metrics",
    metadata,
    Column("sighting_id", Id, ForeignKey("sighting.id"), primary_key=True),
    Column("seen_at", Moment, nullable=False),
    Column("likes", BigInteger),
    Column("replies", BigInteger),
    Column("reposts", BigInteger),
    Column("quotes", BigInteger),
    Column("views", BigInteger),
)

payload = Table(
    "payload",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("sighting_id", Id, ForeignKey("sighting.id"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),  # zlib of canonical JSON {"body", "context"}
    Column("seen_at", Moment, nullable=False),
    UniqueConstraint("sighting_id", "sha256"),
)

payload_subject = Table(
    "payload_subject",
    metadata,
    Column("payload_id", Id, ForeignKey("payload.id"), primary_key=True),
    Column("origin", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # an account id, or "@handle" in lower case
    Index("ix_payload_subject_origin_name", "origin", "name"),
)

gap = Table(
    "gap",
    metadata,
    Column("post_id", Id, ForeignKey("post.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # post: this one is missing; replies: some below it are
    Column("reason", Text, nullable=False),
    Column("missing", Integer),  # how many, where known
    Column("seen_at", Moment, nullable=False),
)

# --- campaigns and review ------------------------------------------------------------------------------------------

campaign = Table(
    "campaign",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("policy", Text, nullable=False, server_default=text("'review_first'")),  # or publish_first, as configured
    Column("publishing", Boolean, nullable=False, server_default=text("true")),  # false: "stop publishing" was pressed
    Column("stopped_after", Id),  # the last decision that counts while publishing is stopped
    Column("flood_since", Moment),  # the flood brake is on: review_first until a person releases it
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),  # its tags are searched no more (core/closing.py)
)

campaign_post = Table(
    "campaign_post",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("post_id", Id, ForeignKey("post.id"), primary_key=True),
    Column("via", Text, nullable=False),  # tag | opener | conversation | context | quote | page | hand
    Column("source_id", Id),
    Column("status", Text, nullable=False),  # new | pending | held | approved | rejected
    Column("decided_hash", Text),
    Column("decision_id", Id),
    Column("featured", Boolean, nullable=False, server_default=text("false")),
    Column("added_at", Moment, nullable=False),
    Column("urgency", SmallInteger, nullable=False, server_default=text("0")),  # core.decisions.urgency_of, in the fold
    Index("ix_campaign_post_campaign_id_status_added_at", "campaign_id", "status", "added_at", "post_id"),
    Index("ix_campaign_post_post_id", "post_id"),
)
# few posts are urgent, so that the order by urgency costs those that are not nothing
Index(
    "ix_campaign_post_urgent",
    campaign_post.c.campaign_id,
    campaign_post.c.status,
    campaign_post.c.urgency,
    campaign_post.c.added_at,
    campaign_post.c.post_id,
    sqlite_where=campaign_post.c.urgency > 0,
    postgresql_where=campaign_post.c.urgency > 0,
)

ruleset = Table(
    "ruleset",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("campaign_id", Id, ForeignKey("campaign.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),  # YAML as a person wrote it
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("campaign_id", "version"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("campaign_id", Id, ForeignKey("campaign.id"), nullable=False),
    Column("post_id", Id, ForeignKey("post.id"), nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("verdict", Text, nullable=False),  # approve | reject | hold | pend | flag | log | feature | unfeature | undo
    Column("reason", Text),
    Column("ruleset_id", Id),
    Column("rule", Text),
    Column("matched", Json),  # [start, end] in the text, or the word for a match elsewhere
    Column("by", Text, nullable=False),  # a person's name, "rule" or "tagora"
    Column("at", Moment, nullable=False),
    Column("reverts", Id),
    Column("batch", Id),  # decisions made in one stroke share the id of their first
    Index("ix_decision_campaign_id_post_id_id", "campaign_id", "post_id", "id"),
)
# what people decided, the newest last, among the many entries of the rules
Index(
    "ix_decision_people",
    decision.c.at,
    decision.c.id,
    sqlite_where=decision.c.by.not_in(["rule", "tagora"]),
    postgresql_where=decision.c.by.not_in(["rule", "tagora"]),
)
Index(
    "ix_decision_batch",
    decision.c.batch,
    sqlite_where=decision.c.batch.is_not(None),
    postgresql_where=decision.c.batch.is_not(None),
)

# Authors a campaign trusts or blocks, with an end date where one was given.
standing = Table(
    "standing",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("author_id", Id, ForeignKey("author.id"), primary_key=True),
    Column("stands", Text, nullable=False),  # trusted | blocked
    Column("until", Moment),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

note = Table(
    "note",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("campaign_id", Id, ForeignKey("campaign.id"), nullable=False),
    Column("post_id", Id, ForeignKey("post.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("asks", Text),  # the moderator whose view is asked for
    Column("answered_at", Moment),
)
Index(
    "ix_note_asks",
    note.c.asks,
    sqlite_where=note.c.answered_at.is_(None) & note.c.asks.is_not(None),
    postgresql_where=note.c.answered_at.is_(None) & note.c.asks.is_not(None),
)

# Who has a post open: others see it and are kept from deciding until it runs out or is taken over.
claim = Table(
    "claim",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("post_id", Id, ForeignKey("post.id"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("note", Text),  # what who took it over tells the one who had it
    Column("taken_from", Text),
)

# --- collecting ----------------------------------------------------------------------------------------------------

account = Table(
    "account",
    metadata,
    Column("name", Text, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("ailing_since", Moment),  # set while the network refuses the key or nothing is left to spend
    Column("problem", Text),  # in words, without secrets
    Column("rests_until", Moment),  # null while ailing: until a person acts
    Column("fingerprint", Text),  # of its settings and keys, one way: a change ends the ailing
)

source = Table(
    "source",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("campaign_id", Id, ForeignKey("campaign.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),  # false: no longer in the config
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # failures in a row
    Column("last_error", Text),
    Column("last_ok_at", Moment),
    Column("last_new_at", Moment),
    Column("lease_by", Text),
    Column("lease_until", Moment),
    Column("usual_per_hour", Integer),  # what the flood brake compares with, thousandths of a post
    UniqueConstraint("campaign_id", "name"),
)

window = Table(
    "window",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),
    Column("query", Text, nullable=False),  # what was asked, e.g. "tag:mmgcasnocha"
    Column("cursor", Json),  # where the walk goes on; null once the window is closed
    Column("newest", Text),  # the highest mark met: where the next window starts
    Column("newest_at", Moment, nullable=False),  # asked up to this moment
    Column("oldest_at", Moment),  # and down to this one; null in a closed window: as far as the network keeps
    Column("floor_at", Moment),  # down to which moment it is meant to reach: where the window below begins
    Column("exhaustive", Boolean, nullable=False),
    Column("items", Integer, nullable=False, server_default=text("0")),
    Column("closed_at", Moment),  # of windows that became one, the earliest
    Index("ix_window_source_id_query_id", "source_id", "query", "id"),
)

# One conversation that a source follows below a root: when to ask again, how far it is known.
conversation = Table(
    "conversation",
    metadata,
    Column("source_id", Id, ForeignKey("source.id"), primary_key=True),
    Column("post_id", Id, ForeignKey("post.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # thread | quotes | lookup | recheck
    Column("due_at", Moment, nullable=False),
    Column("asked_at", Moment),  # asked to the end at this moment
    Column("mark", Text),  # everything at or under this mark of the network is held
    Column("mark_at", Moment),  # when the post with this mark was written
    Column("filled", Boolean, nullable=False, server_default=text("false")),  # back-filled, may join a pool
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Index("ix_conversation_source_id_due_at", "source_id", "due_at"),
)

# Re-checks that failed last: few, so that what could not be looked up in time is found without reading what can be.
Index(
    "ix_conversation_failing",
    conversation.c.source_id,
    sqlite_where=(conversation.c.attempts > 0) & (conversation.c.kind == "recheck"),
    postgresql_where=(conversation.c.attempts > 0) & (conversation.c.kind == "recheck"),
)

run = Table(
    "run",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("seen", Integer, nullable=False, server_default=text("0")),
    Column("new", Integer, nullable=False, server_default=text("0")),
    Column("updated", Integer, nullable=False, server_default=text("0")),
    Column("gaps", Integer, nullable=False, server_default=text("0")),
    Column("refused", Json),  # counts by reason: {"private": 2, "optout": 1}
    Column("requests", Integer, nullable=False, server_default=text("0")),
    Column("micros", BigInteger, nullable=False, server_default=text("0")),
    Column("error", Text),
)

budget_entry = Table(
    "budget_entry",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("source_id", Id, ForeignKey("source.id"), nullable=False),
    Column("day", Text, nullable=False),  # UTC, 2026-11-23
    Column("requests", Integer, nullable=False),
    Column("micros", BigInteger, nullable=False),  # the worst case while reserved, the real cost once settled
    Column("state", Text, nullable=False),  # reserved | settled
    Column("by", Text, nullable=False),  # which process reserved it
    Column("at", Moment, nullable=False),
    Column("recheck", Boolean, nullable=False, server_default=text("false")),  # to look again at what is held
    Index("ix_budget_entry_account_day", "account", "day"),
    Index("ix_budget_entry_source_id_day", "source_id", "day"),
)

# --- what changed, what was withdrawn, what was built ----------------------------------------------------------------

change = Table(
    "change",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("thread_id", Id, nullable=False, index=True),
    Column("at", Moment, nullable=False),
)

# Withdrawn for ever: HMAC-SHA256 of a reference or an account, with a secret kept outside the store.
tombstone = Table(
    "tombstone",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("kind", Text, nullable=False),  # post | author
    Column("at", Moment, nullable=False),
)

# Asked not to be collected, without a withdrawal: same digests, may be taken back.
optout = Table(
    "optout",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
)

build = Table(
    "build",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("as_of", Text, nullable=False),
    Column("seq", Id, nullable=False, index=True),  # the change log was read up to here
    Column("report", Json),
)
