"""Whether a job is making its results appear."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    publishing: sa.Column[bool] = sa.Column(
        "is_publishing", sa.Boolean(), nullable=False, server_default=sa.text("0")
    )
    with op.batch_alter_table("jobs") as table:
        table.add_column(publishing)
