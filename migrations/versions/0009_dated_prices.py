"""prices count while they are valid: search rows say until when theirs do.

Rows of services with dated prices are made anew by the worker's next minute.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEX = "ix_search_entry_prices_until"

entries = sa.table(
    "search_entry",
    sa.column("service_id", sa.Uuid()),
    sa.column("prices_until", sa.DateTime(timezone=True)),
)
costs = sa.table(
    "cost_option",
    sa.column("service_id", sa.Uuid()),
    sa.column("valid_from", sa.Date()),
    sa.column("valid_to", sa.Date()),
)


def upgrade() -> None:
    """Add the column, by itself: on SQLite, the table is not made anew and keeps its triggers."""
    op.add_column(
        "search_entry", sa.Column("prices_until", sa.DateTime(timezone=True), nullable=True)
    )
    known = sa.column("prices_until").is_not(None)
    op.create_index(
        INDEX, "search_entry", ["prices_until"], sqlite_where=known, postgresql_where=known
    )
    dated = sa.select(costs.c.service_id).where(
        costs.c.valid_from.is_not(None) | costs.c.valid_to.is_not(None)
    )
    op.execute(
        sa.update(entries)
        .where(entries.c.service_id.in_(dated))
        .values(prices_until=sa.text("'2000-01-01 00:00:00+00:00'"))
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_index(INDEX, table_name="search_entry")
    op.drop_column("search_entry", "prices_until")
