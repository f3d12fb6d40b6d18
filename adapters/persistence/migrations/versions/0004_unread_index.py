"""An index that nothing looks into any more, and that every link had to write a page of."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_index("connections_of_junction_user", "connections")
