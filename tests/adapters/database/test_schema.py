"""The tables and the migrations tell the same."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from oven.adapters.database.engine import FILE, open_database
from oven.adapters.database.schema import metadata


async def test_migrations_lead_to_the_schema(tmp_path: Path) -> None:
    """Nothing is left to change after them."""
    async with open_database(tmp_path):
        pass
    engine = create_engine(f"sqlite:///{tmp_path / FILE}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
