"""Refused attempts among the events, which name no provider; link tokens minted elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    minted_here = sa.Column("minted_here", sa.SmallInteger, nullable=False, server_default="1")
    op.add_column("link_tokens", minted_here)
    with op.batch_alter_table("connection_events") as events:  # SQLite copies the table
        events.alter_column("connection_id", existing_type=sa.Text, nullable=True)
        events.alter_column("provider", existing_type=sa.Text, nullable=True)
