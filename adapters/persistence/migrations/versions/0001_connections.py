"""Junction users, link tokens, connections and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "junction_users",
        sa.Column("junction_user_id", sa.Text, primary_key=True),
        sa.Column("patient_id", sa.Text, nullable=False),
        sa.Column("team_id", sa.Text),
        sa.Column("minted_at", sa.BigInteger, nullable=False),
    )
    op.create_index("junction_users_of_patient", "junction_users", ["patient_id", "minted_at"])
    op.create_table(
        "link_tokens",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("patient_id", sa.Text, nullable=False),
        sa.Column("junction_user_id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text),
        sa.Column("minted_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("bound_to", sa.Text),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("patient_id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("junction_user_id", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("seen_slug", sa.Text),
        sa.Column("seen_status", sa.Text),
        sa.Column("seen_created_on", sa.BigInteger),
        sa.Column("seen_error_type", sa.Text),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("listed_at", sa.BigInteger),
        sa.Column("listed_created_on", sa.BigInteger),
        sa.Column("sought_at", sa.BigInteger),
        sa.Column("let_go_at", sa.BigInteger),
        sa.Column("last_synced_at", sa.BigInteger),
        sa.UniqueConstraint("patient_id", "provider", name="connections_of_patient"),
    )
    op.create_index("connections_of_junction_user", "connections", ["junction_user_id"])
    op.create_table(
        "connection_events",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("patient_id", sa.Text, nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("error_type", sa.Text),
        sa.Column("request_id", sa.Text, nullable=False),
    )
    op.create_index(
        "connection_events_of_connection", "connection_events", ["connection_id", "id"]
    )
    op.create_table("database_marks", sa.Column("mark", sa.Text, primary_key=True))
