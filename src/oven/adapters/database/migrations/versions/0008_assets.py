"""What users keep here."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "assets",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("owner", "type", "name", "status")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("bucket", "key", "thumbnail_key")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("checksum", "metadata", "facts")),
        sa.Column("folder_id", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("tags", "job", "upload")),
        sa.Column("error", sa.Text()),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at", "updated_at")),
        sa.Column("deleted_at", sa.BigInteger()),
    )
    for name, columns in {
        "ix_assets_job": ["job"],
        "assets_owner": ["owner", "created_at", "id"],
        "assets_created": ["created_at", "id"],
        "assets_object": ["bucket", "key"],
        "assets_deleted": ["deleted_at"],
    }.items():
        op.create_index(name, "assets", columns)
    op.create_table(
        "asset_tags",
        sa.Column("asset", sa.Text(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tag", sa.Text(), primary_key=True),
    )
    op.create_index("ix_asset_tags_tag", "asset_tags", ["tag"])
