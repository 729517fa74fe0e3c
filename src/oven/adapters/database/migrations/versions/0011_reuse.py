"""What decided about a job's result, and which objects it left, so that later jobs can copy them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for table, column in (("jobs", "fingerprint"), ("artifacts", "version")):
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_index("jobs_fingerprint", "jobs", ["fingerprint"])
