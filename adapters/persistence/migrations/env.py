"""Alembic's entry: run the migrations in the transaction that `migrate` was given."""

from alembic import context

from adapters.persistence.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
)
with context.begin_transaction():
    context.run_migrations()
