"""When a campaign was closed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("closed_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("campaign", "closed_at")
