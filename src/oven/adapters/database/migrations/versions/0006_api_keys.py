"""The API keys of users; the keys of requests get a name of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for column in ("job", "created_at"):
        op.drop_index(f"ix_keys_{column}", "keys")
    op.rename_table("keys", "idempotency_keys")
    for column in ("job", "created_at"):
        op.create_index(f"ix_idempotency_keys_{column}", "idempotency_keys", [column])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
    )
    op.create_index("ix_api_keys_owner", "api_keys", ["owner"])
