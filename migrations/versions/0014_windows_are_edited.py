"""slots of a window that is edited get new numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
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
    with op.batch_alter_table("availability_window") as batch_op:
        batch_op.drop_column("first_number")
