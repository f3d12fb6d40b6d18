"""Webhook messages that were heard; what reconciling, forgetting and sweeping look for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Of rows that Junction does not list this says `pending`, as not every one of them is over: it
# only means that they are looked at first, and then it is set right.
_STATUS = """
UPDATE connections SET status = CASE seen_status
    WHEN 'connected' THEN 'connected'
    WHEN 'error' THEN 'error'
    WHEN 'paused' THEN 'disconnected'
    ELSE 'pending'
END
"""


def upgrade() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("heard_at", sa.BigInteger, nullable=False),
    )
    op.create_index("webhook_deliveries_by_age", "webhook_deliveries", ["heard_at"])
    op.add_column("junction_users", sa.Column("looked_at", sa.BigInteger))
    status = sa.Column("status", sa.Text, nullable=False, server_default="pending")
    op.add_column("connections", status)
    op.execute(_STATUS)
    op.create_index("connections_by_staleness", "connections", ["status", "seen_at", "id"])
    op.create_index("link_tokens_of_patient", "link_tokens", ["patient_id"])
    op.create_index(
        "link_tokens_unbound_by_age",
        "link_tokens",
        ["expires_at"],
        sqlite_where=sa.text("bound_to IS NULL"),
        postgresql_where=sa.text("bound_to IS NULL"),
    )
    op.drop_index("connection_events_of_connection", "connection_events")
    op.create_index(
        "connection_events_of_patient",
        "connection_events",
        ["patient_id", "connection_id", "id"],
    )
