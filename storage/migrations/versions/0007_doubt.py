"""Why readers get a bare link; every collected post is looked up again by the source that brought it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("post", sa.Column("doubt", sa.Text(), nullable=True))
    op.add_column("post", sa.Column("doubted_at", sa.BigInteger(), nullable=True))
    op.execute(
        "INSERT INTO conversation (source_id, post_id, kind, due_at, filled, attempts) "
        "SELECT campaign_post.source_id, campaign_post.post_id, 'recheck', campaign_post.added_at, false, 0 "
        "FROM campaign_post JOIN post ON post.id = campaign_post.post_id "
        "JOIN source ON source.id = campaign_post.source_id "
        "WHERE post.held AND NOT EXISTS "
        "(SELECT 1 FROM conversation WHERE conversation.post_id = campaign_post.post_id "
        "AND conversation.source_id = campaign_post.source_id AND conversation.kind = 'recheck')"
    )


def downgrade() -> None:
    op.drop_column("post", "doubted_at")
    op.drop_column("post", "doubt")
