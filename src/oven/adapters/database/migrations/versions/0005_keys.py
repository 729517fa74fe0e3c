"""Callers' own keys for their requests."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("owner", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_keys_job", "keys", ["job"])
    op.create_index("ix_keys_created_at", "keys", ["created_at"])
