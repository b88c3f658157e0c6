"""Run by alembic: the connection that migrations work on, one process at a time."""

from alembic import context
from openfit.store import engine
from openfit.store.migrate import described
from openfit.store.tables import metadata
from sqlalchemy import text

OURS = 6_736_634  # any number, as long as nothing else in the database locks it

database = engine.create(context.config.attributes["url"])
try:
    with engine.write(database) as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:ours)"), {"ours": OURS})
        context.configure(connection=conn, target_metadata=metadata, include_object=described)
        with context.begin_transaction():
            context.run_migrations()
finally:
    database.dispose()
