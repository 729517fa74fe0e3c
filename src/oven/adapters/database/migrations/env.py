"""Runs the migrations on the database that the caller has named."""

from alembic import context
from sqlalchemy import create_engine

url = context.config.get_main_option("sqlalchemy.url")
if url is None:
    raise RuntimeError("migrations need sqlalchemy.url")
engine = create_engine(url)
with engine.connect() as connection:
    # SQLite alters most tables only by making them anew.
    context.configure(connection=connection, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
