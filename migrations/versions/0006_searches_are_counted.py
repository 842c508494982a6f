"""searches are counted: which need, from what area, and how they ended."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RESULTS = ("0", "1-3", "4+")
OUTCOMES = (
    *("found", "farther", "not_eligible", "step_free", "remote", "language", "cost", "full"),
    *("no_time", "closed", "nothing"),
)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Add the table of counts."""
    op.create_table(
        "search_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("need", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("area", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("results", _one_of("results", *RESULTS), nullable=False),
        sa.Column("outcome", _one_of("outcome", *OUTCOMES), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.CheckConstraint("searches >= 1", name=op.f("ck_search_count_searches_counted")),
        sa.PrimaryKeyConstraint(
            "day", "need", "area", "results", "outcome", name=op.f("pk_search_count")
        ),
    )


def downgrade() -> None:
    """Forget the counts."""
    op.drop_table("search_count")
