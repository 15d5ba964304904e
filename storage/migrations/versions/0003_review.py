"""What the review app needs: moderators, sessions, claims with a note, urgency, strokes of many, full-text search.

A released migration is never changed: what comes later is a file of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

PEOPLE = sa.text("(\"by\" NOT IN ('rule', 'tagora'))")
URGENT = sa.text("urgency > 0")
ASKED = sa.text("answered_at IS NULL AND asks IS NOT NULL")
IN_BATCH = sa.text("batch IS NOT NULL")

# As core.decisions.urgency_of: of open posts, 2 for those that a rule flagged on their present content, 1 for those
# that were approved before they were edited; decisions taken back left out.
URGENCY = """
UPDATE campaign_post SET urgency = urgency + {weight} WHERE status IN ('new', 'pending', 'held') AND EXISTS (
    SELECT 1 FROM decision JOIN post ON post.id = decision.post_id
    WHERE decision.campaign_id = campaign_post.campaign_id AND decision.post_id = campaign_post.post_id
    AND decision.verdict = '{verdict}' AND decision.content_hash {compared} post.content_hash
    AND NOT EXISTS (SELECT 1 FROM decision AS undo WHERE undo.reverts = decision.id
                    AND undo.campaign_id = decision.campaign_id AND undo.post_id = decision.post_id))
