"""Whole fingerprints in the index of their bands: what shares a band by chance is told apart without reading posts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "fingerprint_band", sa.Column("fingerprint", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    own = "SELECT post.fingerprint FROM post WHERE post.id = fingerprint_band.post_id"
    op.execute(f"UPDATE fingerprint_band SET fingerprint = coalesce(({own}), 0)")
    op.drop_index("ix_fingerprint_band_band_post_id", table_name="fingerprint_band")
    op.create_index("ix_fingerprint_band_near", "fingerprint_band", ["band", "post_id", "fingerprint"])


def downgrade() -> None:
    op.drop_index("ix_fingerprint_band_near", table_name="fingerprint_band")
    op.create_index("ix_fingerprint_band_band_post_id", "fingerprint_band", ["band", "post_id"])
    op.drop_column("fingerprint_band", "fingerprint")
