"""slots of a window that is edited get new numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision. On SQLite, the table is not made anew."""
    op.add_column(
        "availability_window",
        sa.Column("first_number", sa.Integer(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    """Undo this revision."""
    op.drop_column("availability_window", "first_number")
