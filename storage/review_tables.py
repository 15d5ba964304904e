"""The tables that only the review app needs: moderators and their sessions, reasons, filters, the index for searching.

The index for full-text search is kept by the database itself, so that whatever writes or scrubs a post keeps it right:
on SQLite an FTS5 table without a copy of the texts (https://www.sqlite.org/fts5.html#external_content_tables), on
PostgreSQL an index over an expression, cut because a tsvector takes at most a megabyte.
"""

from __future__ import annotations

from sqlalchemy import DDL, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, event

from .tables import metadata, post
from .types import Id, Json, Moment

# The campaign's own reasons for rejecting; without any, review/reasons.py has ten to begin with.
reason = Table(
    "reason",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("code", Text, primary_key=True),  # what the log keeps
    Column("position", Integer, nullable=False),
    Column("it", Text, nullable=False),
    Column("en", Text, nullable=False),
)

moderator = Table(
    "moderator",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),  # perhaps a pseudonym; what the log calls them
    Column("name_folded", Text, nullable=False, unique=True),
    Column("mail", Text),
    Column("role", Text),  # admin | moderator | viewer, in every campaign that has no row of its own; null: in none
    Column("password", Text),  # argon2; null until the invitation was followed
    Column("languages", Json),  # of posts, on whose queue they open; null: all
    Column("interface", Text),  # it | en; null: what the browser asks for
    Column("keys", Json),  # keys they changed, by action; {"off": true}: single letters do nothing
    Column("made_at", Moment, nullable=False),
    Column("signed_in_at", Moment),
    Column("disabled_at", Moment),
)

moderator_role = Table(
    "moderator_role",
    metadata,
    Column("moderator_id", Id, ForeignKey("moderator.id"), primary_key=True),
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("role", Text, nullable=False),
)

# A one-time link by which a moderator sets a password. Digests (SHA-256 of a random token), never the token itself.
invite = Table(
    "invite",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("moderator_id", Id, ForeignKey("moderator.id"), nullable=False, index=True),
    Column("made_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("used_at", Moment),
)

session = Table(
    "session",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("former", LargeBinary(32), index=True),  # the digest before the last rotation, good for a moment more
    Column("moderator_id", Id, ForeignKey("moderator.id"), nullable=False, index=True),
    Column("agent", Text),  # which browser, in its own words, so that people know their sessions again
    Column("made_at", Moment, nullable=False),
    Column("rotated_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("moderator_id", Id, ForeignKey("moderator.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ends_at", Moment),
    Column("used_at", Moment),
)

# What is slowed down, as it was tried of late, by what it is counted for: failed sign-ins (a name tried from unknown
# browsers, or one known browser), and what readers report (review/throttle.py).
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("bucket", LargeBinary(32), nullable=False, index=True),
    Column("at", Moment, nullable=False),
)

saved_filter = Table(
    "saved_filter",
    metadata,
    Column("moderator_id", Id, ForeignKey("moderator.id"), primary_key=True),
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),  # the queue's address behind the question mark
    Column("made_at", Moment, nullable=False),
)

# How long the queue was, at most once an hour: the chart of its length.
queue_sample = Table(
    "queue_sample",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("at", Moment, primary_key=True),  # the full hour
    Column("pending", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("oldest_at", Moment),  # since when the longest waiting post waits
)

# What readers are told of the moderation, as it stood when the day's first build began (storage/transparency.py).
tally = Table(
    "tally",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("day", Text, primary_key=True),  # in the site's time zone, 2026-11-23
    Column("counts", Json, nullable=False),
)

# What readers ask for or report about a post. `closed_at`, `outcome`: what came of it (storage/reports.py); who did
# what stands in report_act, which is only added to.
report = Table(
    "report",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),  # post | account (to be withdrawn) | illegal | hurtful | private | …
    Column("language", Text, nullable=False),  # the reader's, for an answer
    Column("target", Text),  # the address or name as the reader gave it
    Column("words", Text),
    Column("contact", Text),  # where the reader wants an answer
    Column("campaign_id", Id, ForeignKey("campaign.id")),  # null: it is not known which
    Column("post_id", Id, ForeignKey("post.id"), index=True),  # null: nothing held was found there
    Column("closed_at", Moment),
    Column("outcome", Text),
    Column("stroke", Id),  # the decision that closed it, the first of its stroke
)
# few are open, and every page of the review app counts them
Index(
    "ix_report_open",
    report.c.at,
    sqlite_where=report.c.closed_at.is_(None),
    postgresql_where=report.c.closed_at.is_(None),
)

