"""Runs the migrations on the database that the caller has named."""

from alembic import context
from sqlalchemy import create_engine, event

engine = create_engine(context.config.attributes["url"])
# All or nothing, whatever breaks it off: sqlite3 by itself begins no transaction before tables change.
event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
with engine.connect() as connection:
    # SQLite alters most tables only by making them anew.
    context.configure(connection=connection, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
