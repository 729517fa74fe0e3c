"""What users have begun of what is counted by the day; objects by the end of their time."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "charges",
        sa.Column("job", sa.Text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("run", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("owner", "kind")),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("charges_of_day", "charges", ["owner", "kind", "at"])
    op.create_index("artifacts_expires", "artifacts", ["expires_at"])