report_act = Table(
    "report_act",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("report_id", Id, ForeignKey("report.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("act", Text, nullable=False),  # an outcome, or: placed | reopened
    Column("words", Text),
)

# --- full-text search ------------------------------------------------------------------------------------------------

# What FTS5's tokenizer does by itself: no accents, and nothing but letters and digits makes a word. (Capitals with
# accents stand here too, since lower() leaves them alone in some databases' locales; the signs, since PostgreSQL's
# parser makes one word of an address, a path or what has a hyphen.)
_ACCENTS = (
    "àáâãäåèéêëìíîïòóôõöùúûüçñýÿÀÁÂÃÄÅÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜÇÑÝ",
    "aaaaaaeeeeiiiiooooouuuucnyyaaaaaaeeeeiiiiooooouuuucny",
)
_SIGNS = "-_./:@#&+=?~*<>’"


def folded_in_postgres(text: str) -> str:
    """The SQL of `text` in small letters without accents and signs."""
    return f"translate(lower({text}), '{_ACCENTS[0]}{_SIGNS}', '{_ACCENTS[1]}{' ' * len(_SIGNS)}')"


SEARCHED_IN_POSTGRES = (
    "to_tsvector('simple', "
    + folded_in_postgres(
        "left(coalesce(title, '') || ' ' || coalesce(warning, '') || ' ' || coalesce(text, ''), 100000)"
    )
    + ")"
)
_OLD, _NEW = (
    f"{row}.title IS NOT NULL OR {row}.warning IS NOT NULL OR {row}.text IS NOT NULL" for row in ("old", "new")
)
_LEAVES = (
    "INSERT INTO post_fts (post_fts, rowid, title, warning, text) "
    "VALUES ('delete', old.id, old.title, old.warning, old.text); "
)
_ENTERS = "INSERT INTO post_fts (rowid, title, warning, text) VALUES (new.id, new.title, new.warning, new.text); "
SEARCH_IN_SQLITE = (
    (
        "CREATE VIRTUAL TABLE post_fts USING fts5 (title, warning, text, content='post', content_rowid='id', "
        "columnsize=0, tokenize='unicode61 remove_diacritics 2')"
    ),
    f"CREATE TRIGGER post_fts_enters AFTER INSERT ON post WHEN {_NEW} BEGIN {_ENTERS}END",
    f"CREATE TRIGGER post_fts_leaves AFTER DELETE ON post WHEN {_OLD} BEGIN {_LEAVES}END",
    (
        "CREATE TRIGGER post_fts_changes_from AFTER UPDATE OF title, warning, text ON post "
        "WHEN (old.title IS NOT new.title OR old.warning IS NOT new.warning OR old.text IS NOT new.text) "
        f"AND ({_OLD}) BEGIN {_LEAVES}END"
    ),
    (
        "CREATE TRIGGER post_fts_changes_to AFTER UPDATE OF title, warning, text ON post "
        "WHEN (old.title IS NOT new.title OR old.warning IS NOT new.warning OR old.text IS NOT new.text) "
        f"AND ({_NEW}) BEGIN {_ENTERS}END"
    ),
)
SEARCH_IN_POSTGRES = f"CREATE INDEX ix_post_searched ON post USING gin ({SEARCHED_IN_POSTGRES})"

for _statement in SEARCH_IN_SQLITE:
    event.listen(post, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect="sqlite"))
event.listen(post, "after_create", DDL(SEARCH_IN_POSTGRES).execute_if(dialect="postgresql"))
