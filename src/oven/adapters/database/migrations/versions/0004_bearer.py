"""Whether a message goes with the operator's own token."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    bearer: sa.Column[bool] = sa.Column(
        "is_bearer", sa.Boolean(), nullable=False, server_default=sa.text("0")
    )
    with op.batch_alter_table("outbox") as table:
        table.add_column(bearer)
