"""Parts of videos."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "scenes",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("asset", sa.Text(), sa.ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("owner", "name")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("start_s", "end_s")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at", "updated_at")),
    )
    op.create_index("scenes_asset", "scenes", ["asset", "start_s"])
