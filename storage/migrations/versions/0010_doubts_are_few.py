"""Posts in doubt are found without reading the others."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DOUBTED = sa.text("doubt IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_post_doubt", "post", ["doubt"], sqlite_where=DOUBTED, postgresql_where=DOUBTED)


def downgrade() -> None:
    op.drop_index("ix_post_doubt", table_name="post")
