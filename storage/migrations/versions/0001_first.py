"""The first schema.

A released migration is never changed: what comes later is a file of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("ailing_since", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("rests_until", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "author",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("handle_folded", sa.Text(), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("avatar_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("bot", sa.Boolean(), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=True),
        sa.Column("wishes", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author")),
        sa.UniqueConstraint("origin", "native_id", name=op.f("uq_author_origin_native_id")),
    )
    op.create_index(op.f("ix_author_handle_folded"), "author", ["handle_folded"], unique=False)
    op.create_table(
        "build",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("seq", ID, nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_build")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), server_default=sa.text("'review_first'"), nullable=False),
        sa.Column("publishing", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("stopped_after", ID, nullable=True),
        sa.Column("flood_since", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("slug", name=op.f("uq_campaign_slug")),
    )
    op.create_table(
        "change",
        sa.Column("seq", ID, autoincrement=False, nullable=False),
        sa.Column("thread_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_thread_id"), "change", ["thread_id"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "optout",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_optout")),
    )
    op.create_table(
        "thread",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("root_id", ID, nullable=False),
        sa.Column("address", BYTE_TEXT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("cuts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("published_as", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
    )
    op.create_index(op.f("ix_thread_address"), "thread", ["address"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "post",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("thread_id", ID, nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("link_id", ID, nullable=True),
        sa.Column("cut", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("quote_id", ID, nullable=True),
        sa.Column("repost_id", ID, nullable=True),
        sa.Column("author_id", ID, nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("lang", sa.Text(), nullable=True),
        sa.Column("lang_guessed", sa.Boolean(), nullable=True),
        sa.Column("warning", sa.Text(), nullable=True),
        sa.Column("sensitive", sa.Boolean(), nullable=True),
        sa.Column("labels", sa.Text(), nullable=True),
        sa.Column("withheld", sa.Text(), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=True),
        sa.Column("hashtags", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.BigInteger(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("rank", sa.Text(), nullable=True),
        sa.Column("authority", sa.SmallInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("mapping_version", sa.Integer(), nullable=True),
        sa.Column("gone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name=op.f("fk_post_author_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_post_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("origin", "native_id", name=op.f("uq_post_origin_native_id")),
    )
    op.create_index(op.f("ix_post_author_id"), "post", ["author_id"], unique=False)
    op.create_index(op.f("ix_post_link_id"), "post", ["link_id"], unique=False)
    op.create_index(op.f("ix_post_parent_id"), "post", ["parent_id"], unique=False)
    op.create_index(op.f("ix_post_published_at"), "post", ["published_at"], unique=False)
    op.create_index(op.f("ix_post_quote_id"), "post", ["quote_id"], unique=False)
    op.create_index(op.f("ix_post_thread_id"), "post", ["thread_id"], unique=False)
    op.create_index(op.f("ix_post_url"), "post", ["url"], unique=False)
    op.create_table(
        "ruleset",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_ruleset_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruleset")),
        sa.UniqueConstraint("campaign_id", "version", name=op.f("uq_ruleset_campaign_id_version")),
    )
    op.create_table(
        "source",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_ok_at", sa.BigInteger(), nullable=True),
        sa.Column("last_new_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_by", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("usual_per_hour", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_source_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_source_campaign_id_name")),
    )
    op.create_table(
        "standing",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("stands", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name=op.f("fk_standing_author_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_standing_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "author_id", name=op.f("pk_standing")),
    )
    op.create_table(
        "thread_alias",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("thread_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_thread_alias_thread_id")),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_thread_alias")),
    )
    op.create_index(op.f("ix_thread_alias_thread_id"), "thread_alias", ["thread_id"], unique=False)
    op.create_table(
        "budget_entry",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_budget_entry_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_entry")),
    )
    op.create_index("ix_budget_entry_account_day", "budget_entry", ["account", "day"], unique=False)
    op.create_index("ix_budget_entry_source_id_day", "budget_entry", ["source_id", "day"], unique=False)
    op.create_table(
        "campaign_post",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("source_id", ID, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_hash", sa.Text(), nullable=True),
        sa.Column("decision_id", ID, nullable=True),
        sa.Column("featured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_post_campaign_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_campaign_post_post_id")),
        sa.PrimaryKeyConstraint("campaign_id", "post_id", name=op.f("pk_campaign_post")),
    )
    op.create_index(
        "ix_campaign_post_campaign_id_status_added_at",
        "campaign_post",
        ["campaign_id", "status", "added_at", "post_id"],
        unique=False,
    )
    op.create_index("ix_campaign_post_post_id", "campaign_post", ["post_id"], unique=False)
    op.create_table(
        "claim",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_claim_campaign_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_claim_post_id")),
        sa.PrimaryKeyConstraint("campaign_id", "post_id", name=op.f("pk_claim")),
    )
    op.create_table(
        "conversation",
        sa.Column("source_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("mark_at", sa.BigInteger(), nullable=True),
        sa.Column("filled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_conversation_post_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_conversation_source_id")),
        sa.PrimaryKeyConstraint("source_id", "post_id", "kind", name=op.f("pk_conversation")),
    )
    op.create_index("ix_conversation_source_id_due_at", "conversation", ["source_id", "due_at"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ruleset_id", ID, nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("matched", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reverts", ID, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_decision_campaign_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_decision_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_campaign_id_post_id_id", "decision", ["campaign_id", "post_id", "id"], unique=False)
    op.create_table(
        "entity",
        sa.Column("post_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_entity_post_id")),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("pk_entity")),
    )
    op.create_table(
        "fingerprint_band",
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_fingerprint_band_post_id")),
    )
    op.create_index("ix_fingerprint_band_band_post_id", "fingerprint_band", ["band", "post_id"], unique=False)
    op.create_index(op.f("ix_fingerprint_band_post_id"), "fingerprint_band", ["post_id"], unique=False)
    op.create_table(
        "gap",
        sa.Column("post_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_gap_post_id")),
        sa.PrimaryKeyConstraint("post_id", "kind", name=op.f("pk_gap")),
    )
    op.create_table(
        "media",
        sa.Column("post_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("preview_url", sa.Text(), nullable=True),
        sa.Column("alt", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("stable_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_media_post_id")),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("pk_media")),
    )
    op.create_table(
        "note",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_note_campaign_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_note_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_post_id"), "note", ["post_id"], unique=False)
    op.create_table(
        "run",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("seen", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("new", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("gaps", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("requests", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("micros", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_run_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_source_id"), "run", ["source_id"], unique=False)
    op.create_table(
        "sighting",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("authority", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_sighting_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
        sa.UniqueConstraint("origin", "native_id", name=op.f("uq_sighting_origin_native_id")),
    )
    op.create_index(op.f("ix_sighting_post_id"), "sighting", ["post_id"], unique=False)
    op.create_table(
        "window",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("newest", sa.Text(), nullable=True),
        sa.Column("newest_at", sa.BigInteger(), nullable=False),
        sa.Column("oldest_at", sa.BigInteger(), nullable=True),
        sa.Column("floor_at", sa.BigInteger(), nullable=True),
        sa.Column("exhaustive", sa.Boolean(), nullable=False),
        sa.Column("items", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_window_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window")),
    )
    op.create_index("ix_window_source_id_query_id", "window", ["source_id", "query", "id"], unique=False)
    op.create_table(
        "metrics",
        sa.Column("sighting_id", ID, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("replies", sa.BigInteger(), nullable=True),
        sa.Column("reposts", sa.BigInteger(), nullable=True),
        sa.Column("quotes", sa.BigInteger(), nullable=True),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["sighting_id"], ["sighting.id"], name=op.f("fk_metrics_sighting_id")),
        sa.PrimaryKeyConstraint("sighting_id", name=op.f("pk_metrics")),
    )
    op.create_table(
        "payload",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("sighting_id", ID, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sighting_id"], ["sighting.id"], name=op.f("fk_payload_sighting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payload")),
        sa.UniqueConstraint("sighting_id", "sha256", name=op.f("uq_payload_sighting_id_sha256")),
    )
    op.create_table(
        "pointer",
        sa.Column("sighting_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["sighting_id"], ["sighting.id"], name=op.f("fk_pointer_sighting_id")),
        sa.ForeignKeyConstraint(["target_id"], ["sighting.id"], name=op.f("fk_pointer_target_id")),
        sa.PrimaryKeyConstraint("sighting_id", "kind", name=op.f("pk_pointer")),
    )
    op.create_index(op.f("ix_pointer_target_id"), "pointer", ["target_id"], unique=False)
    op.create_table(
        "payload_subject",
        sa.Column("payload_id", ID, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payload_id"], ["payload.id"], name=op.f("fk_payload_subject_payload_id")),
        sa.PrimaryKeyConstraint("payload_id", "origin", "name", name=op.f("pk_payload_subject")),
    )
    op.create_index("ix_payload_subject_origin_name", "payload_subject", ["origin", "name"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_payload_subject_origin_name", table_name="payload_subject")
    op.drop_table("payload_subject")
    op.drop_index(op.f("ix_pointer_target_id"), table_name="pointer")
    op.drop_table("pointer")
    op.drop_table("payload")
    op.drop_table("metrics")
    op.drop_index("ix_window_source_id_query_id", table_name="window")
    op.drop_table("window")
    op.drop_index(op.f("ix_sighting_post_id"), table_name="sighting")
    op.drop_table("sighting")
    op.drop_index(op.f("ix_run_source_id"), table_name="run")
    op.drop_table("run")
    op.drop_index(op.f("ix_note_post_id"), table_name="note")
    op.drop_table("note")
    op.drop_table("media")
    op.drop_table("gap")
    op.drop_index(op.f("ix_fingerprint_band_post_id"), table_name="fingerprint_band")
    op.drop_index("ix_fingerprint_band_band_post_id", table_name="fingerprint_band")
    op.drop_table("fingerprint_band")
    op.drop_table("entity")
    op.drop_index("ix_decision_campaign_id_post_id_id", table_name="decision")
    op.drop_table("decision")
    op.drop_index("ix_conversation_source_id_due_at", table_name="conversation")
    op.drop_table("conversation")
    op.drop_table("claim")
    op.drop_index("ix_campaign_post_post_id", table_name="campaign_post")
    op.drop_index("ix_campaign_post_campaign_id_status_added_at", table_name="campaign_post")
    op.drop_table("campaign_post")
    op.drop_index("ix_budget_entry_source_id_day", table_name="budget_entry")
    op.drop_index("ix_budget_entry_account_day", table_name="budget_entry")
    op.drop_table("budget_entry")
    op.drop_index(op.f("ix_thread_alias_thread_id"), table_name="thread_alias")
    op.drop_table("thread_alias")
    op.drop_table("standing")
    op.drop_table("source")
    op.drop_table("ruleset")
    op.drop_index(op.f("ix_post_url"), table_name="post")
    op.drop_index(op.f("ix_post_thread_id"), table_name="post")
    op.drop_index(op.f("ix_post_quote_id"), table_name="post")
    op.drop_index(op.f("ix_post_published_at"), table_name="post")
    op.drop_index(op.f("ix_post_parent_id"), table_name="post")
    op.drop_index(op.f("ix_post_link_id"), table_name="post")
    op.drop_index(op.f("ix_post_author_id"), table_name="post")
    op.drop_table("post")
    op.drop_table("tombstone")
    op.drop_index(op.f("ix_thread_address"), table_name="thread")
    op.drop_table("thread")
    op.drop_table("optout")
    op.drop_table("meta")
    op.drop_index(op.f("ix_change_thread_id"), table_name="change")
    op.drop_table("change")
    op.drop_table("campaign")
    op.drop_table("build")
    op.drop_index(op.f("ix_author_handle_folded"), table_name="author")
    op.drop_table("author")
    op.drop_table("account")
