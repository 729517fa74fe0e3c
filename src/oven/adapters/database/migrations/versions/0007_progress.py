"""Where the progress of a job is posted."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("progress_url", sa.Text(), nullable=False, server_default=sa.text("''")))
