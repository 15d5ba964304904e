"""Whose word a description of an author is, so that a lesser one never overwrites it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("author", sa.Column("authority", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    # Which sighting told each description is no longer known: the best one of the author's posts is the nearest.
    best = "SELECT max(post.authority) FROM post WHERE post.author_id = author.id"
    op.execute(f"UPDATE author SET authority = coalesce(({best}), 0)")


def downgrade() -> None:
    op.drop_column("author", "authority")