"""

OLD = "old.title IS NOT NULL OR old.warning IS NOT NULL OR old.text IS NOT NULL"
NEW = "new.title IS NOT NULL OR new.warning IS NOT NULL OR new.text IS NOT NULL"
DIFFERS = "(old.title IS NOT new.title OR old.warning IS NOT new.warning OR old.text IS NOT new.text)"
LEAVES = (
    "INSERT INTO post_fts (post_fts, rowid, title, warning, text) "
    "VALUES ('delete', old.id, old.title, old.warning, old.text); "
)
ENTERS = "INSERT INTO post_fts (rowid, title, warning, text) VALUES (new.id, new.title, new.warning, new.text); "
IN_SQLITE = (
    (
        "CREATE VIRTUAL TABLE post_fts USING fts5 (title, warning, text, content='post', content_rowid='id', "
        "columnsize=0, tokenize='unicode61 remove_diacritics 2')"
    ),
    (
        "INSERT INTO post_fts (rowid, title, warning, text) SELECT id, title, warning, text FROM post "
        "WHERE title IS NOT NULL OR warning IS NOT NULL OR text IS NOT NULL"
    ),
    f"CREATE TRIGGER post_fts_enters AFTER INSERT ON post WHEN {NEW} BEGIN {ENTERS}END",
    f"CREATE TRIGGER post_fts_leaves AFTER DELETE ON post WHEN {OLD} BEGIN {LEAVES}END",
    (
        "CREATE TRIGGER post_fts_changes_from AFTER UPDATE OF title, warning, text ON post "
        f"WHEN {DIFFERS} AND ({OLD}) BEGIN {LEAVES}END"
    ),
    (
        "CREATE TRIGGER post_fts_changes_to AFTER UPDATE OF title, warning, text ON post "
        f"WHEN {DIFFERS} AND ({NEW}) BEGIN {ENTERS}END"
    ),
)
IN_POSTGRES = (
    "CREATE INDEX ix_post_searched ON post USING gin (to_tsvector('simple', translate(lower("
    "left(coalesce(title, '') || ' ' || coalesce(warning, '') || ' ' || coalesce(text, ''), 100000)), "
    "'àáâãäåèéêëìíîïòóôõöùúûüçñýÿÀÁÂÃÄÅÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜÇÑÝ-_./:@#&+=?~*<>’', "
    "'aaaaaaeeeeiiiiooooouuuucnyyaaaaaaeeeeiiiiooooouuuucny                ')))"
)


def upgrade() -> None:
    op.drop_table("claim")  # whatever it held has run out
    op.create_table(
        "claim",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("taken_from", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_claim_campaign_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_claim_post_id")),
        sa.PrimaryKeyConstraint("campaign_id", "post_id", name=op.f("pk_claim")),
    )
    op.add_column("campaign_post", sa.Column("urgency", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(URGENCY.format(weight=2, verdict="flag", compared="="))
    op.execute(URGENCY.format(weight=1, verdict="approve", compared="<>"))
    op.create_index(
        "ix_campaign_post_urgent",
        "campaign_post",
        ["campaign_id", "status", "urgency", "added_at", "post_id"],
        sqlite_where=URGENT,
        postgresql_where=URGENT,
    )
    op.add_column("decision", sa.Column("batch", ID, nullable=True))
    op.create_index("ix_decision_people", "decision", ["at", "id"], sqlite_where=PEOPLE, postgresql_where=PEOPLE)
    op.create_index("ix_decision_batch", "decision", ["batch"], sqlite_where=IN_BATCH, postgresql_where=IN_BATCH)
    op.add_column("note", sa.Column("asks", sa.Text(), nullable=True))
    op.add_column("note", sa.Column("answered_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_note_asks", "note", ["asks"], sqlite_where=ASKED, postgresql_where=ASKED)
    op.create_table(
        "reason",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("it", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_reason_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "code", name=op.f("pk_reason")),
    )
    op.create_table(
        "moderator",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("languages", sa.Text(), nullable=True),
        sa.Column("interface", sa.Text(), nullable=True),
        sa.Column("keys", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderator")),
        sa.UniqueConstraint("name_folded", name=op.f("uq_moderator_name_folded")),
    )
    op.create_table(
        "moderator_role",
        sa.Column("moderator_id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderator.id"], name=op.f("fk_moderator_role_moderator_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_moderator_role_campaign_id")),
        sa.PrimaryKeyConstraint("moderator_id", "campaign_id", name=op.f("pk_moderator_role")),
    )
    op.create_table(
        "invite",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("moderator_id", ID, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderator.id"], name=op.f("fk_invite_moderator_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invite")),
    )
    op.create_index(op.f("ix_invite_moderator_id"), "invite", ["moderator_id"])
    op.create_table(
        "session",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("former", sa.LargeBinary(32), nullable=True),
        sa.Column("moderator_id", ID, nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("rotated_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderator.id"], name=op.f("fk_session_moderator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_session_digest")),
    )
    op.create_index(op.f("ix_session_former"), "session", ["former"])
    op.create_index(op.f("ix_session_moderator_id"), "session", ["moderator_id"])
    op.create_table(
        "api_token",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("moderator_id", ID, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderator.id"], name=op.f("fk_api_token_moderator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(op.f("ix_api_token_moderator_id"), "api_token", ["moderator_id"])
    op.create_table(
        "sign_in_failure",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("bucket", sa.LargeBinary(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_bucket"), "sign_in_failure", ["bucket"])
    op.create_table(
        "saved_filter",
        sa.Column("moderator_id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderator.id"], name=op.f("fk_saved_filter_moderator_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_saved_filter_campaign_id")),
        sa.PrimaryKeyConstraint("moderator_id", "campaign_id", "name", name=op.f("pk_saved_filter")),
    )
    op.create_table(
        "queue_sample",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("oldest_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_queue_sample_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "at", name=op.f("pk_queue_sample")),
    )
    op.create_index(op.f("ix_build_seq"), "build", ["seq"])
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in IN_SQLITE if on_sqlite else (IN_POSTGRES,):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("enters", "leaves", "changes_from", "changes_to"):
            op.execute(f"DROP TRIGGER post_fts_{trigger}")
        op.execute("DROP TABLE post_fts")
    else:
        op.drop_index("ix_post_searched", table_name="post")
    for table in ("queue_sample", "saved_filter", "sign_in_failure", "api_token", "session", "invite"):
        op.drop_table(table)
    for table in ("moderator_role", "moderator", "reason"):
        op.drop_table(table)
    op.drop_index("ix_build_seq", table_name="build")
    op.drop_index("ix_note_asks", table_name="note")
    op.drop_column("note", "answered_at")
    op.drop_column("note", "asks")
    op.drop_index("ix_decision_batch", table_name="decision")
    op.drop_index("ix_decision_people", table_name="decision")
    op.drop_column("decision", "batch")
    op.drop_index("ix_campaign_post_urgent", table_name="campaign_post")
    op.drop_column("campaign_post", "urgency")
    op.drop_column("claim", "taken_from")
    op.drop_column("claim", "note")
    op.drop_column("claim", "at")
