"""Re-checks that failed last are found by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FAILING = sa.text("attempts > 0 AND kind = 'recheck'")


def upgrade() -> None:
    op.create_index(
        "ix_conversation_failing", "conversation", ["source_id"], sqlite_where=FAILING, postgresql_where=FAILING
    )


def downgrade() -> None:
    op.drop_index("ix_conversation_failing", table_name="conversation")
